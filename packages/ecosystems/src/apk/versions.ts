import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";

/**
 * What a version is made of, in the order in which apk prefers them: where two versions differ in the kind of their next
 * part, the one of the higher rank is newer. Ends of versions stand between what makes a version older and what makes it newer.
 */
const rank = {
  /** Nothing between two dots, or between a dot and a letter. */
  hole: 0,
  /** The rest of a version that apk refuses. */
  rest: 1,
  preRelease: 2,
  end: 3,
  revision: 4,
  hash: 5,
  suffixNumber: 6,
  postRelease: 7,
  letter: 8,
  number: 9,
  /** A text that does not begin like a version at all. */
  alien: 10,
} as const;

type Rank = (typeof rank)[keyof typeof rank];

interface Part {
  readonly rank: Rank;
  /** Compared as text, after `length`: numbers without leading zeros, so that longer is greater. */
  readonly text: string;
  /** Digits of a number, place in the list of suffixes; 0 for parts that compare as text alone. */
  readonly weight: number;
}

/** The order of suffixes, of which the first four make a version older. apk-tools `src/version.c`. */
const suffixes = ["alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"];
const firstPostRelease = 4;

/** How apk orders versions: apk-tools `src/version.c`, and Alpine's package policies for the grammar. */
export const versions: VersionScheme = defineVersionScheme<readonly Part[]>({
  id: "alpine",
  parse,
  compare: (a, b) => {
    for (let at = 0; ; at++) {
      const left = a[at] ?? endPart;
      const right = b[at] ?? endPart;
      const order = left.rank - right.rank || left.weight - right.weight || compareText(left.text, right.text);
      if (order !== 0) return order;
      if (left === endPart) return 0;
    }
  },
  isForeign: ([first]) => first?.rank === rank.alien,
});

const endPart: Part = { rank: rank.end, text: "", weight: 0 };

/**
 * Databases hold versions that apk itself would refuse (`5.7.1p1`, `2.9.r1`); they are read as far as they go,
 * and the rest makes a version older. Undefined only for characters that no version has.
 */
function parse(text: string): readonly Part[] | undefined {
  if (!/^[\w.~+-]+$/.test(text)) return undefined;
  if (!/^[\d.]/.test(text)) return /^[A-Za-z]/.test(text) ? [{ rank: rank.alien, text, weight: 0 }] : undefined;
  const reader = new Reader(text);
  readNumbers(reader);
  while (readSuffix(reader));
  readHash(reader);
  readRevision(reader);
  if (!reader.atEnd()) reader.add(rank.rest, "", 0);
  return reader.parts;
}

class Reader {
  readonly parts: Part[] = [];
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** What the sticky pattern matches here, consumed; empty when it does not. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  add(kind: Rank, text: string, weight: number): void {
    this.parts.push({ rank: kind, text, weight });
  }
}

const digits = /\d+/y;
const letter = /[a-z]/y;
const dot = /\./y;
const suffixName = /_[a-z]+/y;
const hash = /~[0-9a-f]+/y;
const revision = /-r(?=\d)/y;

/** `1.2.10b`: numbers with dots, then letters, each of which may have a number of its own. */
function readNumbers(reader: Reader): void {
  let first = true;
  for (;;) {
    const number = reader.take(digits);
    if (number === "") reader.add(rank.hole, "", 0);
    // After the first, a number with a leading zero is a fraction: 1.02 < 1.1, 1.0 < 1.00.
    else if (!first && number.startsWith("0")) reader.add(rank.number, number, 0);
    else addNumber(reader, rank.number, number);
    first = false;
    if (readLetter(reader)) return;
    if (reader.take(dot) === "") return;
  }
}

/** True when there was a letter, after which no dots are looked for. */
function readLetter(reader: Reader): boolean {
  const char = reader.take(letter);
  if (char === "") return false;
  reader.add(rank.letter, char, 0);
  const number = reader.take(digits);
  if (number !== "") addNumber(reader, rank.number, number);
  return true;
}

function readSuffix(reader: Reader): boolean {
  const start = reader.at;
  const name = reader.take(suffixName).slice(1);
  const place = suffixes.indexOf(name);
  if (place === -1) {
    reader.at = start;
    return false;
  }
  reader.add(place < firstPostRelease ? rank.preRelease : rank.postRelease, "", place);
  const number = reader.take(digits);
  if (number !== "") addNumber(reader, rank.suffixNumber, number);
  return true;
}

function readHash(reader: Reader): void {
  const found = reader.take(hash);
  if (found !== "") reader.add(rank.hash, found, 0);
}

function readRevision(reader: Reader): void {
  if (reader.take(revision) !== "") addNumber(reader, rank.revision, reader.take(digits));
}

function addNumber(reader: Reader, kind: Rank, number: string): void {
  const significant = number.replace(/^0+(?=\d)/, "");
  reader.add(kind, significant, significant.length);
}
