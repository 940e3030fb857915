import list from "spdx-license-list/full.js";
import { currentId } from "../spdx/current-ids.ts";
import { licenseId } from "../spdx/license-list.ts";
import { NumberTable } from "./number-table.ts";
import { optionalParts } from "./optional-parts.ts";
import { inOtherWords } from "./other-wordings.ts";
import { addSpellings, readWords, wordHash } from "./word-stream.ts";
import type { WordStream } from "./word-stream.ts";

/** A licence text to look for. */
export interface Template {
  readonly id: string;
  /** Ids of the dictionary, one for each word. */
  readonly words: Int32Array;
  /** Words before this one are the name of the licence. */
  readonly titleEnd: number;
  /** Words before this one and from `coreEnd` on are titles and appendices, which copies leave out. */
  readonly coreStart: number;
  readonly coreEnd: number;
  /** Where the disclaimer of warranty begins, of which there are as many wordings as authors; `words.length` where none ends the text. */
  readonly disclaimerStart: number;
  /** What copies do with each word: `name`, `optional`, or 0 for words that every copy has. */
  readonly roles: Uint8Array;
  /** How many of its runs of words are in the index. */
  readonly indexed: number;
  /** How many of its words a copy may lack without being less like it: names, optional parts, titles and appendices. */
  readonly spare: number;
  /** How many of its runs in the index have none of those words. */
  readonly indexedRequired: number;
}

/** Copies replace the word by a name: of whom holds the rights, disclaims, or may not be named. */
export const name = 1;
/** Copies may leave the word out, with the whole part that it belongs to. */
export const optional = 2;

/** Words in a run that is looked up. */
export const runLength = 4;

/** Every known text, and where each run of four words stands in them. */
export interface TextIndex {
  readonly templates: readonly Template[];
  /** Ids of words by their hash; 0 for words that no licence has. */
  readonly words: NumberTable;
  /** Ids of words with which sentences grant, demand or forbid. */
  readonly modals: ReadonlySet<number>;
  /** Ids of words that take something back of what is granted. */
  readonly restrictions: ReadonlySet<number>;
  /** Ids of words that offer another licence. */
  readonly alternatives: ReadonlySet<number>;
  /** Ids of words with which disclaimers begin. */
  readonly disclaimers: ReadonlySet<number>;
  /** Numbers of runs by their hash, 0 for what no text has. The postings of run n stand from `postingStarts[n - 1]` to `postingStarts[n]`. */
  readonly runs: NumberTable;
  /** Bits by the hash of a run: most runs that no text has are told by a place of the memory that is always at hand. */
  readonly runMarks: Uint32Array;
  readonly postingTemplates: Uint16Array;
  readonly postingPositions: Uint16Array;
  /** 1 where the run has only words that every copy has. */
  readonly postingRequired: Uint8Array;
  readonly postingStarts: Int32Array;
}

/**
 * Of longer texts every fourth run is looked up, of very long ones every sixteenth, chosen by its hash and so the same ones
 * in every copy.
 */
function sampling(words: number): number {
  return words < 80 ? 0 : words < 600 ? 3 : 15;
}

/** Runs that more texts than this share say nothing. */
const maxSharers = 250;

/** Mixes the ids of four words. */
export function runHash(a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) | 0;
}

const markBits = 18;

