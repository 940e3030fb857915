import { wholeBelow } from "./random.ts";
import type { Random } from "./random.ts";

/** Inputs do not grow beyond this: readers meet their limits with small inputs, or the limits are wrong. */
const maxInputBytes = 256 * 1024;

/** Numbers at which readers break: ends of ranges, signs, block sizes. */
const oddNumbers = [0, 1, -1, 2, 16, 32, 63, 64, 127, 128, 255, 256, 511, 512, 513, 1024, 4096, 32767, 32768, 65535];
const oddLongs = [...oddNumbers, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x10000000];
const oddTexts = [
  "0",
  "-1",
  "99999999",
  "777777777777",
  "9007199254740993",
  "../",
  "/",
  "\0",
  ".wh.",
  "{",
  "[",
  '"',
  "\n",
];

type Mutation = (input: Uint8Array, random: Random, corpus: readonly Uint8Array[]) => Uint8Array;

const mutations: readonly Mutation[] = [
  (input, random) =>
    edited(input, random, (bytes, at) => (bytes[at] = (bytes[at] ?? 0) ^ (1 << wholeBelow(random, 8)))),
  (input, random) => edited(input, random, (bytes, at) => (bytes[at] = wholeBelow(random, 256))),
  (input, random) =>
    edited(input, random, (bytes, at) => (bytes[at] = [0, 0xff, 0x7f, 0x80, 0x20][wholeBelow(random, 5)] ?? 0)),
  (input, random) => edited(input, random, (bytes, at) => writeNumber(bytes, at, random)),
  // A digit for a digit keeps octal and decimal fields readable.
  (input, random) => edited(input, random, (bytes, at) => changeDigit(bytes, at, random)),
  (input, random) => replaced(input, cut(input, random), new Uint8Array(0)),
  (input, random) => input.slice(0, wholeBelow(random, input.length)),
  (input, random) => {
    const { start, end } = cut(input, random);
    return replaced(input, { start, end: start }, input.slice(start, end));
  },
  (input, random) => {
    const at = wholeBelow(random, input.length + 1);
    const text = new TextEncoder().encode(oddTexts[wholeBelow(random, oddTexts.length)] ?? "");
    return replaced(input, { start: at, end: at }, text);
  },
  (input, random) => replaced(input, cut(input, random), new Uint8Array(1 + wholeBelow(random, 600))),
  (input, random) => withTokens(input, random),
  (input, random) => withTokens(input, random),
  (input, random) => withLines(input, random),
  (input, random, corpus) => {
    const other = corpus[wholeBelow(random, corpus.length)] ?? input;
    const { start, end } = cut(other, random);
    return replaced(input, cut(input, random), other.slice(start, end));
  },
];

/** One input of the corpus, changed in one to eight places; the same for the same state of `random`. */
export function mutate(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  let input: Uint8Array = (corpus[wholeBelow(random, corpus.length)] ?? new Uint8Array(0)).slice();
  // Mostly few changes: many at once rarely get past the first check of a reader.
  const changes = 1 + Math.floor(8 * random() ** 3);
  for (let change = 0; change < changes; change++)
    input = mutations[wholeBelow(random, mutations.length)]?.(input, random, corpus) ?? input;
  return input.length > maxInputBytes ? input.slice(0, maxInputBytes) : input;
}

function edited(input: Uint8Array, random: Random, edit: (bytes: Uint8Array, at: number) => void): Uint8Array {
  if (input.length > 0) edit(input, placeIn(input, random));
  return input;
}

/** Any place, the front more often: that is where headers are. */
function placeIn(input: Uint8Array, random: Random): number {
  return wholeBelow(random, random() < 0.4 ? Math.min(input.length, 1024) : input.length);
}

function cut(input: Uint8Array, random: Random): { readonly start: number; readonly end: number } {
  const start = placeIn(input, random);
  // Blocks of 512 are tar's, and pages are multiples of them.
  const longest = [8, 64, 512, input.length][wholeBelow(random, 4)] ?? 8;
  return { start, end: Math.min(input.length, start + 1 + wholeBelow(random, longest)) };
}

function replaced(
  input: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  by: Uint8Array,
): Uint8Array {
  const whole = new Uint8Array(input.length - (end - start) + by.length);
  whole.set(input.subarray(0, start));
  whole.set(by, start);
  whole.set(input.subarray(end), start + by.length);
  return whole;
}

function writeNumber(bytes: Uint8Array, at: number, random: Random): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = random() < 0.5;
  if (at + 4 <= bytes.length && random() < 0.5)
    view.setUint32(at, oddLongs[wholeBelow(random, oddLongs.length)] ?? 0, little);
  else if (at + 2 <= bytes.length) view.setUint16(at, oddNumbers[wholeBelow(random, oddNumbers.length)] ?? 0, little);
}

function changeDigit(bytes: Uint8Array, from: number, random: Random): void {
  for (let at = from; at < Math.min(bytes.length, from + 64); at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x30 || byte > 0x39) continue;
    bytes[at] = 0x30 + wholeBelow(random, 10);
    return;
  }
}

/** What a word, a number or a bracket of a document is replaced by: values of other types, and texts that readers trip over. */
const oddTokens = [
  "null",
  "true",
  "[]",
  "{}",
  '""',
  '"__proto__"',
  "-1",
  "1e999",
  "[[[[",
  "}}",
  '"\\ud800"',
  "\u202e",
  "../../x",
  "a".repeat(5_000),
  "*a",
  "&a",
  "<<",
  "!!binary",
  "'".repeat(3),
];
const token = /"(?:[^"\\\n]|\\.)*"|[\w.@/-]+|[^\s\w]/g;

/** A document with a token replaced, repeated, left out, or exchanged with another: whole again for whoever reads its form. */
function withTokens(input: Uint8Array, random: Random): Uint8Array {
  const text = new TextDecoder().decode(input);
  const tokens = [...text.matchAll(token)];
  const chosen = tokens[wholeBelow(random, tokens.length)];
  const other = tokens[wholeBelow(random, tokens.length)];
  if (chosen === undefined || other === undefined) return input;
  const [word] = chosen;
  const by = [
    oddTokens[wholeBelow(random, oddTokens.length)] ?? "",
    word + word,
    "",
    other[0],
    `[${word}]`,
    `"${word}"`,
  ];
  const start = chosen.index;
  const changed = text.slice(0, start) + (by[wholeBelow(random, by.length)] ?? "") + text.slice(start + word.length);
  return new TextEncoder().encode(changed);
}

/** A document with a line repeated (often), left out, moved, or indented otherwise. */
function withLines(input: Uint8Array, random: Random): Uint8Array {
  const lines = new TextDecoder().decode(input).split("\n");
  const at = wholeBelow(random, lines.length);
  const line = lines[at] ?? "";
  const kind = wholeBelow(random, 5);
  if (kind === 0) lines.splice(at, 0, ...Array.from({ length: 1 + wholeBelow(random, 200) }, () => line));
  else if (kind === 1) lines.splice(at, 1);
  else if (kind === 2) lines.splice(wholeBelow(random, lines.length), 0, line);
  else if (kind === 3) lines[at] = `  ${line}`;
  else lines[at] = line.trimStart();
  return new TextEncoder().encode(lines.join("\n"));
}
