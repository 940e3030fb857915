import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareDigits } from "./digits.ts";

interface DebVersion {
  /** Digits of the epoch without leading zeros. */
  readonly epoch: string;
  readonly upstream: readonly Run[];
  readonly revision: readonly Run[];
  /** Set for texts such as `<end-of-life>`, which are only sorted: behind all versions, among each other by text. */
  readonly foreign?: string;
}

/** Characters other than digits, then digits; either may be empty. */
export interface Run {
  readonly text: string;
  /** Without leading zeros. */
  readonly digits: string;
}

/** How dpkg orders versions: Debian Policy §5.6.12, deb-version(7). */
export const dpkgVersions: VersionScheme = defineVersionScheme<DebVersion>({
  id: "debian",
  parse,
  isForeign: ({ foreign }) => foreign !== undefined,
  compare: (a, b) =>
    compareText(a.foreign ?? "", b.foreign ?? "") ||
    compareDigits(a.epoch, b.epoch) ||
    compareRuns(a.upstream, b.upstream) ||
    compareRuns(a.revision, b.revision),
});

/** What OSV's `0` means: before every version, also before `0~0`, which dpkg puts before `0`. */
const beginningOfTime: readonly Run[] = [{ text: "~~", digits: "" }];

function parse(text: string): DebVersion | undefined {
  const colon = text.indexOf(":");
  const epoch = colon === -1 ? "0" : text.slice(0, colon);
  const rest = text.slice(colon + 1);
  // The last hyphen; upstream versions may have others.
  const hyphen = rest.lastIndexOf("-");
  const upstream = hyphen === -1 ? rest : rest.slice(0, hyphen);
  const revision = hyphen === -1 ? "" : rest.slice(hyphen + 1);
  if (
    !/^\d+$/.test(epoch) ||
    !/^\d[\w.+~:-]*$/.test(upstream) ||
    !/^[\w.+~]*$/.test(revision) ||
    (hyphen !== -1 && revision === "")
  )
    return /^(?:[a-z]+|<[a-z-]+>)$/.test(text) ? { epoch: "", upstream: [], revision: [], foreign: text } : undefined;
  return {
    epoch: significant(epoch),
    upstream: rest === "0" && significant(epoch) === "" ? beginningOfTime : splitRuns(upstream),
    revision: splitRuns(revision),
  };
}

/** A version, or a part of one, as runs to be compared one by one. */
export function splitRuns(text: string): readonly Run[] {
  const runs: Run[] = [];
  for (const [, other = "", digits = ""] of text.matchAll(/(\D*)(\d*)/g))
    if (other !== "" || digits !== "") runs.push({ text: other, digits: significant(digits) });
  return runs;
}

function significant(digits: string): string {
  return digits.replace(/^0+/, "");
}

const emptyRun: Run = { text: "", digits: "" };

/** Orders runs as dpkg does: a tilde before the end, letters before all other characters, digits by value. */
export function compareRuns(a: readonly Run[], b: readonly Run[]): number {
  for (let at = 0; at < a.length || at < b.length; at++) {
    const left = a[at] ?? emptyRun;
    const right = b[at] ?? emptyRun;
    const order = compareOther(left.text, right.text) || compareDigits(left.digits, right.digits);
    if (order !== 0) return order;
  }
  return 0;
}

function compareOther(a: string, b: string): number {
  for (let at = 0; at < a.length || at < b.length; at++) {
    const order = weight(a, at) - weight(b, at);
    if (order !== 0) return order;
  }
  return 0;
}

/** The place of a character in dpkg's order: a tilde comes before the end of the text, letters before all other characters. */
function weight(text: string, at: number): number {
  if (at >= text.length) return 0;
  const code = text.charCodeAt(at);
  if (code === 0x7e) return -1;
  return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a ? code : code + 256;
}
