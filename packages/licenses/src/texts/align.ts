import { name, optional } from "./text-index.ts";
import type { Template, TextIndex } from "./text-index.ts";

/** How a licence text lies in a document, in words. */
export interface Alignment {
  /** First and behind the last word of the document that belong to it. */
  readonly start: number;
  readonly end: number;
  /** The same, with a title and an appendix that are further away. */
  readonly outerStart: number;
  readonly outerEnd: number;
  readonly matched: number;
  /** Words of the text's core that the document lacks. */
  readonly missing: number;
  /** Words of its title that the document has others for. */
  readonly otherTitle: number;
  /** Words between the title and the core that the document lacks. */
  readonly withoutPreamble: number;
  /** Words of the document, between its matched ones, that the text lacks. */
  readonly added: number;
  /** Stretches in which the two differ by more than a few words. */
  readonly differences: readonly Difference[];
  /** Paragraphs that offer another licence in its place, in the midst of its words. */
  readonly alternatives: readonly (readonly [start: number, end: number])[];
  /** The same up to the disclaimer of warranty, for texts that end with one; undefined when none of it is there. */
  readonly grant?: Grant;
}

/** The part of a licence that grants and demands. */
export interface Grant {
  /** Behind its last word in the document. */
  readonly end: number;
  readonly matched: number;
  readonly missing: number;
  readonly added: number;
}

/** A stretch in which a document has other words than a licence. */
export interface Difference {
  /** Its words in the document, and how many of them the licence lacks. */
  readonly document: readonly [start: number, end: number];
  readonly added: number;
  /** Its words in the licence, and how many of them the document lacks. */
  readonly text: readonly [start: number, end: number];
  readonly missing: number;
  /** Whether the words that the licence lacks take something back of what it grants: "except", "non-commercial". */
  readonly restricts: boolean;
}

/** Larger gaps are not compared: nothing in them counts as common. */
const maxCells = 16_000;
/** Words in front of the first and behind the last place of agreement that are compared: as many as fit with a few more of the document. */
const maxEnd = 118;
/** Words that may stand in place of a name; those of a sentence that grants or forbids do not. */
const maxName = 14;

/**
 * Aligns the words of a text with those of a document around places where both have the same runs of words. Between two
 * such places the longest common subsequence decides, so that the cost is linear but for gaps, which are bounded.
 */
export function align(
  template: Template,
  document: Int32Array,
  anchorDocuments: Int32Array,
  anchorPositions: Int32Array,
  run: number,
  { modals, restrictions, alternatives }: Pick<TextIndex, "modals" | "restrictions" | "alternatives">,
): Alignment {
  const { words } = template;
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
      gap(words, atTemplate - room, atTemplate, document, Math.max(0, atDocument - room - 12), atDocument, at, {
        beforeFirst: true,
        alternatives,
      });
    } else if (atTemplate > t && atDocument > d)
      gap(words, t, atTemplate, document, d, atDocument, at, { isClosed: true, alternatives });
    if (atDocument < d || atTemplate < t) {
      // Anchors that overlap must lie on one diagonal, or words would be taken twice; most are passed already.
      if (atDocument - atTemplate !== d - t || atTemplate + run <= t) continue;
    }
    for (let step = 0; step < run; step++) at[atTemplate + step] = atDocument + step + 1;
    t = atTemplate + run;
    d = atDocument + run;
    // What goes on here is not looked for further away, where the same words may stand again.
    while (t < words.length && d < document.length && words[t] === document[d]) at[t++] = ++d;
  }
  const room = Math.min(words.length - t, maxEnd);
  gap(words, t, t + room, document, d, Math.min(document.length, d + room + 12), at, { alternatives });
  return measure(
    at,
    template,
    (from, to) => holdsAny(document, from, to, modals),
    (from, to) => holdsAny(document, from, to, restrictions),
    (from) => alternatives.has(document[from] ?? 0),
  );
}

/** Title and appendix belong to a copy only where they stand close to it. */
const closeBy = 4;
const titleBy = 12;

/** So many words in a row that both have end a difference. */
const closing = 4;
/** Differences of fewer words are typing errors and names. */
const leastDifference = 5;

function measure(
  at: Int32Array,
  { titleEnd, coreStart, coreEnd, disclaimerStart, roles }: Template,
  isSentence: (from: number, to: number) => boolean,
  isRestriction: (from: number, to: number) => boolean,
  isAlternative: (from: number) => boolean,
): Alignment {
  let matched = 0;
  let missing = 0;
  let withoutPreamble = 0;
  let added = 0;
  let first = -1;
  let last = -1;
  let named = false;
  const differences: Difference[] = [];
  const alternatives: [number, number][] = [];
  let open:
    | { added: number; missing: number; document: [number, number]; text: [number, number]; restricts: boolean }
    | undefined;
  let inRow = 0;
  let grant: Grant | undefined;
  const differ = (t: number): NonNullable<typeof open> => {
    open ??= { added: 0, missing: 0, document: [last + 1, last + 1], text: [t, t], restricts: false };
    inRow = 0;
    return open;
  };
  const close = (): void => {
    if (open !== undefined && (open.restricts || open.added + open.missing >= leastDifference)) differences.push(open);
    open = undefined;
  };
  for (let t = 0; t < at.length; t++) {
    const inCore = t >= coreStart && t < coreEnd;
    if (t === disclaimerStart && last !== -1) grant = { end: last + 1, matched, missing, added };
    const place = at[t] ?? 0;
    if (place === 0) {
      if (roles[t] === name) named = true;
      else if (roles[t] !== optional) {
        if (inCore) {
          missing += 1;
          const difference = differ(t);
          difference.missing += 1;
          difference.text[1] = t + 1;
        } else if (t >= titleEnd && t < coreStart) withoutPreamble += 1;
      }
      continue;
    }
    const d = place - 1;
    const gap = last === -1 ? 0 : d - last - 1;
    if (t >= coreEnd && gap > closeBy) break;
    if (t <= coreStart && gap > titleBy) {
      // The title stands elsewhere.
      matched = 0;
      added = 0;
      open = undefined;
      first = d;
    } else if (first === -1) first = d;
    else {
      // What stands between the title and the licence is of neither.
      if (gap > 0 && t > coreStart && inCore && isAlternative(last + 1)) alternatives.push([last + 1, d]);
      else if (gap > 0 && t > coreStart) {
        const isName = (named || roles[t] === name) && !isSentence(last + 1, d);
        added += Math.max(0, gap - (isName ? maxName : 0));
        if (inCore) {
          const difference = differ(t);
          difference.added += gap;
          difference.document[1] = d;
          if (isRestriction(last + 1, d)) difference.restricts = true;
        }
      }
    }
    matched += 1;
    last = d;
    named = roles[t] === name;
    inRow += 1;
    if (inRow >= closing) close();
  }
  close();
  const start = Math.max(0, first);
  const end = last + 1;
  return {
    start,
    end,
    outerStart: outer(at, 0, coreStart) === 0 ? start : Math.min(start, firstPlace(at, 0, coreStart)),
    outerEnd: Math.max(end, outer(at, coreEnd, at.length)),
    matched,
    missing,
    otherTitle: otherTitle(at, titleEnd),
    withoutPreamble,
    added,
    differences,
    alternatives,
    ...(grant === undefined ? {} : { grant }),
  };
}

