import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareDigits } from "../shared/digits.ts";

interface AlpmVersion {
  readonly epoch: string;
  readonly version: readonly Segment[];
  /** Undefined: the text has none, and fits any. */
  readonly release: readonly Segment[] | undefined;
}

interface Segment {
  /** Characters before it that are neither letters nor digits. */
  readonly separators: number;
  readonly numeric: boolean;
  readonly text: string;
}

/**
 * How pacman orders `epoch:version-release`: `alpm_pkg_vercmp` in pacman `lib/libalpm/version.c`. A release that one side
 * lacks is not compared, so that `1.0` equals both `1.0-1` and `1.0-2`: among versions with a release the order is total.
 */
export const versions: VersionScheme = defineVersionScheme<AlpmVersion>({
  id: "alpm",
  parse,
  compare: (a, b) =>
    compareDigits(a.epoch, b.epoch) ||
    compareSegments(a.version, b.version) ||
    (a.release === undefined || b.release === undefined ? 0 : compareSegments(a.release, b.release)),
});

function parse(text: string): AlpmVersion | undefined {
  if (!/^[!-~]+$/.test(text)) return undefined;
  const epoch = /^(\d+):/.exec(text)?.[1];
  const rest = epoch === undefined ? text : text.slice(epoch.length + 1);
  const hyphen = rest.lastIndexOf("-");
  const version = split(hyphen === -1 ? rest : rest.slice(0, hyphen));
  if (version.length === 0) return undefined;
  return { epoch: epoch ?? "", version, release: hyphen === -1 ? undefined : split(rest.slice(hyphen + 1)) };
}

function split(text: string): readonly Segment[] {
  let end = 0;
  return Array.from(text.matchAll(/\d+|[A-Za-z]+/g), ({ 0: part, index }) => {
    const separators = index - end;
    end = index + part.length;
    return { separators, numeric: part.charCodeAt(0) <= 0x39, text: part };
  });
}

function compareSegments(a: readonly Segment[], b: readonly Segment[]): number {
  for (let at = 0; ; at++) {
    const left = a[at];
    const right = b[at];
    if (left === undefined || right === undefined) return remainder(left) - remainder(right);
    const order =
      left.separators - right.separators ||
      Number(left.numeric) - Number(right.numeric) ||
      (left.numeric ? compareDigits(left.text, right.text) : compareText(left.text, right.text));
    if (order !== 0) return order;
  }
}

/** What a further segment makes of a version: letters right behind a number are of a pre-release (`1.5b`), all else is newer. */
function remainder(segment: Segment | undefined): number {
  if (segment === undefined) return 0;
  return segment.separators === 0 && !segment.numeric ? -1 : 1;
}
