import { compareText, defineVersionScheme, satisfiesOperators } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { adoptEpoch } from "./adopt-epoch.ts";
import { compareDigits } from "./digits.ts";

interface Evr {
  readonly epoch: string;
  readonly version: readonly Part[];
  /** Parts of the release. Undefined where the text has no release, which is older than any. */
  readonly release: readonly Part[] | undefined;
}

interface Part {
  readonly rank: number;
  readonly text: string;
}

/** The order of parts: where two versions first differ, the one with the part of the higher rank is newer. */
const rank = { beginning: -2, tilde: -1, end: 0, caret: 1, letters: 2, digits: 3 } as const;

const endPart: Part = { rank: rank.end, text: "" };

const grammar = {
  id: "rpm",
  parse,
  compare: (a: Evr, b: Evr): number =>
    compareDigits(a.epoch, b.epoch) || compareParts(a.version, b.version) || compareReleases(a.release, b.release),
};

/** With a missing epoch as 0: how rpm itself orders. */
const plain: VersionScheme = defineVersionScheme<Evr>(grammar);

/**
 * How rpm orders `epoch:version-release`: rpm `rpmio/rpmvercmp.c`, rpm-version(7). `compare` takes a missing epoch as 0,
 * as rpm does. Ranges, which come from advisories that often leave epochs out, compare without epochs where one side has none.
 */
export const rpmVersions: VersionScheme = defineVersionScheme<Evr>({
  ...grammar,
  satisfies: (version, range) =>
    satisfiesOperators((a, b) => plain.compare(adoptEpoch(a, b), adoptEpoch(b, a)), version, range),
});

/** What OSV's `0` means: before every version of the form 0…, also before `0~0`. */
const beginningOfTime: readonly Part[] = [
  { rank: rank.digits, text: "0" },
  { rank: rank.beginning, text: "" },
];

function parse(text: string): Evr | undefined {
  if (/[\s\p{Cc}]/u.test(text)) return undefined;
  const epoch = /^(\d+):/.exec(text)?.[1];
  const rest = epoch === undefined ? text : text.slice(epoch.length + 1);
  const hyphen = rest.indexOf("-");
  // Neither part may hold a hyphen: with two of them the text is one part that somebody cut out of a name.
  if (hyphen === -1 || hyphen !== rest.lastIndexOf("-")) {
    const isBeginning = rest === "0" && /^0*$/.test(epoch ?? "");
    return { epoch: epoch ?? "", version: isBeginning ? beginningOfTime : split(rest), release: undefined };
  }
  return { epoch: epoch ?? "", version: split(rest.slice(0, hyphen)), release: split(rest.slice(hyphen + 1)) };
}

/** Splits a text into runs of digits, runs of letters, `~` and `^`. All other characters only separate. */
function split(text: string): readonly Part[] {
  return Array.from(text.matchAll(/\d+|[A-Za-z]+|[~^]/g), ([part]) => ({ rank: rankOf(part), text: part }));
}

function rankOf(part: string): number {
  if (part === "~") return rank.tilde;
  if (part === "^") return rank.caret;
  return part.charCodeAt(0) <= 0x39 ? rank.digits : rank.letters;
}

function compareReleases(a: readonly Part[] | undefined, b: readonly Part[] | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return compareParts(a, b);
}

function compareParts(a: readonly Part[], b: readonly Part[]): number {
  for (let at = 0; at < a.length || at < b.length; at++) {
    const left = a[at] ?? endPart;
    const right = b[at] ?? endPart;
    const order =
      left.rank - right.rank ||
      (left.rank === rank.digits ? compareDigits(left.text, right.text) : compareText(left.text, right.text));
    if (order !== 0) return order;
  }
  return 0;
}
