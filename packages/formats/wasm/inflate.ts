/**
 * Expands deflate (RFC 1951) in linear memory. AssemblyScript: `npm run wasm` makes `src/deflate/inflate-code.ts` of it.
 *
 * The bits are decoded by tables, as zlib does; three things make it fast: 64 bits are at hand, so that a length and a distance, or three
 * literals, need one look at the input; an entry says in one number how many bits it takes, what it stands for and what bits follow; and what a
 * distance points to is copied by 16 bytes, which may write past the end, where the next bytes will stand.
 *
 * An entry: bits 0-7 how many bits are taken, with the extra bits behind the code; 8-12 how many of them are the code; 13-15 `END`,
 * `SUBTABLE`, `SPECIAL`; 16-30 the literal, the base of a length or a distance, or where the subtable starts; 31 `LITERAL`.
 */

const LITERAL: u32 = 0x80000000;
const SPECIAL: u32 = 0x8000;
const SUBTABLE: u32 = 0x4000;
const END: u32 = 0x2000;

const SYMBOL_BITS: u32 = 11;
const DISTANCE_BITS: u32 = 8;
const LENGTH_BITS: u32 = 7;
// Entries of a table with all its subtables, by zlib's `enough` for these bits: 2342 and 402.
const SYMBOL_ENTRIES: u32 = 2342;
const DISTANCE_ENTRIES: u32 = 402;

const SYMBOLS: usize = 1024;
const DISTANCES: usize = SYMBOLS + SYMBOL_ENTRIES * 4;
const LENGTHS: usize = DISTANCES + DISTANCE_ENTRIES * 4;
const CODE_LENGTHS: usize = LENGTHS + 128 * 4;
const SORTED: usize = CODE_LENGTHS + 352;
const COUNTS: usize = SORTED + 320 * 2;
const STARTS: usize = COUNTS + 16 * 4;
const INPUT: usize = 16 * 1024;
const INPUT_BYTES: usize = 64 * 1024;
/** Zeros behind the input, which may be looked at and are never taken. */
const PADDING: usize = 64;
const WINDOW: usize = 32 * 1024;
const OUTPUT: usize = INPUT + INPUT_BYTES + PADDING * 2;
const OUTPUT_END: usize = OUTPUT + WINDOW + 256 * 1024;
/** From here on a length, or three literals, may not fit. */
const OUTPUT_LIMIT: usize = OUTPUT_END - 320;

// What `run` answers.
const NEEDS_INPUT: i32 = 0;
const IS_FULL: i32 = 1;
const IS_DONE: i32 = 2;
const IS_DAMAGED: i32 = 3;

// Where in the stream it stands.
const AT_HEADER: i32 = 0;
const IN_STORED: i32 = 1;
const IN_CODES: i32 = 2;
const AT_END: i32 = 3;

// What a table is for.
const OF_SYMBOLS: i32 = 0;
const OF_DISTANCES: i32 = 1;
const OF_LENGTHS: i32 = 2;

// prettier-ignore
const lengthBases = memory.data<u16>([3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258]);
const lengthExtras = memory.data<u8>([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]);
// prettier-ignore
const distanceBases = memory.data<u16>([1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577]);
// prettier-ignore
const distanceExtras = memory.data<u8>([0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13]);
const lengthOrder = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

let bits: u64 = 0;
let count: u32 = 0;
let place: i32 = AT_HEADER;
let isLast: bool = false;
let storedLeft: u32 = 0;
let position: usize = INPUT;
let inputEnd: usize = INPUT;
let output: usize = OUTPUT;
let shown: usize = OUTPUT;

/** Where the input is written, at most `INPUT_BYTES` of it. */
export function input(): usize {
  return INPUT;
}

/** Where what was not taken of the input begins. It is moved to the front before more is written behind it. */
export function rest(): usize {
  return position;
}

/** Where what the last call of `run` expanded begins, and where it ends. */
export function start(): usize {
  return shown;
}

export function end(): usize {
  return output;
}

/** Makes ready for another stream. */
export function reset(): void {
  bits = 0;
  count = 0;
  place = AT_HEADER;
  isLast = false;
  position = INPUT;
  output = OUTPUT;
}

