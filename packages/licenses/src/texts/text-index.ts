import list from "spdx-license-list/full.js";
import { currentId } from "../spdx/current-ids.ts";
import { licenseId } from "../spdx/license-list.ts";
import { NumberTable } from "./number-table.ts";
import { addSpellings, readWords, wordHash } from "./word-stream.ts";

/** A licence text to look for. */
export interface Template {
  readonly id: string;
  /** Ids of the dictionary, one for each word. */
  readonly words: Int32Array;
  /** Words before this one and from `coreEnd` on are titles and appendices, which copies leave out. */
  readonly coreStart: number;
  readonly coreEnd: number;
  /** 1 for words that copies replace by a name: of whom holds the rights, disclaims, or may not be named. */
  readonly names: Uint8Array;
  /** How many of its runs of words are in the index. */
  readonly indexed: number;
}

/** Words in a run that is looked up. */
export const runLength = 4;

/** Every known text, and where each run of four words stands in them. */
export interface TextIndex {
  readonly templates: readonly Template[];
  /** Ids of words by their hash; 0 for words that no licence has. */
  readonly words: NumberTable;
  /** Ids of words with which sentences grant, demand or forbid. */
  readonly modals: ReadonlySet<number>;
  /** Numbers of runs by their hash, 0 for what no text has. The postings of run n stand from `postingStarts[n - 1]` to `postingStarts[n]`. */
  readonly runs: NumberTable;
  readonly postingTemplates: Uint16Array;
  readonly postingPositions: Uint16Array;
  readonly postingStarts: Int32Array;
}

/** Of longer texts every fourth run is looked up, of very long ones every eighth, chosen by its hash and so the same ones in every copy. */
function sampling(words: number): number {
  return words < 80 ? 0 : words < 600 ? 3 : 7;
}

/** Runs that more texts than this share say nothing. */
const maxSharers = 250;

/** Mixes the ids of four words. */
export function runHash(a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) | 0;
}

const modalWords = [
  "may",
  "must",
  "shall",
  "should",
  "not",
  "no",
  "only",
  "cannot",
  "permitted",
  "prohibited",
  "required",
  "disallowed",
  "granted",
  "forbidden",
];

let built: TextIndex | undefined;

/** The index over the texts of the SPDX list, built at the first use, which takes about a second. */
export function textIndex(): TextIndex {
  return (built ??= build());
}

function build(): TextIndex {
  const words = new NumberTable(32_768);
  const runs = new NumberTable(262_144);
  const seen = new Set<string>();
  const templates: Template[] = [];
  /** Number of the run, template and position, of every run in turn. */
  const found: number[] = [];
  for (const [id, text] of everyText()) {
    const stream = readWords(text);
    if (stream.length < runLength + 2) continue;
    const ids = new Int32Array(stream.length);
    for (let at = 0; at < ids.length; at++) ids[at] = numbered(words, stream.words[at] ?? 0);
    const key = ids.join(" ");
    if (seen.has(key)) continue;
    seen.add(key);
    const mask = sampling(ids.length);
    let indexed = 0;
    for (let at = 0; at + runLength <= ids.length; at++) {
      const run = runHash(ids[at] ?? 0, ids[at + 1] ?? 0, ids[at + 2] ?? 0, ids[at + 3] ?? 0);
      if ((run & mask) !== 0) continue;
      indexed += 1;
      found.push(numbered(runs, run), templates.length, at);
    }
    const [coreStart, coreEnd] = core(text, stream.starts);
    templates.push({ id, words: ids, coreStart, coreEnd, indexed, names: nameWords(text, stream.starts) });
  }
  const modals = new Set(modalWords.map((word) => words.get(wordHash(word))).filter((id) => id !== 0));
  addSpellings(words);
  return { templates, words, modals, runs, ...postings(runs.size, found) };
}

function numbered(table: NumberTable, key: number): number {
  const known = table.get(key);
  if (known !== 0) return known;
  table.set(key, table.size + 1);
  return table.size;
}

/** Sorts what was found by run. */
function postings(
  runs: number,
  found: readonly number[],
): Pick<TextIndex, "postingStarts" | "postingTemplates" | "postingPositions"> {
  const counts = new Int32Array(runs + 1);
  for (let at = 0; at < found.length; at += 3) counts[found[at] ?? 0] = (counts[found[at] ?? 0] ?? 0) + 1;
  const postingStarts = new Int32Array(runs + 1);
  for (let run = 1; run <= runs; run++) {
    const sharers = counts[run] ?? 0;
    postingStarts[run] = (postingStarts[run - 1] ?? 0) + (sharers > maxSharers ? 0 : sharers);
  }
  const total = postingStarts[runs] ?? 0;
  const postingTemplates = new Uint16Array(total);
  const postingPositions = new Uint16Array(total);
  const next = postingStarts.slice();
  for (let at = 0; at < found.length; at += 3) {
    const run = found[at] ?? 0;
    if ((counts[run] ?? 0) > maxSharers) continue;
    const slot = next[run - 1] ?? 0;
    next[run - 1] = slot + 1;
    postingTemplates[slot] = found[at + 1] ?? 0;
    postingPositions[slot] = found[at + 2] ?? 0;
  }
  return { postingStarts, postingTemplates, postingPositions };
}

