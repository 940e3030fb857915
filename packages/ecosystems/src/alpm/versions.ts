import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareDigits } from "../shared/versions/digits.ts";

interface AlpmVersion {
  readonly epoch: string;
  readonly version: Part;
  /** Undefined: the text has none, and fits any. */
  readonly release: Part | undefined;
}

interface Part {
  readonly segments: readonly Segment[];
  /** Ends with characters that are neither letters nor digits. */
  readonly isOpen: boolean;
}

interface Segment {
  /** Characters before it that are neither letters nor digits. */
  readonly separators: number;
  readonly numeric: boolean;
  readonly text: string;
}

/**
 * How pacman orders `epoch:version-release`: `alpm_pkg_vercmp` in pacman `lib/libalpm/version.c`. A release that one side
 * lacks is not compared, so that `1.0` equals both `1.0-1` and `1.0-2`. Among versions with a release the order is total, but for those
 * that end with a separator: to pacman `1.0` is older than `1..a`, that is older than `1..`, and that is older than `1.0`.
 */
export const versions: VersionScheme = defineVersionScheme<AlpmVersion>({
  id: "alpm",
  parse,
  compare: (a, b) =>
    compareDigits(a.epoch, b.epoch) ||
    compareParts(a.version, b.version) ||
    (a.release === undefined || b.release === undefined ? 0 : compareParts(a.release, b.release)),
});

function parse(text: string): AlpmVersion | undefined {
  if (!/^[!-~]+$/.test(text)) return undefined;
  const epoch = /^(\d*):/.exec(text)?.[1];
  const rest = epoch === undefined ? text : text.slice(epoch.length + 1);
  const hyphen = rest.lastIndexOf("-");
  return {
    epoch: epoch ?? "",
    version: split(hyphen === -1 ? rest : rest.slice(0, hyphen)),
    release: hyphen === -1 ? undefined : split(rest.slice(hyphen + 1)),
  };
}

function split(text: string): Part {
  let end = 0;
  const segments = Array.from(text.matchAll(/\d+|[A-Za-z]+/g), ({ 0: part, index }) => {
    const separators = index - end;
    end = index + part.length;
    return { separators, numeric: part.charCodeAt(0) <= 0x39, text: part };
  });
  return { segments, isOpen: end < text.length };
}

function compareParts(a: Part, b: Part): number {
  for (let at = 0; ; at++) {
    const left = a.segments[at];
    const right = b.segments[at];
    if (left === undefined && right === undefined) return Number(a.isOpen) - Number(b.isOpen);
    if (left === undefined || right === undefined) return remainder(left, b) - remainder(right, a);
    const order =
      left.separators - right.separators ||
      Number(left.numeric) - Number(right.numeric) ||
      (left.numeric ? compareDigits(left.text, right.text) : compareText(left.text, right.text));
    if (order !== 0) return order;
  }
}

/**
 * What a further segment makes of a version. Letters make it older when they stand right behind the number before them (`1.5b` is a
 * pre-release), or when the other side has a separator in that place too; all else is newer.
 */
function remainder(segment: Segment | undefined, other: Part): number {
  if (segment === undefined) return 0;
  return !segment.numeric && (segment.separators === 0 || other.isOpen) ? -1 : 1;
}