/** Goes on: with the `length` bytes at `INPUT` when `isNew`, else with what is left of them. */
export function run(length: usize, isNew: bool): i32 {
  if (isNew) position = INPUT;
  inputEnd = INPUT + length;
  memory.fill(inputEnd, 0, PADDING);
  if (output > OUTPUT_LIMIT) {
    memory.copy(OUTPUT, output - WINDOW, WINDOW);
    output = OUTPUT + WINDOW;
  }
  shown = output;
  const answer = steps();
  if (answer == NEEDS_INPUT || answer == IS_DONE) giveBack();
  return answer;
}

function steps(): i32 {
  for (;;) {
    let answer: i32;
    if (place == AT_HEADER) answer = header();
    else if (place == IN_STORED) answer = stored();
    else if (place == IN_CODES) {
      answer = quickly();
      if (answer == NEEDS_INPUT) answer = carefully();
    } else return IS_DONE;
    if (answer != IS_DONE) return answer;
    if (place == AT_HEADER && isLast) place = AT_END;
  }
  return IS_DAMAGED;
}

/** Whole bytes that were looked at and not taken. */
function giveBack(): void {
  position -= count >> 3;
  count &= 7;
  bits &= ((1 as u64) << (count as u64)) - 1;
}

/** Whether more was taken than there is. */
function isBeyond(): bool {
  return ((position as i32) - (inputEnd as i32)) * 8 > (count as i32);
}

// @ts-ignore: decorators
@inline
function refill(): void {
  bits |= load<u64>(position) << (count as u64);
  position += (63 - count) >> 3;
  count |= 56;
}

// @ts-ignore: decorators
@inline
function take(n: u32): u32 {
  const value = (bits as u32) & ((1 << n) - 1);
  bits >>= n as u64;
  count -= n;
  return value;
}

/** A block's header, as a whole or not at all. */
function header(): i32 {
  const bitsBefore = bits;
  const countBefore = count;
  const positionBefore = position;
  const isGood = readHeader();
  if (!isBeyond()) return isGood ? IS_DONE : IS_DAMAGED;
  bits = bitsBefore;
  count = countBefore;
  position = positionBefore;
  isLast = false;
  place = AT_HEADER;
  return NEEDS_INPUT;
}

function readHeader(): bool {
  refill();
  isLast = take(1) != 0;
  const type = take(2);
  if (type == 0) {
    take(count & 7);
    giveBack();
    position += 4;
    if (isBeyond()) return false;
    storedLeft = load<u16>(position - 4) as u32;
    place = IN_STORED;
    return storedLeft == (~load<u16>(position - 2) & 0xffff);
  }
  place = IN_CODES;
  if (type == 1) return fixedTables();
  return type == 2 && dynamicTables();
}

function stored(): i32 {
  while (storedLeft > 0) {
    const n = min(min(storedLeft as usize, inputEnd - position), OUTPUT_END - output);
    if (n == 0) return output == OUTPUT_END ? IS_FULL : NEEDS_INPUT;
    memory.copy(output, position, n);
    output += n;
    position += n;
    storedLeft -= n as u32;
  }
  place = AT_HEADER;
  return IS_DONE;
}

/** Whether the tables are those of the fixed codes, which small files have one after the other. */
let areFixed: bool = false;

function fixedTables(): bool {
  if (areFixed) return true;
  areFixed = true;
  memory.fill(CODE_LENGTHS, 8, 144);
  memory.fill(CODE_LENGTHS + 144, 9, 112);
  memory.fill(CODE_LENGTHS + 256, 7, 24);
  memory.fill(CODE_LENGTHS + 280, 8, 8);
  if (!build(OF_SYMBOLS, CODE_LENGTHS, 288)) return false;
  memory.fill(CODE_LENGTHS, 5, 32);
  return build(OF_DISTANCES, CODE_LENGTHS, 32);
}

