import type { Template } from "./text-index.ts";

/** How a licence text lies in a document, in words. */
export interface Alignment {
  /** First and behind the last word of the document that belong to it. */
  readonly start: number;
  readonly end: number;
  /** The same, with a title and an appendix that stand further away. */
  readonly outerStart: number;
  readonly outerEnd: number;
  readonly matched: number;
  /** Words of the text's core that the document lacks. */
  readonly missing: number;
  /** Words of the document, between its matched ones, that the text lacks. */
  readonly added: number;
  /** The longest stretch of those, as places in the document. */
  readonly addition: readonly [start: number, end: number];
}

/** Larger gaps are not compared: nothing in them counts as common. */
const maxCells = 16_000;
/** Words in front of the first and behind the last place of agreement that are compared. */
const maxEnd = 200;
/** Words that may stand in place of a name. */
const maxName = 14;

/**
 * Aligns the words of a text with those of a document around places where both have the same runs of words. Between two
 * such places the longest common subsequence decides, so that the cost is linear but for gaps, which are bounded.
 */
export function align(
  { words, coreStart, coreEnd, names }: Template,
  document: Int32Array,
  anchorDocuments: Int32Array,
  anchorPositions: Int32Array,
  run: number,
): Alignment {
  /** For each word of the text, its place in the document plus one. */
  const at = new Int32Array(words.length);
  const chain = longestChain(anchorPositions);
  let t = -1;
  let d = -1;
  for (const anchor of chain) {
    const atDocument = anchorDocuments[anchor] ?? 0;
    const atTemplate = anchorPositions[anchor] ?? 0;
    if (t === -1) {
      const room = Math.min(atTemplate, maxEnd);
      gap(words, atTemplate - room, atTemplate, document, Math.max(0, atDocument - room - 12), atDocument, at, true);
    } else if (atTemplate > t && atDocument > d) gap(words, t, atTemplate, document, d, atDocument, at, false);
    if (atDocument < d || atTemplate < t) {
      // Anchors that overlap must lie on one diagonal, or words would be taken twice.
      if (atDocument - atTemplate !== d - t) continue;
    }
    for (let step = 0; step < run; step++) at[atTemplate + step] = atDocument + step + 1;
    t = atTemplate + run;
    d = atDocument + run;
  }
  const room = Math.min(words.length - t, maxEnd);
  gap(words, t, t + room, document, d, Math.min(document.length, d + room + 12), at, false);
  return measure(at, coreStart, coreEnd, names);
}

/** Title and appendix belong to a copy only where they stand close to it. */
const closeBy = 4;
const titleBy = 12;

function measure(at: Int32Array, coreStart: number, coreEnd: number, names: Uint8Array): Alignment {
  let matched = 0;
  let missing = 0;
  let added = 0;
  let addition: [number, number] = [0, 0];
  let first = -1;
  let last = -1;
  let named = false;
  for (let t = 0; t < at.length; t++) {
    const inCore = t >= coreStart && t < coreEnd;
    const place = at[t] ?? 0;
    if (place === 0) {
      if (names[t] === 1) named = true;
      else if (inCore) missing += 1;
      continue;
    }
    const d = place - 1;
    const gap = last === -1 ? 0 : d - last - 1;
    if (t >= coreEnd && gap > closeBy) break;
    if (t <= coreStart && gap > titleBy) {
      // The title stands elsewhere.
      matched = 0;
      added = 0;
      first = d;
    } else if (first === -1) first = d;
    else {
      const between = gap - (named || names[t] === 1 ? maxName : 0);
      if (between > 0) {
        added += between;
        if (t > coreStart && inCore && between > addition[1] - addition[0]) addition = [last + 1, d];
      }
    }
    matched += 1;
    last = d;
    named = names[t] === 1;
  }
  const start = Math.max(0, first);
  const end = last + 1;
  return {
    start,
    end,
    outerStart: outer(at, 0, coreStart) === 0 ? start : Math.min(start, firstPlace(at, 0, coreStart)),
    outerEnd: Math.max(end, outer(at, coreEnd, at.length)),
    matched,
    missing,
    added,
    addition,
  };
}

/** Where the part of a text from one word to another ends in the document, when at least half of it is there; else 0. */
function outer(at: Int32Array, from: number, to: number): number {
  let present = 0;
  let furthest = 0;
  for (let t = from; t < to; t++)
    if ((at[t] ?? 0) !== 0) {
      present += 1;
      furthest = Math.max(furthest, at[t] ?? 0);
    }
  return present * 2 >= to - from ? furthest : 0;
}

function firstPlace(at: Int32Array, from: number, to: number): number {
  for (let t = from; t < to; t++) if ((at[t] ?? 0) !== 0) return (at[t] ?? 0) - 1;
  return 0;
}

/** The longest series of anchors that goes forward in the text too; they are ordered by place in the document, at one place backward. */
function longestChain(positions: Int32Array): number[] {
  const tails: number[] = [];
  const previous = new Int32Array(positions.length).fill(-1);
  for (let index = 0; index < positions.length; index++) {
    const position = positions[index] ?? 0;
    let low = 0;
    let high = tails.length;
    if (high > 0 && (positions[tails[high - 1] ?? 0] ?? 0) < position) low = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((positions[tails[middle] ?? 0] ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    if (low > 0) previous[index] = tails[low - 1] ?? -1;
    tails[low] = index;
  }
  const chain: number[] = [];
  for (let index = tails.at(-1) ?? -1; index !== -1; index = previous[index] ?? -1) chain.push(index);
  return chain.reverse();
}

const table = new Uint16Array(maxCells + 2_000);

/** Matches what is common to a stretch of the text and one of the document. */
function gap(
  words: Int32Array,
  t0: number,
  t1: number,
  document: Int32Array,
  d0: number,
  d1: number,
  at: Int32Array,
  beforeFirst: boolean,
): void {
  // What is equal where the two are tied together needs no table.
  if (!beforeFirst) while (t0 < t1 && d0 < d1 && words[t0] === document[d0]) at[t0++] = ++d0;
  else while (t0 < t1 && d0 < d1 && words[t1 - 1] === document[d1 - 1]) at[--t1] = d1--;
  const height = t1 - t0;
  const width = d1 - d0;
  const row = width + 1;
  if (height <= 0 || width <= 0 || (height + 1) * row > maxCells) return;
  // Lengths of the longest common subsequences of what is left of both.
  table.fill(0, height * row, (height + 1) * row);
  for (let y = height - 1; y >= 0; y--) {
    const word = words[t0 + y];
    table[y * row + width] = 0;
    for (let x = width - 1; x >= 0; x--) {
      const cell = y * row + x;
      if (word === document[d0 + x]) table[cell] = (table[cell + row + 1] ?? 0) + 1;
      else {
        const down = table[cell + row] ?? 0;
        const right = table[cell + 1] ?? 0;
        table[cell] = down > right ? down : right;
      }
    }
  }
  for (let y = 0, x = 0; y < height && x < width;) {
    const cell = y * row + x;
    if (table[cell] === 0) return;
    if (words[t0 + y] === document[d0 + x]) at[t0 + y++] = d0 + x++ + 1;
    else if ((table[cell + row] ?? 0) >= (table[cell + 1] ?? 0)) y += 1;
    else x += 1;
  }
}
