/**
 * All keywords at once, over bytes: the automaton of Aho and Corasick ("Efficient string matching", 1975) as one table, with
 * bytes grouped into classes. ASCII letters match in either case.
 */

/** Bytes that are searched for one keyword after the other before the table is made, which costs as much as some megabytes. */
const mostWithoutTable = 32 * 1024;

/** Finds every occurrence of every keyword. */
export class KeywordSearch {
  readonly #keywords: readonly string[];
  readonly #isPlain: boolean;
  #searched = 0;
  #automaton: Automaton | undefined;

  constructor(keywords: readonly string[]) {
    this.#keywords = keywords.map((keyword) => keyword.toLowerCase());
    this.#isPlain = this.#keywords.every((keyword) => [...keyword].every((char) => char < "\x80"));
  }

  /** Calls `hit` for each keyword found, with the offset after its last byte, in order of that offset, longer ones first. */
  search(bytes: Uint8Array, hit: (keyword: number, end: number) => void): void {
    this.#searched += bytes.length;
    // A scan for other things than secrets masks a few lines of an image's history, and needs no table for them.
    if (this.#isPlain && this.#searched <= mostWithoutTable) return searchEach(this.#keywords, bytes, hit);
    this.#automaton ??= new Automaton(this.#keywords);
    this.#automaton.search(bytes, hit);
  }

  /** Whether the table was made. */
  get hasTable(): boolean {
    return this.#automaton !== undefined;
  }
}

function searchEach(keywords: readonly string[], bytes: Uint8Array, hit: (keyword: number, end: number) => void): void {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
  const found: { readonly keyword: number; readonly start: number; readonly end: number }[] = [];
  for (const [keyword, sought] of keywords.entries()) {
    if (sought === "") continue;
    for (let start = text.indexOf(sought); start !== -1; start = text.indexOf(sought, start + 1))
      found.push({ keyword, start, end: start + sought.length });
  }
  found.sort((a, b) => a.end - b.end || a.start - b.start || a.keyword - b.keyword);
  for (const { keyword, end } of found) hit(keyword, end);
}

class Automaton {
  private readonly classes = new Uint8Array(256);
  private readonly width: number;
  /** Next state by state and class; states are premultiplied by `width`. */
  private readonly table: Int32Array;
  /** Keywords that end in a state, by state number. */
  private readonly ends: (readonly number[])[];
  /** States from here on have ends. */
  private readonly firstEnd: number;

  constructor(keywords: readonly string[]) {
    const patterns = keywords.map((keyword) => new TextEncoder().encode(keyword));
    let classes = 1;
    for (const pattern of patterns) {
      for (const byte of pattern) if (this.classes[byte] === 0) this.classes[byte] = classes++;
    }
    for (let letter = 0x61; letter <= 0x7a; letter++) this.classes[letter - 0x20] = this.classes[letter] ?? 0;
    this.width = classes;

    const children: Map<number, number>[] = [new Map()];
    const own: number[][] = [[]];
    for (const [index, pattern] of patterns.entries()) {
      if (pattern.length === 0) continue;
      let state = 0;
      for (const byte of pattern) {
        const symbol = this.classes[byte] ?? 0;
        let next = children[state]?.get(symbol);
        if (next === undefined) {
          next = children.length;
          children.push(new Map());
          own.push([]);
          children[state]?.set(symbol, next);
        }
        state = next;
      }
      own[state]?.push(index);
    }
    const order = breadthFirst(children);
    const fail = new Int32Array(children.length);
    const go = new Int32Array(children.length * classes);
    for (const state of order) {
      const back = fail[state] ?? 0;
      if (state !== 0) own[state]?.push(...(own[back] ?? []));
      for (let symbol = 0; symbol < classes; symbol++) {
        const child = children[state]?.get(symbol);
        const through = state === 0 ? 0 : (go[back * classes + symbol] ?? 0);
        if (child !== undefined) fail[child] = through;
        go[state * classes + symbol] = child ?? through;
      }
    }
    // States with ends last, so that one comparison tells them.
    const plain = own.flatMap((ends, state) => (ends.length === 0 ? [state] : []));
    const ending = own.flatMap((ends, state) => (ends.length === 0 ? [] : [state]));
    const numbers = new Int32Array(children.length);
    for (const [number, state] of [...plain, ...ending].entries()) numbers[state] = number;
    this.table = new Int32Array(go.length);
    this.ends = Array.from({ length: children.length }, () => []);
    for (let state = 0; state < children.length; state++) {
      const number = numbers[state] ?? 0;
      this.ends[number] = [...new Set(own[state])];
      for (let symbol = 0; symbol < classes; symbol++) {
        this.table[number * classes + symbol] = (numbers[go[state * classes + symbol] ?? 0] ?? 0) * classes;
      }
    }
    this.firstEnd = plain.length * classes;
  }

  /** Calls `hit` for each keyword found, with the offset after its last byte, in order of that offset. */
  search(bytes: Uint8Array, hit: (keyword: number, end: number) => void): void {
    const { classes, table, firstEnd, width } = this;
    let state = 0;
    for (let i = 0; i < bytes.length; i++) {
      state = table[state + (classes[bytes[i] as number] as number)] as number; // as: each byte has a class, and each class a column
      if (state >= firstEnd) for (const keyword of this.ends[state / width] ?? []) hit(keyword, i + 1);
    }
  }
}

function breadthFirst(children: readonly ReadonlyMap<number, number>[]): readonly number[] {
  const order = [0];
  for (let i = 0; i < order.length; i++) for (const child of children[order[i] ?? 0]?.values() ?? []) order.push(child);
  return order;
}