/**
 * Texts in the order in which ids win over others with the same text: of the GNU licences `-only`, without the withdrawn ids,
 * plain ids before their variants.
 */
function everyText(): [string, string][] {
  return Object.entries(list)
    .filter(
      ([id]) => licenseId(id) !== undefined && (currentId(id).license === id || currentId(id).exception !== undefined),
    )
    .flatMap(([id, { licenseText }]): [string, string][] => [[id, licenseText], ...alone(id, licenseText)])
    .sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
}

/** The list's text of LGPL-3.0 has that of GPL-3.0 behind it; most copies have not. */
function alone(id: string, text: string): [string, string][] {
  const second = text.indexOf("GNU GENERAL PUBLIC LICENSE\n", 200);
  return id.startsWith("LGPL-3.0") && second > 0 ? [[id, text.slice(0, second)]] : [];
}

/** Where the words that every copy has begin and end: behind the title and before "how to apply". */
function core(text: string, starts: Int32Array): [number, number] {
  const stated = /By exercising the Licensed Rights|THE WORK \(AS DEFINED BELOW\) IS PROVIDED/.exec(text);
  const opening = stated === null ? titleLength(text) : stated.index;
  const closing =
    /(?:\n\s*END OF TERMS AND CONDITIONS|\n\s*(?:APPENDIX|Exhibit A|EXHIBIT A|Appendix)\b|\n[^\n]{0,40}(?:How to Apply These Terms|How to use this License)|\n\s*Creative Commons (?:Notice|is not a party))/i.exec(
      text,
    );
  const end = closing !== null && closing.index > text.length * 0.5 ? closing.index : text.length;
  let first = starts.findIndex((start) => start >= opening);
  let last = starts.findIndex((start) => start >= end);
  if (last === -1) last = starts.length;
  if (first === -1 || first > starts.length * 0.4 || last - first < 8) first = 0;
  return [first, last];
}

/** Where texts name whom they are about: SPDX templates mark these places as replaceable, the plain texts do not. */
const namePlaces: readonly RegExp[] = [
  /provided\s+by\s+([^.]{3,90}?)["“`'\s]+as\s+is\b/gi,
  /in\s+no\s+event\s+(?:shall|will)\s+([^.]{3,110}?)\s+be\s+(?:liable|responsible)/gi,
  /neither\s+the\s+names?(?:\(s\))?\s+([^.]{3,130}?)\s+(?:may|must|shall|can|are)\s+(?:not\s+)?be\s+used/gi,
  /\bthe\s+names?(?:\(s\))?\s+(?:of\s+)?([^.]{3,110}?)\s+(?:may|must|shall|can)?\s*not\s+be\s+used/gi,
  /\bthe\s+names?(?:\s+and\s+trademarks)?(?:\(s\))?\s+of\s+(.{3,60}?)\s+not\s+be\s+used/gi,
  /software\s+developed\s+by\s+([^.]{3,80}?)(?:\.|and\s+its|for\s+use)/gi,
  /authorization\s+(?:of|from)\s+(?:the\s+)?([^.]{3,60})\./gi,
];

/** Words that follow a name. */
const behindName = /\b(?:makes?\s+no\s+representations?\s+about|disclaims?\s+all\s+warranties)/gi;
const nameLength = 4;

function nameWords(text: string, starts: Int32Array): Uint8Array {
  const names = new Uint8Array(starts.length);
  for (const { index } of text.matchAll(behindName)) {
    const at = firstFrom(starts, index);
    names.fill(1, Math.max(0, at - nameLength), at);
  }
  for (const place of namePlaces)
    for (const match of text.matchAll(place)) {
      const name = match[1] ?? "";
      const from = match.index + match[0].indexOf(name);
      const to = from + name.length;
      for (let at = firstFrom(starts, from); at < starts.length && (starts[at] ?? 0) < to; at++) names[at] = 1;
    }
  return names;
}

function firstFrom(starts: Int32Array, offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Short lines before the first paragraph: the name, version, date and address of the licence. */
function titleLength(text: string): number {
  let at = 0;
  for (const line of text.split("\n").slice(0, 14)) {
    const plain = line.trim();
    const words = plain === "" ? 0 : plain.split(/\s+/).length;
    if (
      words > 9 ||
      (words > 4 && /^(?:redistribution|permission|the|this|usage|you|everyone|terms and)\b/i.test(plain))
    )
      break;
    at += line.length + 1;
  }
  return Math.min(at, text.length);
}
