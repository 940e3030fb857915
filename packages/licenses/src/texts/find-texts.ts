import { align, holdsAny } from "./align.ts";
import type { Alignment, Difference, Grant } from "./align.ts";
import { anchorsOf, candidates, sharedAt, wantedTemplates } from "./candidates.ts";
import type { Candidate, Shared } from "./candidates.ts";
import { hitsOf, sharedRuns } from "./shared-runs.ts";
import type { Hits, SharedRuns } from "./shared-runs.ts";
import { runLength, textIndex } from "./text-index.ts";
import type { Template, TextIndex } from "./text-index.ts";
import type { Stretch } from "./nearby.ts";
import { readWords } from "./word-stream.ts";

/** A licence text found in a document. */
export interface FoundText {
  readonly id: string;
  /** 1: word for word. */
  readonly confidence: number;
  /** Offsets of characters in the document. */
  readonly start: number;
  readonly end: number;
}

/** A licence text found, and what belongs to it beside its terms. */
export interface FoundLicenseText extends FoundText {
  /** Paragraphs in its midst that offer another licence: they are none of its words. */
  readonly alternatives: readonly Stretch[];
  readonly outerStart: number;
  readonly outerEnd: number;
}

/** Candidates with fewer runs than this share of the best at their place are not compared word by word. */
const rivalShare = 0.6;
const maxRivals = 10;
/** More new words in one place than this make another licence of it: a clause was added. */
const longestAddition = 9;
/** Without more words than this at its begin a short licence has no longer the sentence that grants. */
const longestOmission = 11;
const shortLicense = 600;

/** The licence texts found in a document. */
export interface FoundTexts {
  /** Those found with at least the confidence asked for, in the document's order, not overlapping. */
  readonly found: readonly FoundLicenseText[];
  /** Texts similar to a licence, with less confidence; licence names inside of them are not taken for notices. */
  readonly similar: readonly FoundLicenseText[];
  /** Words of licences that were compared one by one with the document: what the search cost. */
  readonly compared: number;
}

/** Less than this, and words are not even like a licence's. */
const similarFrom = 0.5;

/** Looks for every text of the SPDX list in a document. */
export function findTexts(text: string, leastConfidence: number): FoundTexts {
  const index = textIndex();
  const words = readWords(text, index.words);
  const known = remembered(words.words, leastConfidence);
  const { found, similar, compared } = known ?? findIn(index, words.words, leastConfidence);
  const placed = ({ id, confidence, start, end, outerStart, outerEnd, alternatives }: Aligned): FoundLicenseText => ({
    id,
    confidence,
    alternatives: alternatives.map(([from, to]) => ({
      start: words.starts[from] ?? 0,
      end: words.starts[to] ?? text.length,
    })),
    start: words.starts[start] ?? 0,
    end: words.ends[end - 1] ?? 0,
    outerStart: words.starts[outerStart] ?? 0,
    outerEnd: words.ends[outerEnd - 1] ?? 0,
  });
  return { found: found.map(placed), similar: similar.map(placed), compared };
}

/** What was found in the words of a document. */
interface FoundInWords {
  readonly ids: Int32Array;
  readonly leastConfidence: number;
  readonly found: readonly Aligned[];
  readonly similar: readonly Aligned[];
  readonly compared: number;
}

/** An image holds the same text many times over: the words of the last ones, by their hash, and what was found in them. */
const memory = new Map<number, FoundInWords>();
let wordsInMemory = 0;
const maxWordsInMemory = 500_000;

function remembered(ids: Int32Array, leastConfidence: number): FoundInWords | undefined {
  const known = memory.get(hashOf(ids));
  if (known?.leastConfidence !== leastConfidence || known.ids.length !== ids.length) return undefined;
  for (let at = 0; at < ids.length; at++) if (known.ids[at] !== ids[at]) return undefined;
  return known;
}

function hashOf(ids: Int32Array): number {
  let hash = ids.length;
  for (const id of ids) hash = Math.imul(hash ^ id, 0x01000193);
  return hash;
}

