import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { parseNativeRange } from "../shared/versions/native-range.ts";

/** A gem version as segments: numbers are digits without leading zeros, words belong to pre-releases. */
type Segments = readonly string[];

/** Versions of Ruby gems, as `Gem::Version` and `Gem::Requirement` see them (rubygems, `lib/rubygems/version.rb`). */
export const gemVersions: VersionScheme = defineVersionScheme<Segments>({
  id: "rubygems",
  parse: parseGemVersion,
  compare: compareSegments,
  satisfies: satisfiesRequirement,
  bounds: (range) => parseNativeRange(range, {}),
});

/** A word right behind the first number is refused by RubyGems but found in the wild. */
const pattern = /^[0-9]+[A-Za-z]*(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** A platform at the end, as file names of compiled gems have it: `-x86_64-linux-musl`, `-java`, `-universal-darwin-20`. */
const platform =
  /-(?:(?:x86|x64|i[3-6]86|amd64|aarch64|arm|armv\d\w*|universal|powerpc\w*|ppc\w*|s390x?|sparc\w*|riscv\w*|mips\w*)(?:[-_].*)?|java|jruby|dalvik|mswin\d*|x?mingw\w*|linux.*|darwin.*)$/;

/** Undefined for texts that `Gem::Version` refuses; blank text is version 0. */
export function parseGemVersion(text: string): Segments | undefined {
  if (text.length > 256) return undefined;
  const trimmed = text.trim();
  if (trimmed === "") return canonical(["0"]);
  const plain = trimmed.replace(platform, "");
  if (!pattern.test(plain)) return undefined;
  return canonical(plain.replaceAll("-", ".pre.").match(/[0-9]+|[a-z]+/gi) ?? []);
}

/** Zeros at the end of the numbers before the first word, and at the very end, do not count. */
function canonical(segments: readonly string[]): Segments {
  const plain = segments.map((segment) => (isNumber(segment) ? segment.replace(/^0+(?=\d)/, "") : segment));
  const firstWord = plain.findIndex((segment) => !isNumber(segment));
  const cut = firstWord === -1 ? plain.length : firstWord;
  return [...withoutZeros(plain.slice(0, cut)), ...withoutZeros(plain.slice(cut))];
}

function withoutZeros(segments: readonly string[]): readonly string[] {
  let end = segments.length;
  while (end > 0 && segments[end - 1] === "0") end--;
  return segments.slice(0, end);
}

function isNumber(segment: string): boolean {
  const code = segment.charCodeAt(0);
  return code >= 48 && code <= 57;
}

function compareSegments(a: Segments, b: Segments): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const left = a[at] ?? "0";
    const right = b[at] ?? "0";
    if (left === right) continue;
    if (isNumber(left) !== isNumber(right)) return isNumber(left) ? 1 : -1;
    return isNumber(left) && left.length !== right.length ? left.length - right.length : compareText(left, right);
  }
  return 0;
}

const requirement = /^(~>|>=|<=|!=|==|=|>|<)?([0-9A-Za-z][0-9A-Za-z.-]*)$/;

/**
 * Whether a version meets requirements: conditions joined by commas or spaces, alternatives by `||`. Undefined when either
 * cannot be read and the readable conditions do not decide.
 */
function satisfiesRequirement(version: string, requirements: string): boolean | undefined {
  const candidate = parseGemVersion(version);
  if (candidate === undefined || requirements.length > 4_096) return undefined;
  let unknown = false;
  for (const alternative of requirements.split("||")) {
    const verdict = meetsAll(candidate, alternative);
    if (verdict === true) return true;
    if (verdict === undefined) unknown = true;
  }
  return unknown ? undefined : false;
}

function meetsAll(candidate: Segments, alternative: string): boolean | undefined {
  let unknown = false;
  for (const condition of alternative.replace(/([<>=!~])\s+/g, "$1").split(/[\s,]+/)) {
    if (condition === "") continue;
    const [, operator = "=", text = ""] = requirement.exec(condition) ?? [];
    const bound = text === "" ? undefined : parseBound(text);
    if (bound === undefined) unknown = true;
    else if (!meets(candidate, operator, bound)) return false;
  }
  return unknown ? undefined : true;
}

interface Bound {
  /** As written, zeros at the end kept: `~>` counts them. */
  readonly written: readonly string[];
  readonly segments: Segments;
}

function parseBound(text: string): Bound | undefined {
  const segments = parseGemVersion(text);
  const written = text.replaceAll("-", ".pre.").match(/[0-9]+|[a-z]+/gi) ?? [];
  return segments === undefined ? undefined : { written, segments };
}

function meets(candidate: Segments, operator: string, { written, segments }: Bound): boolean {
  const order = compareSegments(candidate, segments);
  switch (operator) {
    case "~>":
      return order >= 0 && compareSegments(releaseOf(candidate), bumped(written)) < 0;
    case ">=":
      return order >= 0;
    case "<=":
      return order <= 0;
    case "!=":
      return order !== 0;
    case ">":
      return order > 0;
    case "<":
      return order < 0;
    default:
      return order === 0;
  }
}

/** The release that a pre-release leads to. */
function releaseOf(segments: Segments): Segments {
  const word = segments.findIndex((segment) => !isNumber(segment));
  return word === -1 ? segments : withoutZeros(segments.slice(0, word));
}

/** `1.4.4` to `1.5`: the last number is dropped and the one before it raised. */
function bumped(written: readonly string[]): Segments {
  const word = written.findIndex((segment) => !isNumber(segment));
  const numbers = word === -1 ? [...written] : written.slice(0, word);
  if (numbers.length > 1) numbers.pop();
  return canonical([...numbers.slice(0, -1), String(BigInt(numbers.at(-1) ?? "0") + 1n)]);
}