/** Whether a run may be one of those marked. */
export function isMarked(marks: Uint32Array, hash: number): boolean {
  const bit = hash >>> (32 - markBits);
  return (((marks[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
}

function marksOf(runs: NumberTable): Uint32Array {
  const marks = new Uint32Array(2 ** (markBits - 5));
  runs.forEach((hash) => {
    const bit = hash >>> (32 - markBits);
    marks[bit >>> 5] = (marks[bit >>> 5] ?? 0) | (1 << (bit & 31));
  });
  return marks;
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

const restrictionWords = ["except", "excluding", "noncommercial", "commercial", "commercially", "evaluation"];

const alternativeWords = ["alternatively"];

const disclaimerWords = ["provided", "event", "warranty", "warranties", "disclaims", "liable", "representations"];

let built: TextIndex | undefined;

/** The index over the texts of the SPDX list, built at the first use, which takes about a second. */
export function textIndex(): TextIndex {
  return (built ??= build());
}

function build(): TextIndex {
  const words = new NumberTable(12_000);
  const runs = new NumberTable(32_000);
  const seen = new Set<string>();
  const templates: Template[] = [];
  /** Number of the run, template, position, and whether every copy has it, of every run in turn. */
  const found: number[] = [];
  for (const [id, text] of everyText()) {
    const stream = readWords(text);
    if (stream.length < runLength + 2) continue;
    const ids = new Int32Array(stream.length);
    for (let at = 0; at < ids.length; at++) ids[at] = numbered(words, stream.words[at] ?? 0);
    const key = ids.join(" ");
    if (seen.has(key)) continue;
    seen.add(key);
    const roles = rolesOf(id, text, stream);
    const [titleEnd, coreStart, coreEnd] = core(text, stream.starts);
    const mask = sampling(ids.length);
    let indexed = 0;
    let indexedRequired = 0;
    for (let at = 0; at + runLength <= ids.length; at++) {
      const run = runHash(ids[at] ?? 0, ids[at + 1] ?? 0, ids[at + 2] ?? 0, ids[at + 3] ?? 0);
      if ((run & mask) !== 0) continue;
      if (roles[at] !== optional) indexed += 1;
      const isRequired =
        at >= coreStart && at + runLength <= coreEnd && roles.subarray(at, at + runLength).every((role) => role === 0);
      if (isRequired) indexedRequired += 1;
      found.push(numbered(runs, run), templates.length, at, isRequired ? 1 : 0);
    }
    // Where parts of the grant are optional, every word of it counts.
    const disclaimerStart = roles.includes(optional) ? ids.length : disclaimerOf(text, stream.starts, coreStart);
    templates.push({
      id,
      words: ids,
      titleEnd,
      coreStart,
      coreEnd,
      disclaimerStart,
      indexed: Math.max(1, indexed),
      indexedRequired,
      spare: ids.length - roles.subarray(coreStart, coreEnd).filter((role) => role === 0).length,
      roles,
    });
  }
  // Some of them no licence has: those that add a clause have.
  const modals = new Set(modalWords.map((word) => numbered(words, wordHash(word))));
  const restrictions = new Set(restrictionWords.map((word) => numbered(words, wordHash(word))));
  const alternatives = new Set(alternativeWords.map((word) => numbered(words, wordHash(word))));
  const disclaimers = new Set(disclaimerWords.map((word) => numbered(words, wordHash(word))));
  addSpellings(words);
  return {
    templates,
    restrictions,
    alternatives,
    disclaimers,
    words,
    modals,
    runs,
    runMarks: marksOf(runs),
    ...postings(runs.size, found),
  };
}

function numbered(table: NumberTable, key: number): number {
  const known = table.get(key);
  if (known !== 0) return known;
  table.set(key, table.size + 1);
  return table.size;
}

const postingFields = 4;

/** Sorts what was found by run. */
function postings(
  runs: number,
  found: readonly number[],
): Pick<TextIndex, "postingStarts" | "postingTemplates" | "postingPositions" | "postingRequired"> {
  const counts = new Int32Array(runs + 1);
  for (let at = 0; at < found.length; at += postingFields) counts[found[at] ?? 0] = (counts[found[at] ?? 0] ?? 0) + 1;
  const postingStarts = new Int32Array(runs + 1);
  for (let run = 1; run <= runs; run++) {
    const sharers = counts[run] ?? 0;
    postingStarts[run] = (postingStarts[run - 1] ?? 0) + (sharers > maxSharers ? 0 : sharers);
  }
  const total = postingStarts[runs] ?? 0;
  const postingTemplates = new Uint16Array(total);
  const postingPositions = new Uint16Array(total);
  const postingRequired = new Uint8Array(total);
  const next = postingStarts.slice();
  for (let at = 0; at < found.length; at += postingFields) {
    const run = found[at] ?? 0;
    if ((counts[run] ?? 0) > maxSharers) continue;
    const slot = next[run - 1] ?? 0;
    next[run - 1] = slot + 1;
    postingTemplates[slot] = found[at + 1] ?? 0;
    postingPositions[slot] = found[at + 2] ?? 0;
    postingRequired[slot] = found[at + 3] ?? 0;
  }
  return { postingStarts, postingTemplates, postingPositions, postingRequired };
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
    .flatMap(([id, { licenseText }]): [string, string][] => [
      [id, licenseText],
      ...alone(id, licenseText),
      ...inOtherWords(id, licenseText),
    ])
    .sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
}

/** The list's text of LGPL-3.0 has that of GPL-3.0 behind it; most copies have not. */
function alone(id: string, text: string): [string, string][] {
  const second = text.indexOf("GNU GENERAL PUBLIC LICENSE\n", 200);
  return id.startsWith("LGPL-3.0") && second > 0 ? [[id, text.slice(0, second)]] : [];
}

/** Words with which licences begin to grant. What stands in front says whose work it is, or for whom it is meant. */
const grantOpening =
  /\bPermission\s+(?:is\s+(?:hereby\s+)?granted|to\s+use)|\bRedistribution\s+and\s+use\s+in\s+source/;
/** The first words of Creative Commons licences, behind what their publisher says of itself. */
const commonsOpening = /By exercising the Licensed Rights|THE WORK \(AS DEFINED BELOW\) IS PROVIDED/;

/** Where the words that every copy has begin and end: behind the title and before "how to apply". */
function core(text: string, starts: Int32Array): [titleEnd: number, coreStart: number, coreEnd: number] {
  const title = titleLength(text);
  const grant = grantOpening.exec(text)?.index ?? 0;
  const preamble = /warrant|liab/i.test(text.slice(title, grant)) ? title : Math.max(title, grant);
  const opening = commonsOpening.exec(text)?.index ?? preamble;
  const closing =
    /(?:\n\s*END OF TERMS AND CONDITIONS|\n\s*(?:APPENDIX|Exhibit A|EXHIBIT A|Appendix)\b|\n[^\n]{0,40}(?:How to Apply These Terms|How to use this License)|\n\s*Creative Commons (?:Notice|is not a party))/i.exec(
      text,
    );
  const end = closing !== null && closing.index > text.length * 0.5 ? closing.index : text.length;
  let first = starts.findIndex((start) => start >= opening);
  let last = starts.findIndex((start) => start >= end);
  if (last === -1) last = starts.length;
  const isTooLate = (at: number): boolean => at === -1 || at > starts.length * 0.4 || last - at < 8;
  let titleEnd = starts.findIndex((start) => start >= title);
  if (isTooLate(titleEnd)) titleEnd = 0;
  if (isTooLate(first)) first = titleEnd;
  return [titleEnd, first, last];
}

/** Longer licences have their disclaimer among their clauses. */
const longestGrant = 300;
/** A shorter grant is that of many licences. */
const shortestGrant = 60;
const disclaimer =
  /\b(?:this|the)\s+(?:software|program|code|work|data|materials?)(?:\s+[^\s.]+){0,8}?\s+(?:is|are)\s+(?:being\s+)?provided\b|\bin\s+no\s+event\b/i;

/** The word with which the disclaimer begins that ends a short licence. */
function disclaimerOf(text: string, starts: Int32Array, coreStart: number): number {
  const from = starts[coreStart] ?? 0;
  const offset = disclaimer.exec(text.slice(from))?.index;
  if (offset === undefined) return starts.length;
  const start = firstFrom(starts, from + offset);
  return start - coreStart < shortestGrant || start - coreStart > longestGrant ? starts.length : start;
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

function rolesOf(id: string, text: string, { words, starts }: WordStream): Uint8Array {
  const roles = new Uint8Array(starts.length);
  for (const { index } of text.matchAll(behindName)) {
    const at = firstFrom(starts, index);
    roles.fill(name, Math.max(0, at - nameLength), at);
  }
  for (const place of namePlaces)
    for (const match of text.matchAll(place)) {
      const holder = match[1] ?? "";
      const from = match.index + match[0].indexOf(holder);
      const to = from + holder.length;
      for (let at = firstFrom(starts, from); at < starts.length && (starts[at] ?? 0) < to; at++) roles[at] = name;
    }
  for (const [first, last] of partsOf(id)) {
    const from = positionOf(words, first, 0);
    const to = from === -1 ? -1 : positionOf(words, last, from);
    if (to !== -1) roles.fill(optional, from, to + last.length);
  }
  return roles;
}

let parts: ReadonlyMap<string, readonly (readonly [first: Int32Array, last: Int32Array])[]> | undefined;

/** The first and the last words of the parts of a text that copies may leave out. */
function partsOf(id: string): readonly (readonly [first: Int32Array, last: Int32Array])[] {
  if (parts === undefined) {
    const found = new Map<string, (readonly [Int32Array, Int32Array])[]>();
    for (const [from, to, ...ids] of optionalParts) {
      const part = [readWords(from).words, readWords(to).words] as const;
      for (const each of ids) found.set(each, [...(found.get(each) ?? []), part]);
    }
    parts = found;
  }
  return parts.get(id) ?? [];
}

/** Where a phrase stands in a text, from a word on; -1 when it does not. */
function positionOf(words: Int32Array, phrase: Int32Array, from: number): number {
  for (let at = words.indexOf(phrase[0] ?? 0, from); at !== -1; at = words.indexOf(phrase[0] ?? 0, at + 1))
    if (phrase.every((word, offset) => words[at + offset] === word)) return at;
  return -1;
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
