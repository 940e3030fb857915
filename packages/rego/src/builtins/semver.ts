/** Versions of SemVer 2.0.0; a leading `v` is let through. */

import type { Value } from "../values/value.ts";
import { builtin, BuiltinError, type Builtin } from "./builtin.ts";
import { stringAt } from "./operands.ts";

interface Version {
  readonly numbers: readonly bigint[];
  readonly preRelease: string;
}

const number = "(0|[1-9]\\d{0,18})";
const identifiers = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";
const pattern = new RegExp(`^v?${number}\\.${number}\\.${number}(?:-(${identifiers}))?(?:\\+${identifiers})?$`);

function parse(text: string): Version | undefined {
  const match = pattern.exec(text.slice(0, 4096));
  if (match === null || text.length > 4096) return undefined;
  const [, major = "", minor = "", patch = "", preRelease = ""] = match;
  if (preRelease.split(".").some((each) => /^0\d+$/.test(each))) return undefined;
  const numbers = [major, minor, patch].map(BigInt);
  return numbers.some((each) => each >= 2n ** 63n) ? undefined : { numbers, preRelease };
}

function sign(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareIdentifiers(left: string, right: string): number {
  const [isLeft, isRight] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (isLeft && isRight) return sign(BigInt(left), BigInt(right));
  if (isLeft !== isRight) return isLeft ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareVersions(a: Version, b: Version): number {
  for (const [index, each] of a.numbers.entries()) {
    const order = sign(each, b.numbers[index] ?? 0n);
    if (order !== 0) return order;
  }
  if (a.preRelease === "" || b.preRelease === "") return Number(a.preRelease === "") - Number(b.preRelease === "");
  const [left, right] = [a.preRelease.split("."), b.preRelease.split(".")];
  for (const [index, each] of left.entries()) {
    const other = right[index];
    const order = other === undefined ? 1 : compareIdentifiers(each, other);
    if (order !== 0) return order;
  }
  return Math.sign(left.length - right.length);
}

function versionAt(args: readonly Value[], index: number): Version {
  const text = stringAt(args, index);
  const version = parse(text);
  if (version === undefined)
    throw new BuiltinError(`operand ${index + 1}: string ${JSON.stringify(text)} is not a valid SemVer`);
  return version;
}

export const semverBuiltins: readonly Builtin[] = [
  builtin("semver.is_valid", "(any) => boolean", ([text]) => typeof text === "string" && parse(text) !== undefined),
  builtin("semver.compare", "(string, string) => number", (args) => {
    stringAt(args, 0);
    stringAt(args, 1);
    return compareVersions(versionAt(args, 0), versionAt(args, 1));
  }),
];
