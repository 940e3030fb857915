import type { AffectedPackage, AffectedRange, FixStatus } from "@plimsoll/model";
import { field, listField, objectField, objectsField, textField, textsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

/** What a package blob states about versions: https://github.com/anchore/grype, grype/db/v6/blobs.go. */
export type BlobStatement = Omit<AffectedPackage, "advisory" | "namespace" | "name">;

/** One statement per fix state, since a state holds for its own ranges only. */
export function readPackageBlob(blob: JsonObject): readonly BlobStatement[] {
  const qualifiers = readQualifiers(objectField(blob, "qualifiers"));
  return objectsField(blob, "ranges").flatMap((range) => {
    const fix = objectField(range, "fix");
    const state = textField(fix, "state");
    if (state === "not-affected") return [];
    const version = state === "fixed" ? textField(fix, "version") : undefined;
    const constraint = field(objectField(range, "version"), "constraint");
    const status = version === undefined ? statuses.get(state ?? "") : undefined;
    return [
      {
        ...readConstraint(typeof constraint === "string" ? constraint : "", version),
        ...(version === undefined ? {} : { patched: [version] }),
        ...(status === undefined ? {} : { status }),
        ...(qualifiers === undefined ? {} : { qualifiers }),
      },
    ];
  });
}

const statuses: ReadonlyMap<string, FixStatus> = new Map([
  ["not-fixed", "affected"],
  ["wont-fix", "will_not_fix"],
]);

/**
 * `>= 1, < 2 || = 3` (grype/version): alternatives that are plain spans become ranges, others stay expressions. An empty one
 * holds for every version. Only a bound that is the stated fix is written as one.
 */
export function readConstraint(
  constraint: string,
  fix: string | undefined,
): Pick<AffectedPackage, "ranges" | "versions" | "expressions"> {
  const ranges: AffectedRange[] = [];
  const versions: string[] = [];
  const expressions: string[] = [];
  for (const alternative of constraint.split("||").map((part) => part.trim())) {
    const range = spanOf(alternative, fix);
    const exact = /^=?\s*([^\s<>=,|]+)$/.exec(alternative)?.[1];
    if (alternative === "") ranges.push({ introduced: "0", end: { kind: "open" } });
    else if (exact !== undefined) versions.push(exact);
    else if (range !== undefined) ranges.push(range);
    else expressions.push(alternative);
  }
  return {
    ranges,
    ...(versions.length === 0 ? {} : { versions }),
    ...(expressions.length === 0 ? {} : { expressions }),
  };
}

function spanOf(alternative: string, fix: string | undefined): AffectedRange | undefined {
  const [, from, operator, to] =
    /^(?:>=\s*([^\s<>=,|]+)\s*(?:,\s*)?)?(?:(<=?)\s*([^\s<>=,|]+))?$/.exec(alternative) ?? [];
  const introduced = from ?? "0";
  if (to === undefined) return from === undefined ? undefined : { introduced, end: { kind: "open" } };
  if (operator === "<=") return { introduced, end: { kind: "last-affected", version: to } };
  return to === fix ? { introduced, end: { kind: "fixed", version: to } } : undefined;
}

function readQualifiers(stated: JsonObject | undefined): Readonly<Record<string, string>> | undefined {
  const found: Record<string, string> = {};
  const module = field(stated, "rpm_modularity");
  if (typeof module === "string") found["module"] = module;
  const architecture = textField(stated, "architecture");
  if (architecture !== undefined && architecture !== "binary-no-arch-specified") found["arch"] = architecture;
  const imports = listField(stated, "go_imports").flatMap((entry) => readImport(entry));
  if (imports.length > 0) found["imports"] = JSON.stringify(imports);
  return Object.keys(found).length === 0 ? undefined : found;
}

function readImport(entry: unknown): { path: string; symbols?: readonly string[] }[] {
  const stated = typeof entry === "object" && entry !== null ? (entry as JsonObject) : undefined; // as: just checked
  const path = textField(stated, "path");
  const symbols = textsField(stated, "symbols");
  return path === undefined ? [] : [{ path, ...(symbols.length === 0 ? {} : { symbols }) }];
}
