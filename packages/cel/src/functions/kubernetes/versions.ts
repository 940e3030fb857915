import { compare as compareVersions, parse as parseVersion } from "semver";
import { CelEvaluationError } from "../../cel-error.ts";
import { isObject, type CelObject, type CelValue } from "../../values.ts";
import { method, overload, type CelFunction } from "../define.ts";

const semverType = "kubernetes.Semver";

/** A semantic version as a value. */
class VersionValue implements CelObject {
  readonly celType = semverType;
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  equals(other: CelObject): boolean {
    return other instanceof VersionValue && compareVersions(this.text, other.text) === 0;
  }
  toNative(): string {
    return this.text;
  }
}

function parse(text: string, normalize: boolean): VersionValue | undefined {
  const whole = normalize ? normalized(text) : text;
  // The library accepts a leading "v" and white space around a version, which Kubernetes' library refuses.
  if (whole === undefined || !/^\d\S*$/.test(whole)) return undefined;
  const version = parseVersion(whole);
  return version === null ? undefined : new VersionValue(whole);
}

/** Without a leading "v", with missing parts as 0, and numbers without leading zeros. A short version with a pre-release is invalid: undefined. */
function normalized(text: string): string | undefined {
  const [, core = "", rest = ""] = /^v?([^-+]*)(.*)$/s.exec(text) ?? [];
  const parts = core.split(".");
  if (parts.length < 3 && rest !== "") return undefined;
  while (parts.length < 3) parts.push("0");
  return parts.map((part) => part.replace(/^0+(?=\d)/, "")).join(".") + rest;
}

function toVersion(text: string, normalize: boolean): VersionValue {
  const version = parse(text, normalize);
  if (version === undefined)
    throw new CelEvaluationError(`"${text.slice(0, 64)}" is not a valid semantic version (as 1.2.3)`);
  return version;
}

function versionOf(value: CelValue): string {
  if (isObject(value) && value instanceof VersionValue) return value.text;
  throw new CelEvaluationError("no such overload: the value is not a semantic version");
}

function part(name: "major" | "minor" | "patch"): CelFunction {
  return method(name, [semverType], "int", (_, value) => BigInt(parseVersion(versionOf(value))?.[name] ?? 0));
}

function comparison(name: string, holds: (order: number) => boolean): CelFunction {
  return method(name, [semverType, semverType], "bool", (_, left, right) =>
    holds(compareVersions(versionOf(left), versionOf(right))),
  );
}

/** Semantic versions (Kubernetes' CEL library `semver`). */
export const versionFunctions: readonly CelFunction[] = [
  overload("semver", ["string"], semverType, (_, text) => toVersion(text, false)),
  overload("semver", ["string", "bool"], semverType, (_, text, normalize) => toVersion(text, normalize)),
  overload("isSemver", ["string"], "bool", (_, text) => parse(text, false) !== undefined),
  overload("isSemver", ["string", "bool"], "bool", (_, text, normalize) => parse(text, normalize) !== undefined),
  part("major"),
  part("minor"),
  part("patch"),
  comparison("isLessThan", (order) => order < 0),
  comparison("isGreaterThan", (order) => order > 0),
  method("compareTo", [semverType, semverType], "int", (_, left, right) =>
    BigInt(compareVersions(versionOf(left), versionOf(right))),
  ),
];
