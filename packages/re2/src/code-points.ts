/** Sets of Unicode code points, Unicode's named classes and case folding, taken from the JavaScript engine's own tables. */

/** Sorted, disjoint, non-adjacent ranges: low, high, low, high… (both ends included). */
export type CodePointSet = readonly number[];

const last = 0x10ffff;

/** The set of all ranges given, in any order: low, high, low, high… */
export function codePointSet(ranges: readonly number[]): CodePointSet {
  const pairs: [number, number][] = [];
  for (let i = 0; i + 1 < ranges.length; i += 2) pairs.push([ranges[i] ?? 0, ranges[i + 1] ?? 0]);
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [low, high] of pairs) {
    const end = merged.at(-1);
    if (end !== undefined && low <= end + 1) merged[merged.length - 1] = Math.max(end, high);
    else merged.push(low, high);
  }
  return merged;
}

/** The code points that are not in a set. */
export function negate(set: CodePointSet): CodePointSet {
  const out: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    const low = set[i] ?? 0;
    if (low > next) out.push(next, low - 1);
    next = (set[i + 1] ?? 0) + 1;
  }
  if (next <= last) out.push(next, last);
  return out;
}

/** Whether two sets have a code point in common. */
export function intersects(a: CodePointSet, b: CodePointSet): boolean {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if ((a[i + 1] ?? 0) < (b[j] ?? 0)) i += 2;
    else if ((b[j + 1] ?? 0) < (a[i] ?? 0)) j += 2;
    else return true;
  }
  return false;
}

/** Whether every code point of `part` is in `whole`. */
export function isSubset(part: CodePointSet, whole: CodePointSet): boolean {
  return !intersects(part, negate(whole));
}

/** Whether a code point is in a set. */
export function contains(set: CodePointSet, point: number): boolean {
  return intersects(set, [point, point]);
}

/** How many code points are in the set. */
export function sizeOf(set: CodePointSet): number {
  let size = 0;
  for (let i = 0; i < set.length; i += 2) size += (set[i + 1] ?? 0) - (set[i] ?? 0) + 1;
  return size;
}

/** All code points. */
export const everyCodePoint: CodePointSet = [0, last];
/** The line feed alone. */
export const lineFeed: CodePointSet = [10, 10];
/** ASCII letters, digits and the underscore, as `\b` sees them. */
export const wordCharacters: CodePointSet = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];

/** `\d`, `\s`, `\w`: ASCII only in RE2. `\s` has no vertical tab. */
export const perlClasses: Readonly<Record<string, CodePointSet>> = {
  d: [0x30, 0x39],
  s: [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20],
  w: wordCharacters,
};

/** `[[:alpha:]]` and its like: ASCII only. */
export const posixClasses: ReadonlyMap<string, CodePointSet> = new Map([
  ["alnum", [0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]],
  ["alpha", [0x41, 0x5a, 0x61, 0x7a]],
  ["ascii", [0x00, 0x7f]],
  ["blank", [0x09, 0x09, 0x20, 0x20]],
  ["cntrl", [0x00, 0x1f, 0x7f, 0x7f]],
  ["digit", [0x30, 0x39]],
  ["graph", [0x21, 0x7e]],
  ["lower", [0x61, 0x7a]],
  ["print", [0x20, 0x7e]],
  ["punct", [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e]],
  ["space", [0x09, 0x0d, 0x20, 0x20]],
  ["upper", [0x41, 0x5a]],
  ["word", wordCharacters],
  ["xdigit", [0x30, 0x39, 0x41, 0x46, 0x61, 0x66]],
]);

const categories = new Set(
  "C Cc Cf Cn Co Cs L LC Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs".split(
    " ",
  ),
);
const unicodeClasses = new Map<string, CodePointSet | undefined>([["Any", everyCodePoint]]);

/** Code points of `\p{name}`: a general category by its short name, a script by its long one, or Any. Undefined: no such class. */
export function unicodeClass(name: string): CodePointSet | undefined {
  if (unicodeClasses.has(name)) return unicodeClasses.get(name);
  const property = propertyOf(name);
  const set = property === undefined ? undefined : matching(new RegExp(`\\p{${property}}+`, "gu"));
  // Names come from patterns of other people: only those that exist, a few hundred, are worth keeping.
  if (set !== undefined) unicodeClasses.set(name, set);
  return set;
}

function propertyOf(name: string): string | undefined {
  if (categories.has(name)) return name;
  // JavaScript also takes the four-letter codes of scripts ("Grek"), which RE2 refuses. No code of a script is the long
  // name of another; those whose long name is as short as a code are listed.
  if (!/^[A-Z][a-zA-Z_]+$/.test(name)) return undefined;
  if (name.length <= 4 && !shortScripts.has(name)) return undefined;
  try {
    new RegExp(`\\p{Script=${name}}`, "u");
    return `Script=${name}`;
  } catch {
    return undefined;
  }
}

const shortScripts = new Set([
  "Cham",
  "Lao",
  "Lisu",
  "Modi",
  "Mro",
  "Newa",
  "Nko",
  "Thai",
  "Toto",
  "Vai",
  "Wancho",
  "Yi",
]);

/** Stretches of code points, and how each is asked: all in one text, one by one, or by its first for all. */
const stretches: readonly (readonly [low: number, high: number, asked: "together" | "singly" | "by-first"])[] = [
  [0, 0xd7ff, "together"],
  // A high surrogate before a low one would read as a pair.
  [0xd800, 0xdfff, "singly"],
  [0xe000, 0xffff, "together"],
  [0x10000, 0x1ffff, "together"],
  [0x20000, 0x2ffff, "together"],
  [0x30000, 0x3ffff, "together"],
  // Planes to which Unicode has given nothing.
  [0x40000, 0xdffff, "by-first"],
  [0xe0000, 0xeffff, "together"],
  // Private use, and the two that end each plane and are no characters.
  [0xf0000, 0xffffd, "by-first"],
  [0xffffe, 0xfffff, "by-first"],
  [0x100000, 0x10fffd, "by-first"],
  [0x10fffe, 0x10ffff, "by-first"],
];