function findIn(index: TextIndex, ids: Int32Array, leastConfidence: number): FoundInWords {
  const runs = sharedRuns(index, ids);
  const wanted = wantedTemplates(index, runs);
  const least = Math.min(leastConfidence, similarFrom);
  const whole = explainsAll(index, ids, runs, wanted);
  const { aligned, compared } = alignCandidates(index, ids, hitsOf(index, runs, wanted), wanted, least, whole);
  const good = aligned.filter(({ confidence }) => confidence >= leastConfidence);
  const found = chosen(withoutExplained(good)).filter(({ changed }) => !changed);
  const places = new Places<Aligned>();
  for (const text of found) places.add(text);
  const rest = aligned.filter(
    (text) =>
      (text.confidence < leastConfidence || text.changed) &&
      ![...places.at(text)].some((other) => overlap(text, other)),
  );
  const result = { ids, leastConfidence, found, similar: chosen(rest), compared };
  if (ids.length <= maxWordsInMemory / 10) {
    if (wordsInMemory + ids.length > maxWordsInMemory) {
      memory.clear();
      wordsInMemory = 0;
    }
    memory.set(hashOf(ids), { ...result, ids: ids.slice(), compared: 0 });
    wordsInMemory += ids.length;
  }
  return result;
}

/**
 * Without the changed texts whose clauses are no changes of another licence at their place: it has those words too, or ends
 * before them.
 */
function withoutExplained(all: readonly Aligned[]): readonly Aligned[] {
  const sound = new Places<Aligned>();
  for (const text of all) if (!text.changed) sound.add(text);
  return all.filter(
    (text) =>
      !text.changed ||
      ![...sound.at(text)].some(
        ({ start, end }) =>
          start <= text.start + closeBy &&
          text.clauses.every(([from, to]) => from >= end || (from >= start && to <= end + disclaimerOpening)),
      ),
  );
}

/** Within so many words two texts begin at the same place. */
const closeBy = 4;

/**
 * Most documents are one licence and no more: when the likeliest text has every run within it, those that cannot be worth
 * more are not wanted any longer.
 */
function explainsAll(index: TextIndex, ids: Int32Array, runs: SharedRuns, wanted: Set<number>): Aligned | undefined {
  let likeliest = -1;
  let most = 0;
  for (const number of wanted) {
    const count = runs.counts[number] ?? 0;
    const size = (count / (index.templates[number]?.indexed ?? 1)) * count ** 0.5;
    if (size > most) [likeliest, most] = [number, size];
  }
  if (likeliest === -1) return undefined;
  const hits = hitsOf(index, runs, new Set([likeliest]));
  const [candidate, ...others] = candidates(index, hits, new Set([likeliest]));
  if (candidate === undefined || others.length > 0) return undefined;
  const whole = alignOne(index, ids, hits, candidate);
  const first = runs.places[0] ?? 0;
  const last = (runs.places.at(-1) ?? 0) + runLength;
  if (whole.changed || whole.confidence < goodFrom || first < whole.start || last > whole.end) return undefined;
  for (const number of wanted) {
    const template = index.templates[number];
    const shared = { all: runs.counts[number] ?? 0, required: runs.required[number] ?? 0 };
    if (number === likeliest || template === undefined || cannotBeat(template, shared, whole, ids.length))
      wanted.delete(number);
  }
  return whole;
}

interface Aligned {
  readonly id: string;
  readonly confidence: number;
  readonly start: number;
  readonly end: number;
  readonly outerStart: number;
  readonly outerEnd: number;
  /** Words explained, less those that speak against it. */
  readonly worth: number;
  readonly changed: boolean;
  /** Words of the document that grant or forbid, and that the licence does not have. */
  readonly clauses: readonly Difference["document"][];
  readonly alternatives: Alignment["alternatives"];
}

function alignCandidates(
  index: TextIndex,
  ids: Int32Array,
  hits: Hits,
  wanted: ReadonlySet<number>,
  leastConfidence: number,
  whole: Aligned | undefined,
): { readonly aligned: readonly Aligned[]; readonly compared: number } {
  const found: Aligned[] = whole === undefined ? [] : [whole];
  let compared = whole === undefined ? 0 : whole.end - whole.start;
  const ordered = candidates(index, hits, wanted).sort((a, b) => a.start - b.start || b.votes - a.votes);
  for (let from = 0; from < ordered.length;) {
    let to = from;
    let end = ordered[from]?.end ?? 0;
    while (to < ordered.length && (ordered[to]?.start ?? 0) < end) end = Math.max(end, ordered[to++]?.end ?? 0);
    let best = whole;
    for (const candidate of likeliest(ordered.slice(from, to))) {
      if (best !== undefined && isBelow(candidate, best, hits, ids.length)) continue;
      const aligned = alignOne(index, ids, hits, candidate);
      compared += candidate.template.words.length;
      if (aligned.confidence < leastConfidence) continue;
      found.push(aligned);
      if (!aligned.changed && aligned.confidence >= goodFrom && aligned.worth > (best?.worth ?? 0)) best = aligned;
    }
    from = to;
  }
  return { aligned: found, compared };
}