function dynamicTables(): bool {
  areFixed = false;
  const symbols = take(5) + 257;
  const distances = take(5) + 1;
  const lengths = take(4) + 4;
  if (symbols > 286 || distances > 30) return false;
  memory.fill(CODE_LENGTHS, 0, 19);
  for (let i: u32 = 0; i < lengths; i++) {
    refill();
    store<u8>(CODE_LENGTHS + load<u8>(lengthOrder + i), take(3) as u8);
    if (isBeyond()) return false;
  }
  if (!build(OF_LENGTHS, CODE_LENGTHS, 19)) return false;
  const total = symbols + distances;
  for (let i: u32 = 0; i < total; ) {
    refill();
    const entry = load<u32>(LENGTHS + (((bits as u32) & 127) << 2));
    if ((entry & SPECIAL) != 0) return false;
    take(entry & 0xff);
    const symbol = entry >> 16;
    let value: u32 = symbol < 16 ? symbol : 0;
    let times: u32 = 1;
    if (symbol == 16) {
      if (i == 0) return false;
      value = load<u8>(CODE_LENGTHS + i - 1);
      times = 3 + take(2);
    } else if (symbol == 17) times = 3 + take(3);
    else if (symbol == 18) times = 11 + take(7);
    if (isBeyond() || i + times > total) return false;
    memory.fill(CODE_LENGTHS + i, value as u8, times);
    i += times;
  }
  // Without an end the block would have none.
  if (load<u8>(CODE_LENGTHS + 256) == 0) return false;
  return build(OF_DISTANCES, CODE_LENGTHS + symbols, distances) && build(OF_SYMBOLS, CODE_LENGTHS, symbols);
}

