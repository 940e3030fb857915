/** Whether two simple patterns (characters, `.`, classes, each perhaps with `*` or `+`) have a common text of at least one character. */

import { BuiltinError, type BuiltinContext } from "./builtin.ts";

interface Piece {
  /** Code points, as ranges; undefined for any. */
  readonly ranges: readonly (readonly [number, number])[] | undefined;
  readonly repeat: "" | "*" | "+";
}

const most = 10_000;

function parse(text: string): Piece[] {
  const pieces: Piece[] = [];
  const characters = Array.from(text.slice(0, most));
  const fail = (at: number, what: string): BuiltinError =>
    new BuiltinError(`input:${text}, pos:${at + 1}, ${what}: the input provided is invalid`);
  for (let at = 0; at < characters.length; at++) {
    let character = characters[at] ?? "";
    let ranges: Piece["ranges"];
    if (character === "*" || character === "+") throw fail(at, `flag '${character}' must be preceded by a non-flag`);
    if (character === "]") throw fail(at, "set-close ']' with no preceding '['");
    if (character === "[") {
      const close = characters.indexOf("]", at);
      if (close < 0) throw fail(at, "found [ without matching ]");
      ranges = classRanges(characters.slice(at + 1, close));
      at = close;
    } else if (character !== ".") {
      if (character === "\\") {
        at++;
        character = characters[at] ?? "";
        if (character === "") throw fail(at, "escape at the end");
      }
      const code = codeOf(character);
      ranges = [[code, code]];
    }
    const next = characters[at + 1];
    const repeat = next === "*" || next === "+" ? next : "";
    if (repeat !== "") at++;
    pieces.push({ ranges, repeat });
  }
  return pieces;
}

/** The code of a character; 0 beyond the end. */
function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0;
}

function classRanges(characters: readonly string[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (let at = 0; at < characters.length; at++) {
    if (characters[at] === "\\") at++;
    const from = codeOf(characters[at]);
    if (characters[at + 1] === "-" && characters[at + 2] !== undefined) {
      ranges.push([from, codeOf(characters[at + 2])]);
      at += 2;
    } else {
      ranges.push([from, from]);
    }
  }
  return ranges;
}

function meet(a: Piece, b: Piece): boolean {
  if (a.ranges === undefined || b.ranges === undefined) return true;
  return a.ranges.some(([from, to]) => (b.ranges ?? []).some(([start, end]) => from <= end && start <= to));
}

/** Where a reader may stand after a piece took one character. */
function after({ repeat }: Piece, at: number): number[] {
  return repeat === "" ? [at + 1] : [at, at + 1];
}

/** Places reachable without a character. */
function skips(pieces: readonly Piece[], at: number): number[] {
  const places = [at];
  for (let next = at; pieces[next]?.repeat === "*"; next++) places.push(next + 1);
  return places;
}

/** Whether some text matches both patterns. */
export function intersectGlobs(left: string, right: string, context: BuiltinContext): boolean {
  const [a, b] = [parse(left), parse(right)];
  const seen = new Set<number>();
  const queue: [number, number, boolean][] = [[0, 0, false]];
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    const [x, y, moved] = place;
    for (const i of skips(a, x)) {
      for (const j of skips(b, y)) {
        context.step();
        if (i === a.length && j === b.length && moved) return true;
        const key = i * (b.length + 1) + j;
        const [pieceA, pieceB] = [a[i], b[j]];
        if (seen.has(key) || pieceA === undefined || pieceB === undefined) continue;
        seen.add(key);
        if (!meet(pieceA, pieceB)) continue;
        for (const nextA of after(pieceA, i)) for (const nextB of after(pieceB, j)) queue.push([nextA, nextB, true]);
      }
    }
  }
  return false;
}