/** Every code point that a global pattern of runs matches. */
function matching(runs: RegExp): CodePointSet {
  const ranges: number[] = [];
  const holds = (point: number) => {
    runs.lastIndex = 0;
    return runs.test(String.fromCodePoint(point));
  };
  for (const [low, high, asked] of stretches) {
    if (asked === "by-first") {
      if (holds(low)) ranges.push(low, high);
    } else if (asked === "singly") {
      for (let point = low; point <= high; point++) if (holds(point)) ranges.push(point, point);
    } else {
      const text = textOf(low, high);
      const width = low > 0xffff ? 2 : 1;
      runs.lastIndex = 0;
      for (let found = runs.exec(text); found !== null; found = runs.exec(text)) {
        const start = low + found.index / width;
        ranges.push(start, start + found[0].length / width - 1);
      }
    }
  }
  return codePointSet(ranges);
}

function textOf(low: number, high: number): string {
  let text = "";
  for (let start = low; start <= high; start += 0x1000) {
    const points = new Uint32Array(Math.min(0x1000, high - start + 1));
    for (let i = 0; i < points.length; i++) points[i] = start + i;
    text += String.fromCodePoint(...points);
  }
  return text;
}

// The only letters beyond ASCII that fold to an ASCII letter.
const longS = 0x17f;
const kelvinSign = 0x212a;
const asciiAndItsFoldings: CodePointSet = [0, 0x7f, longS, longS, kelvinSign, kelvinSign];

let foldings: ReadonlyMap<number, readonly number[]> | undefined;

/** Other code points that are the same letter to `(?i)` (Unicode's simple case folding), per code point that has any. */
function caseFoldings(): ReadonlyMap<number, readonly number[]> {
  if (foldings !== undefined) return foldings;
  const orbits = new Map<number, number[]>();
  const sameLetter = /^(.)\1$/iu;
  const cased = matching(
    /[\p{Changes_When_Casefolded}\p{Changes_When_Lowercased}\p{Changes_When_Uppercased}\p{Changes_When_Titlecased}]+/gu,
  );
  for (let i = 0; i < cased.length; i += 2) {
    for (let point = cased[i] ?? 0; point <= (cased[i + 1] ?? 0); point++) {
      const character = String.fromCodePoint(point);
      for (const other of [character.toLowerCase(), character.toUpperCase(), character.toUpperCase().toLowerCase()]) {
        const otherPoint = other.codePointAt(0) ?? 0;
        if (other === character || String.fromCodePoint(otherPoint) !== other) continue;
        // Full case mapping goes further than simple folding ("İ", "ı"): the engine's own folding decides.
        if (sameLetter.test(character + other)) join(orbits, point, otherPoint);
      }
    }
  }
  foldings = orbits;
  return orbits;
}

function join(orbits: Map<number, number[]>, a: number, b: number): void {
  const one = orbits.get(a) ?? [a];
  const two = orbits.get(b) ?? [b];
  if (one === two) return;
  const all = [...new Set([...one, ...two])];
  for (const point of all) orbits.set(point, all);
}

/** The set widened by every code point that differs from a member by case alone. */
export function foldCase(set: CodePointSet): CodePointSet {
  const out = [...set];
  if (isSubset(set, asciiAndItsFoldings)) {
    for (let i = 0; i < set.length; i += 2) {
      for (let point = set[i] ?? 0; point <= (set[i + 1] ?? 0); point++) {
        const lower = point === longS ? 0x73 : point === kelvinSign ? 0x6b : point | 0x20;
        if (lower < 0x61 || lower > 0x7a || (point < 0x80 && (point & 0x40) === 0)) continue;
        out.push(lower, lower, lower ^ 0x20, lower ^ 0x20);
        if (lower === 0x6b) out.push(kelvinSign, kelvinSign);
        if (lower === 0x73) out.push(longS, longS);
      }
    }
    return codePointSet(out);
  }
  for (const [point, orbit] of caseFoldings()) {
    if (!contains(set, point)) continue;
    for (const other of orbit) out.push(other, other);
  }
  return codePointSet(out);
}

/** The set as a class of a JavaScript pattern with the flag `u`. */
export function setSource(set: CodePointSet): string {
  if (set.length === 0) return "[]";
  if (set.length === 2 && set[0] === 0 && set[1] === last) return "[^]";
  if (set.length === 2 && set[0] === set[1]) return pointSource(set[0] ?? 0);
  const negated = set[0] === 0 && set.at(-1) === last;
  const shown = negated ? negate(set) : set;
  let source = "";
  for (let i = 0; i < shown.length; i += 2) {
    const low = shown[i] ?? 0;
    const high = shown[i + 1] ?? 0;
    source += low === high ? pointSource(low) : `${pointSource(low)}-${pointSource(high)}`;
  }
  return negated ? `[^${source}]` : `[${source}]`;
}

function pointSource(point: number): string {
  const plain =
    (point >= 0x30 && point <= 0x39) || (point >= 0x41 && point <= 0x5a) || (point >= 0x61 && point <= 0x7a);
  if (plain || point === 0x5f || point === 0x20) return String.fromCharCode(point);
  return point < 0x100 ? `\\x${point.toString(16).padStart(2, "0")}` : `\\u{${point.toString(16)}}`;
}