/** Builds a table of the lengths of `n` codes. False for lengths that are no code; which incomplete ones pass is what zlib lets pass. */
function build(kind: i32, lengths: usize, n: u32): bool {
  const table = kind == OF_SYMBOLS ? SYMBOLS : kind == OF_DISTANCES ? DISTANCES : LENGTHS;
  const tableBits = kind == OF_SYMBOLS ? SYMBOL_BITS : kind == OF_DISTANCES ? DISTANCE_BITS : LENGTH_BITS;
  const most = kind == OF_SYMBOLS ? SYMBOL_ENTRIES : kind == OF_DISTANCES ? DISTANCE_ENTRIES : 128;
  const size: u32 = 1 << tableBits;
  memory.fill(COUNTS, 0, 64);
  for (let i: u32 = 0; i < n; i++) {
    const at = COUNTS + ((load<u8>(lengths + i) as usize) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let longest: u32 = 15;
  while (longest > 0 && load<u32>(COUNTS + (longest << 2)) == 0) longest--;
  let free: i32 = 1;
  let codes: u32 = 0;
  for (let length: u32 = 1; length <= 15; length++) {
    const these = load<u32>(COUNTS + (length << 2));
    store<u32>(STARTS + (length << 2), codes);
    codes += these;
    free = (free << 1) - (these as i32);
    if (free < 0) return false;
  }
  if (free > 0) {
    if (longest > 1 || (longest == 1 && kind == OF_LENGTHS)) return false;
    for (let i: u32 = 0; i < size; i++) store<u32>(table + (i << 2), SPECIAL | 1);
    if (longest == 0) return true;
  }
  for (let i: u32 = 0; i < n; i++) {
    const length = load<u8>(lengths + i) as usize;
    if (length == 0) continue;
    const at = STARTS + (length << 2);
    const start = load<u32>(at);
    store<u32>(at, start + 1);
    store<u16>(SORTED + (start << 1), i as u16);
  }
  // Codes in rising order, their bits reversed, as the stream has them.
  let code: u32 = 0;
  let length: u32 = 0;
  let left: u32 = 0;
  let next: u32 = size;
  let prefix: u32 = size;
  let subtable: u32 = 0;
  let subtableBits: u32 = 0;
  for (let i: u32 = 0; i < codes; i++) {
    while (left == 0) left = load<u32>(COUNTS + (++length << 2));
    const symbol = load<u16>(SORTED + (i << 1)) as u32;
    if (length <= tableBits) {
      const entry = entryOf(kind, symbol, length);
      for (let at = code; at < size; at += 1 << length) store<u32>(table + (at << 2), entry);
    } else {
      if ((code & (size - 1)) != prefix) {
        prefix = code & (size - 1);
        // As many bits as the longest code has that can begin like this.
        subtableBits = length - tableBits;
        let room: i32 = 1 << subtableBits;
        for (let longer = length, these = left; longer < longest; ) {
          room -= these as i32;
          if (room <= 0) break;
          longer++;
          subtableBits++;
          room <<= 1;
          these = load<u32>(COUNTS + (longer << 2));
        }
        subtable = next;
        next += 1 << subtableBits;
        if (next > most) return false;
        store<u32>(table + (prefix << 2), SPECIAL | SUBTABLE | (subtable << 16) | (subtableBits << 8) | tableBits);
      }
      const entry = entryOf(kind, symbol, length - tableBits);
      for (let at = code >> tableBits; at < 1 << subtableBits; at += 1 << (length - tableBits))
        store<u32>(table + ((subtable + at) << 2), entry);
    }
    left--;
    code = following(code, length);
  }
  return true;
}

/** The next code of a length, in reversed bits: the carry runs down. */
function following(code: u32, length: u32): u32 {
  let bit: u32 = 1 << (length - 1);
  while ((code & bit) != 0) bit >>= 1;
  return bit == 0 ? 0 : (code & (bit - 1)) | bit;
}

function entryOf(kind: i32, symbol: u32, length: u32): u32 {
  if (kind == OF_LENGTHS) return (symbol << 16) | (length << 8) | length;
  if (kind == OF_DISTANCES)
    return symbol > 29
      ? SPECIAL | length
      : ((load<u16>(distanceBases + (symbol << 1)) as u32) << 16) |
          (length << 8) |
          (length + load<u8>(distanceExtras + symbol));
  if (symbol < 256) return LITERAL | (symbol << 16) | (length << 8) | length;
  if (symbol == 256) return SPECIAL | END | length;
  return symbol > 285
    ? SPECIAL | length
    : ((load<u16>(lengthBases + ((symbol - 257) << 1)) as u32) << 16) |
        (length << 8) |
        (length + load<u8>(lengthExtras + (symbol - 257)));
}

/** The base of a length or a distance and the extra bits behind its code, which `before` begins with. */
// @ts-ignore: decorators
@inline
function valueOf(entry: u32, before: u64): u32 {
  return (entry >> 16) + (((before & (((1 as u64) << (entry as u64)) - 1)) >> ((entry >> 8) as u64)) as u32);
}

/** Symbols until one might be cut off by the end of the input. Of `c` and of entries as shifts only the low six bits count. */
function quickly(): i32 {
  let b = bits;
  let c = count;
  let at = position;
  let to = output;
  const last = inputEnd as i32 - 32;
  let answer: i32 = NEEDS_INPUT;
  if (to > OUTPUT_LIMIT) return IS_FULL;
  if ((at as i32) > last) return NEEDS_INPUT;
  b |= load<u64>(at) << (c as u64);
  at += 7 - ((c >> 3) & 7);
  c |= 56;
  let entry = load<u32>(SYMBOLS + (((b as u32) & ((1 << SYMBOL_BITS) - 1)) << 2));
  for (;;) {
    let before = b;
    b >>= entry as u64;
    c -= entry;
    if ((entry as i32) < 0) {
      store<u8>(to++, (entry >> 16) as u8);
      entry = load<u32>(SYMBOLS + (((b as u32) & ((1 << SYMBOL_BITS) - 1)) << 2));
      before = b;
      b >>= entry as u64;
      c -= entry;
      if ((entry as i32) < 0) {
        store<u8>(to++, (entry >> 16) as u8);
        entry = load<u32>(SYMBOLS + (((b as u32) & ((1 << SYMBOL_BITS) - 1)) << 2));
        before = b;
        b >>= entry as u64;
        c -= entry;
      }
    }
    if ((entry & SUBTABLE) != 0) {
      entry = load<u32>(SYMBOLS + (((entry >> 16) + ((b as u32) & ((1 << ((entry >> 8) & 15)) - 1))) << 2));
      before = b;
      b >>= entry as u64;
      c -= entry;
    }
    if ((entry as i32) < 0) {
      store<u8>(to++, (entry >> 16) as u8);
      if ((at as i32) > last || to > OUTPUT_LIMIT) break;
      b |= load<u64>(at) << (c as u64);
      at += 7 - ((c >> 3) & 7);
      c |= 56;
      entry = load<u32>(SYMBOLS + (((b as u32) & ((1 << SYMBOL_BITS) - 1)) << 2));
      continue;
    }
    if ((entry & SPECIAL) != 0) {
      answer = (entry & END) != 0 ? IS_DONE : IS_DAMAGED;
      break;
    }
    const length = valueOf(entry, before);
    b |= load<u64>(at) << (c as u64);
    at += 7 - ((c >> 3) & 7);
    c |= 56;
    entry = load<u32>(DISTANCES + (((b as u32) & ((1 << DISTANCE_BITS) - 1)) << 2));
    before = b;
    b >>= entry as u64;
    c -= entry;
    if ((entry & SUBTABLE) != 0) {
      entry = load<u32>(DISTANCES + (((entry >> 16) + ((b as u32) & ((1 << ((entry >> 8) & 15)) - 1))) << 2));
      before = b;
      b >>= entry as u64;
      c -= entry;
    }
    const distance = valueOf(entry, before);
    const from = to - distance;
    if ((entry & SPECIAL) != 0 || (from as i32) < (OUTPUT as i32)) {
      answer = IS_DAMAGED;
      break;
    }
    const here = to;
    to += length;
    if ((at as i32) > last || to > OUTPUT_LIMIT) {
      copy(here, from, distance, to);
      break;
    }
    // The next entry is on its way while bytes are copied.
    b |= load<u64>(at) << (c as u64);
    at += 7 - ((c >> 3) & 7);
    c |= 56;
    entry = load<u32>(SYMBOLS + (((b as u32) & ((1 << SYMBOL_BITS) - 1)) << 2));
    copy(here, from, distance, to);
  }
  bits = b;
  count = c & 63;
  position = at;
  output = to;
  if (answer == NEEDS_INPUT && to > OUTPUT_LIMIT) answer = IS_FULL;
  if (answer == IS_DONE) place = AT_HEADER;
  return answer;
}

/** Copies to the bytes from `to` to before `until` what is `distance` bytes before them, and perhaps more. */
// @ts-ignore: decorators
@inline
function copy(to: usize, from: usize, distance: u32, until: usize): void {
  if (distance >= 16) {
    v128.store(to, v128.load(from));
    while ((to += 16) < until) v128.store(to, v128.load((from += 16)));
  } else if (distance >= 8) {
    do {
      store<u64>(to, load<u64>(from));
      to += 8;
      from += 8;
    } while (to < until);
  } else if (distance == 1) {
    const value = i8x16.splat(load<i8>(from));
    do {
      v128.store(to, value);
      to += 16;
    } while (to < until);
  } else {
    do store<u8>(to++, load<u8>(from++));
    while (to < until);
  }
}

/** Symbols near the end of the input: each as a whole or not at all. */
function carefully(): i32 {
  for (;;) {
    if (output > OUTPUT_LIMIT) return IS_FULL;
    const bitsBefore = bits;
    const countBefore = count;
    const positionBefore = position;
    const answer = symbol();
    if (isBeyond()) {
      bits = bitsBefore;
      count = countBefore;
      position = positionBefore;
      return NEEDS_INPUT;
    }
    if (answer == IS_DONE) place = AT_HEADER;
    if (answer != IS_FULL) return answer;
  }
  return IS_DAMAGED;
}

/** What the bits were before the entry that `next` took last. */
let taken: u64 = 0;

/** Takes one entry of a table, by its subtable where it has one. */
function next(table: usize, tableBits: u32): u32 {
  refill();
  let entry = load<u32>(table + (((bits as u32) & ((1 << tableBits) - 1)) << 2));
  taken = bits;
  take(entry & 0xff);
  if ((entry & SUBTABLE) == 0) return entry;
  entry = load<u32>(table + (((entry >> 16) + ((bits as u32) & ((1 << ((entry >> 8) & 15)) - 1))) << 2));
  taken = bits;
  take(entry & 0xff);
  return entry;
}

/** `IS_FULL` stands for one symbol taken. Nothing is written of what lies beyond the input. */
function symbol(): i32 {
  const entry = next(SYMBOLS, SYMBOL_BITS);
  if ((entry as i32) < 0) {
    if (!isBeyond()) store<u8>(output++, (entry >> 16) as u8);
    return IS_FULL;
  }
  if ((entry & SPECIAL) != 0) return (entry & END) != 0 ? IS_DONE : IS_DAMAGED;
  const length = valueOf(entry, taken);
  const second = next(DISTANCES, DISTANCE_BITS);
  if ((second & SPECIAL) != 0) return IS_DAMAGED;
  const distance = valueOf(second, taken);
  const from = output - distance;
  if (isBeyond()) return IS_FULL;
  if ((from as i32) < (OUTPUT as i32)) return IS_DAMAGED;
  copy(output, from, distance, output + length);
  output += length;
  return IS_FULL;
}