/** Only what is as like as this makes the comparison with others needless. */
const goodFrom = 0.95;
/** Of five words in a row, one that is another costs its run at most: so many runs missing mean a word missing. */
const runsPerWord = 5;

/** Words of a short licence in a row of which no run may be looked up. */
const besideRuns = 32;

/**
 * Whether a candidate cannot be worth more than a text that was found where it stands. It has at most as many words as there
 * are at its place, and lacks what its missing runs mean; what it lacks beyond what copies leave out counts against it twice.
 */
function isBelow(candidate: Candidate, best: Aligned, hits: Hits, documentLength: number): boolean {
  const { template, start, end } = candidate;
  if (start < best.start || end > best.end) return false;
  return cannotBeat(template, sharedAt(candidate, hits), best, documentLength);
}

function cannotBeat(template: Template, shared: Shared, best: Aligned, documentLength: number): boolean {
  const { words, spare, indexed, indexedRequired, disclaimerStart, id } = template;
  // A longer candidate that went on beside those words would share a looked-up run with the document there, and would be found by it.
  const beside = words.length < shortLicense ? besideRuns : 0;
  const room = Math.min(best.start, beside) + best.end - best.start + Math.min(documentLength - best.end, beside);
  const matched = Math.min(room, words.length - lackingWords(words.length, indexed, shared.all));
  const required = words.length - spare;
  const missing = Math.max(required - matched, lackingWords(required, indexedRequired, shared.required));
  const whole = matched - 2 * missing;
  // With another disclaimer only what grants is compared.
  const grant = disclaimerStart < words.length ? Math.min(matched, disclaimerStart) - disclaimerWeight : 0;
  const worth = Math.max(whole, grant) + (common.has(id) ? commonBonus : 0);
  return best.confidence === 1 ? worth <= best.worth : worth < best.worth;
}

/** How many of a number of words a document lacks at least, when it has so many of their indexed runs. */
function lackingWords(words: number, indexed: number, shared: number): number {
  return indexed === 0 ? 0 : (words * Math.max(0, 1 - shared / indexed)) / runsPerWord;
}

function alignOne(index: TextIndex, ids: Int32Array, hits: Hits, candidate: Candidate): Aligned {
  const { template } = candidate;
  const [documents, positions] = anchorsOf(candidate, hits);
  const aligned = align(template, ids, documents, positions, runLength, index);
  const { matched, missing, added, otherTitle, withoutPreamble } = aligned;
  const less = titleWeight * otherTitle + Math.min(withoutPreamble, preambleWeight);
  const more = common.has(template.id) ? commonBonus : 0;
  const clauses = aligned.differences
    .filter((difference) => isClause(index, ids, template, difference))
    .map(({ document }) => document);
  const whole: Aligned = {
    id: template.id,
    confidence: likeness(aligned),
    start: aligned.start,
    end: aligned.end,
    outerStart: aligned.outerStart,
    outerEnd: aligned.outerEnd,
    worth: matched - 2 * (missing + added) - less + more,
    changed: clauses.length > 0,
    clauses,
    alternatives: aligned.alternatives,
  };
  const { grant } = aligned;
  if (grant === undefined || (!whole.changed && whole.confidence >= goodFrom) || !endsWithDisclaimer(index, ids, grant))
    return whole;
  const likeGrant = likeness(grant);
  if (likeGrant < grantFrom || otherTitle > 0) return whole;
  return {
    ...whole,
    confidence: Math.max(whole.confidence, otherDisclaimer * likeGrant),
    end: grant.end,
    outerEnd: grant.end,
    worth: Math.max(whole.worth, grant.matched - 2 * (grant.missing + grant.added) - less + more - disclaimerWeight),
    changed: clauses.some(([from]) => from < grant.end),
  };
}

function likeness({ matched, missing, added }: Pick<Grant, "matched" | "missing" | "added">): number {
  return (2 * matched) / (2 * matched + missing + added);
}

