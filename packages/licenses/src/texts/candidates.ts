/** Where in a document the texts may be that share runs of words with it. */

import type { Hits, SharedRuns } from "./shared-runs.ts";
import { runLength } from "./text-index.ts";
import type { Template, TextIndex } from "./text-index.ts";

/** A text of which less of the sampled runs is there is no candidate: of four words in a row, 0.9⁴ survive when each does with 0.9. */
const leastVotes = 0.3;
/** By how many words a copy may run longer than the text before it counts as another place, as a share. */
const slack = 0.15;
/** A paragraph of so many words that offers another licence does not make two of the one that it stands in. */
const paragraph = 80;

/** Numbers of the texts that have enough runs in common with a document to be looked for in it. */
export function wantedTemplates({ templates }: TextIndex, { counts }: SharedRuns): Set<number> {
  const wanted = new Set<number>();
  for (let number = 0; number < templates.length; number++) {
    const template = templates[number];
    if (template !== undefined && (counts[number] ?? 0) >= leastHits(template)) wanted.add(number);
  }
  return wanted;
}

/** A text with fewer runs at a place of the document is not there. */
function leastHits({ indexed }: Template): number {
  return Math.max(indexed < 6 ? 1 : 2, Math.floor(indexed * leastVotes));
}

/** A place of a document where a text may be. */
export interface Candidate {
  readonly template: Template;
  readonly start: number;
  readonly end: number;
  /** Share of the text's indexed runs that are there. */
  readonly votes: number;
  /** Numbers of its hits, in the document's order. */
  readonly group: Int32Array;
}

/** Places where a wanted text has enough runs of words in common with the document, at about the same distance from its begin. */
export function candidates({ templates }: TextIndex, hits: Hits, wanted: ReadonlySet<number>): Candidate[] {
  const found: Candidate[] = [];
  for (const number of wanted) {
    const template = templates[number];
    const from = hits.starts[number] ?? 0;
    const to = hits.starts[number + 1] ?? 0;
    if (template !== undefined) placesOf(template, hits, from, to, leastHits(template), found);
  }
  return found;
}

/** Adds the places of one text: groups of its hits by where it would begin. */
function placesOf(template: Template, hits: Hits, from: number, to: number, needed: number, found: Candidate[]): void {
  const { documents, positions } = hits;
  const begins = new Int32Array(to - from);
  let least = Infinity;
  let most = -Infinity;
  for (let at = 0; at < begins.length; at++) {
    const begin = (documents[from + at] ?? 0) - (positions[from + at] ?? 0);
    if (begin < least) least = begin;
    if (begin > most) most = begin;
    begins[at] = begin;
  }
  const { length } = template.words;
  const tolerance = Math.max(24, Math.floor(length * slack), hits.offersOther ? Math.min(paragraph, length >> 1) : 0);
  const groups =
    most - least <= tolerance
      ? [{ least, most, hits: new Int32Array(begins.length), size: 0 }]
      : grouped(begins.toSorted(), tolerance, needed);
  if (groups.length === 0) return;
  for (let at = 0; at < begins.length; at++) {
    const group = groupAt(groups, begins[at] ?? 0);
    if (group !== undefined) group.hits[group.size++] = from + at;
  }
  for (const { hits: group } of groups)
    found.push({
      template,
      start: documents[group[0] ?? 0] ?? 0,
      end: (documents[group.at(-1) ?? 0] ?? 0) + runLength,
      votes: Math.min(1, group.length / template.indexed),
      group,
    });
}

/** Hits by which a text would begin at about the same word of the document. */
interface Group {
  readonly least: number;
  readonly most: number;
  readonly hits: Int32Array;
  size: number;
}

/** Groups of at least so many begins that are no further apart than is tolerated, in their order. */
function grouped(sorted: Int32Array, tolerance: number, needed: number): Group[] {
  const groups: Group[] = [];
  for (let start = 0, at = 1; at <= sorted.length; at++) {
    const begin = sorted[at] ?? Infinity;
    const opened = sorted[start] ?? 0;
    const previous = sorted[at - 1] ?? 0;
    if (begin - previous <= tolerance && begin - opened <= 2 * tolerance) continue;
    if (at - start >= needed) groups.push({ least: opened, most: previous, hits: new Int32Array(at - start), size: 0 });
    start = at;
  }
  return groups;
}

function groupAt(groups: readonly Group[], begin: number): Group | undefined {
  let low = 0;
  let high = groups.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((groups[middle]?.most ?? 0) < begin) low = middle + 1;
    else high = middle;
  }
  const group = groups[low];
  return group !== undefined && group.least <= begin && begin <= group.most ? group : undefined;
}

/** How many of a text's indexed runs are there, and how many of those have only words that every copy has. */
export interface Shared {
  readonly all: number;
  readonly required: number;
}

/** The runs of a text at a place, each counted once: runs that a document repeats say no more. */
export function sharedAt({ template, group }: Candidate, { positions, required }: Hits): Shared {
  const seen = new Uint8Array(template.words.length);
  const shared = { all: 0, required: 0 };
  for (const hit of group) {
    const position = positions[hit] ?? 0;
    if (seen[position] !== 0) continue;
    seen[position] = 1;
    shared.all += 1;
    shared.required += required[hit] ?? 0;
  }
  return shared;
}

/** The anchors of a candidate, ordered for `align`. */
export function anchorsOf({ group }: Candidate, { documents, positions }: Hits): readonly [Int32Array, Int32Array] {
  const places = new Int32Array(group.length);
  const ofText = new Int32Array(group.length);
  for (let at = 0; at < group.length; at++) {
    places[at] = documents[group[at] ?? 0] ?? 0;
    ofText[at] = positions[group[at] ?? 0] ?? 0;
  }
  // Of several places in the text for one in the document, at most one may be chosen: the later ones stand first.
  for (let at = 0, next = 1; at < group.length; at = next) {
    for (next = at + 1; next < group.length && places[next] === places[at]; next++);
    if (next - at > 1) ofText.subarray(at, next).reverse();
  }
  return [places, ofText];
}