/** How many words of a title the document has others for: it has a title of that kind, but not this one. */
function otherTitle(at: Int32Array, titleEnd: number): number {
  let present = 0;
  for (let t = 0; t < titleEnd; t++) if ((at[t] ?? 0) !== 0) present += 1;
  return present * 2 > titleEnd ? titleEnd - present : 0;
}

/** Whether some of the words from one place to another are among those wanted. */
export function holdsAny(words: Int32Array, from: number, to: number, wanted: ReadonlySet<number>): boolean {
  for (let at = from; at < to; at++) if (wanted.has(words[at] ?? 0)) return true;
  return false;
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

/** Lengths of common subsequences: none is longer than the shorter side of a table of `maxCells`. */
const table = new Uint8Array(maxCells + 2_000);

/** Matches what is common to a stretch of the text and one of the document. */
function gap(
  words: Int32Array,
  t0: number,
  t1: number,
  document: Int32Array,
  d0: number,
  d1: number,
  at: Int32Array,
  {
    beforeFirst = false,
    isClosed = false,
    alternatives,
  }: { readonly beforeFirst?: boolean; readonly isClosed?: boolean; readonly alternatives: ReadonlySet<number> },
): void {
  // What is equal where the two are tied together needs no table.
  if (!beforeFirst) while (t0 < t1 && d0 < d1 && words[t0] === document[d0]) at[t0++] = ++d0;
  if (beforeFirst || isClosed) while (t0 < t1 && d0 < d1 && words[t1 - 1] === document[d1 - 1]) at[--t1] = d1--;
  const height = t1 - t0;
  const width = d1 - d0;
  const row = width + 1;
  if (height <= 0 || width <= 0 || (height + 1) * row > maxCells) return;
  // Lengths of the longest common subsequences of what is left of both. One that strays further from the diagonals than this is
  // shorter than one that is known, so that nothing beside them is filled in: copies differ in few words.
  const common = leastCommon(words, t0, document, d0, height, width);
  const below = height - common;
  const above = width - common;
  table.fill(0, height * row, (height + 1) * row);
  for (let y = height - 1; y >= 0; y--) {
    const word = words[t0 + y] ?? 0;
    const first = Math.max(0, y - below);
    const behind = Math.min(width, y + above + 1);
    let cell = y * row + behind;
    let right = 0;
    let diagonal = table[cell + row] ?? 0;
    table[cell] = 0;
    for (let x = d0 + behind - 1; x >= d0 + first; x--) {
      cell -= 1;
      const down = table[cell + row] ?? 0;
      if (word === document[x]) right = diagonal + 1;
      else if (down > right) right = down;
      diagonal = down;
      table[cell] = right;
    }
    if (first > 0) table[cell - 1] = 0;
  }
  // What offers another licence has words of this one too: the ones behind it are meant.
  let late = 0;
  while (late < width && !alternatives.has(document[d0 + late] ?? 0)) late += 1;
  for (let y = 0, x = 0; y < height && x < width;) {
    const cell = y * row + x;
    if (table[cell] === 0) return;
    if (x >= late && x + 1 < width && table[cell + 1] === table[cell]) x += 1;
    else if (words[t0 + y] === document[d0 + x]) at[t0 + y++] = d0 + x++ + 1;
    else if ((table[cell + row] ?? 0) >= (table[cell + 1] ?? 0)) y += 1;
    else x += 1;
  }
}

/** So many words two stretches have in common at least: those side by side from their begins up to some word, and from there on those side by side from their ends. */
function leastCommon(
  words: Int32Array,
  t0: number,
  document: Int32Array,
  d0: number,
  height: number,
  width: number,
): number {
  const shorter = Math.min(height, width);
  const t1 = t0 + height - shorter;
  const d1 = d0 + width - shorter;
  let common = 0;
  for (let at = 0; at < shorter; at++) if (words[t1 + at] === document[d1 + at]) common += 1;
  let most = common;
  if (height !== width)
    for (let at = 0; at < shorter; at++) {
      if (words[t0 + at] === document[d0 + at]) common += 1;
      if (words[t1 + at] === document[d1 + at]) common -= 1;
      if (common > most) most = common;
    }
  return most;
}