/** What grants must be so much like the licence where it ends with a disclaimer of another wording, or with none. */
const grantFrom = 0.95;
const otherDisclaimer = 0.95;
/** It counts less than the whole text of another licence. */
const disclaimerWeight = 20;
/** Words within which a disclaimer can be told as such. */
const disclaimerOpening = 10;

/** Whether a disclaimer follows what grants, or nothing. A clause more makes another licence of it. */
function endsWithDisclaimer({ modals, disclaimers }: TextIndex, ids: Int32Array, { end }: Grant): boolean {
  const behind = Math.min(ids.length, end + disclaimerOpening);
  return holdsAny(ids, end, behind, disclaimers) || (behind === ids.length && !holdsAny(ids, end, behind, modals));
}

/**
 * Whether a difference makes another licence of a text: words that grant or forbid were added, and not names, dates and
 * addresses; or one that takes back what a short licence grants; or those that grant are gone.
 */
function isClause(
  { modals }: TextIndex,
  document: Int32Array,
  { words, coreStart }: Template,
  { added, missing, restricts, document: [start, end], text: [from, to] }: Difference,
): boolean {
  return (
    (restricts && words.length < shortLicense) ||
    (added > longestAddition && holdsAny(document, start, end, modals)) ||
    (from <= coreStart && missing > longestOmission && words.length < shortLicense && holdsAny(words, from, to, modals))
  );
}

/** Licences that most texts are meant to be: of two that are as like, these win over variants that one project has. */
const common: ReadonlySet<string> = new Set([
  "MIT",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BSD-4-Clause",
  "Apache-2.0",
  "ISC",
  "Zlib",
  "HPND",
  "HPND-sell-variant",
  "X11",
]);
const commonBonus = 12;
/** What it weighs that a word of the title is another: titles tell licences apart that have the same text. */
const titleWeight = 5;
/** What it weighs at most that a text is not introduced as that of the project which the licence is named after. */
const preambleWeight = 25;

/** The best candidates for every stretch of words: a stretch never has more than ten. */
function likeliest(group: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  const places = new Places<Candidate>();
  const size = ({ votes, group: hits }: Candidate): number => votes * hits.length ** 0.5;
  for (const candidate of group.toSorted((a, b) => size(b) - size(a))) {
    let rivals = 0;
    let best = 0;
    for (const other of places.at(candidate)) {
      rivals += 1;
      if (other.votes > best) best = other.votes;
    }
    if (rivals >= maxRivals || candidate.votes < rivalShare * best) continue;
    kept.push(candidate);
    places.add(candidate);
  }
  return kept;
}

/** Stretches of words by where they lie, so that each is compared with its neighbours only. */
class Places<T extends Stretch> {
  private readonly cells = new Map<number, T[]>();

  add(stretch: T): void {
    for (let cell = Math.floor(stretch.start / cellLength); cell * cellLength < stretch.end; cell++) {
      const there = this.cells.get(cell);
      if (there === undefined) this.cells.set(cell, [stretch]);
      else there.push(stretch);
    }
  }

  /** Those that share a word with a stretch, each once. */
  at({ start, end }: Stretch): Set<T> {
    const found = new Set<T>();
    for (let cell = Math.floor(start / cellLength); cell * cellLength < end; cell++)
      for (const other of this.cells.get(cell) ?? []) if (other.start < end && start < other.end) found.add(other);
    return found;
  }
}

const cellLength = 256;

/** Takes the worthiest, then the next that does not overlap it, and so on. A text with a clause of its own hides what it was made of. */
function chosen(all: readonly Aligned[]): Aligned[] {
  const kept: Aligned[] = [];
  const ordered = all.toSorted(
    (a, b) =>
      b.worth - a.worth ||
      b.confidence - a.confidence ||
      a.start - b.start ||
      a.id.length - b.id.length ||
      (a.id < b.id ? -1 : 1),
  );
  const places = new Places<Aligned>();
  for (const candidate of ordered) {
    if ([...places.at(candidate)].some((other) => overlap(candidate, other))) continue;
    kept.push(candidate);
    places.add(candidate);
  }
  return kept.sort((a, b) => a.start - b.start);
}

/** Whether two texts share more than a fifth of the shorter one. */
function overlap(a: Aligned, b: Aligned): boolean {
  const shared = Math.min(a.end, b.end) - Math.max(a.start, b.start);
  return shared > 0.2 * Math.min(a.end - a.start, b.end - b.start);
}
