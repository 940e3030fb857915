/**
 * Looks for several byte strings at once. AssemblyScript: `npm run wasm` makes `src/mark-code.ts` of it.
 *
 * Sixteen places are asked at once whether a string may begin there, by its first three bytes: a table of 16 bytes for each half of each byte says
 * which strings have it, one bit a string (eight strings, or eight groups of them), as Hyperscan's Teddy does. Where a bit is left, bytes are compared.
 */

const TABLES: usize = 128;
/** Of each string its length in 32 bits and its bytes. */
const MARKS: usize = 1024;
const MARK_BYTES: usize = 64;
const INPUT: usize = 4096;

let count: u32 = 0;

/** Where the content is written. Behind it 32 bytes may be looked at, and count for nothing. */
export function input(): usize {
  return INPUT;
}

/** Where the strings are written, 64 bytes each: three to sixty bytes and their number. */
export function marks(): usize {
  return MARKS;
}

/** Takes so many strings, of which there are 32 at most. */
export function compile(marks: u32): void {
  count = marks;
  memory.fill(TABLES, 0, 96);
  for (let mark: u32 = 0; mark < marks; mark++) {
    const bit: u8 = (<u8>1) << (<u8>(mark & 7));
    for (let at: usize = 0; at < 3; at++) {
      const byte = load<u8>(MARKS + (<usize>mark) * MARK_BYTES + 4 + at);
      const low = TABLES + at * 32 + (byte & 15);
      const high = TABLES + at * 32 + 16 + (byte >> 4);
      store<u8>(low, load<u8>(low) | bit);
      store<u8>(high, load<u8>(high) | bit);
    }
  }
}

/** Those of the strings, one bit each, that stand in the first `length` bytes of the content, or are `known`. */
export function search(length: u32, known: u32): u32 {
  const low0 = v128.load(TABLES);
  const high0 = v128.load(TABLES + 16);
  const low1 = v128.load(TABLES + 32);
  const high1 = v128.load(TABLES + 48);
  const low2 = v128.load(TABLES + 64);
  const high2 = v128.load(TABLES + 80);
  const half = i8x16.splat(15);
  const end = INPUT + length;
  let found = known;
  for (let at = INPUT; at < end; at += 16) {
    const first = v128.load(at);
    const second = v128.load(at, 1);
    const third = v128.load(at, 2);
    const hits = v128.and(
      v128.and(v128.swizzle(low0, v128.and(first, half)), v128.swizzle(high0, v128.shr<u8>(first, 4))),
      v128.and(
        v128.and(v128.swizzle(low1, v128.and(second, half)), v128.swizzle(high1, v128.shr<u8>(second, 4))),
        v128.and(v128.swizzle(low2, v128.and(third, half)), v128.swizzle(high2, v128.shr<u8>(third, 4))),
      ),
    );
    if (!v128.any_true(hits)) continue;
    v128.store(0, hits);
    for (let lane: usize = 0; lane < 16; lane++) {
      const bits = load<u8>(lane);
      if (bits != 0) found = compared(at + lane, end, bits, found);
    }
  }
  return found;
}

function compared(at: usize, end: usize, bits: u8, known: u32): u32 {
  let found = known;
  for (let mark: u32 = 0; mark < count; mark++) {
    if (((bits >> (<u8>(mark & 7))) & 1) == 0 || ((found >> mark) & 1) != 0) continue;
    const place = MARKS + (<usize>mark) * MARK_BYTES;
    const length = load<u32>(place);
    if (at + length > end) continue;
    let same: u32 = 0;
    while (same < length && load<u8>(at + same) == load<u8>(place + 4 + same)) same++;
    if (same == length) found |= (<u32>1) << mark;
  }
  return found;
}
