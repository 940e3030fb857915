// Inputs that keep to the outer form of a format and are odd within: past the first check of a reader, where mutated bytes rarely get.
import { oneOf, wholeBelow } from "./random.ts";
import type { Random } from "./random.ts";

const oddWords = [
  "a",
  "ä",
  "1.0",
  "",
  " ",
  "\t",
  "=",
  ":",
  "(>= 1)",
  "|",
  "${v}",
  "__proto__",
  "\u0000",
  "\u202e",
  "x".repeat(300),
];

function word(random: Random): string {
  return oneOf(random, oddWords, "");
}

/** Stanzas of deb822 with fields that fold, repeat, have no name, no colon or no end. */
export function oddStanzas(random: Random, names: readonly string[]): Uint8Array {
  let text = "";
  for (let stanza = wholeBelow(random, 6); stanza >= 0; stanza--) {
    for (let field = wholeBelow(random, 6); field > 0; field--) {
      const name = random() < 0.8 ? oneOf(random, names, "Package") : word(random);
      text += `${name}${oneOf(random, [":", ": ", " : ", "", "::"], ":")}${word(random)}${oneOf(random, ["\n", "\r\n", "\r"], "\n")}`;
      for (let fold = wholeBelow(random, 3); fold > 0; fold--)
        text += `${oneOf(random, [" ", "\t", " .", "  "], " ")}${word(random)}\n`;
    }
    text += oneOf(random, ["\n", "\n\n\n", " \n", "#c\n", ""], "\n");
  }
  return new TextEncoder().encode(text);
}

/** A value of any type under these names: what a lock file has where its reader expects another type. */
export function oddJson(random: Random, names: readonly string[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(oddValue(random, names, 5)));
}

function oddValue(random: Random, names: readonly string[], depth: number): unknown {
  const kind = wholeBelow(random, depth > 0 ? 9 : 5);
  if (kind === 0) return oneOf<unknown>(random, [null, true, false], null);
  if (kind === 1) return oneOf(random, [0, -1, 1, 2, 3, 1e21, 0.5], 0);
  if (kind < 5) return random() < 0.5 ? oneOf(random, names, "") : word(random);
  const inside = Array.from({ length: wholeBelow(random, 5) }, () => oddValue(random, names, depth - 1));
  if (kind === 5) return inside;
  return Object.fromEntries(inside.map((value) => [random() < 0.8 ? oneOf(random, names, "") : word(random), value]));
}

/** An RPM header whose index points anywhere: tags, types, offsets and counts at the ends of their ranges. */
export function oddRpmHeader(random: Random): Uint8Array {
  const tags = 1 + wholeBelow(random, 12);
  const data = wholeBelow(random, 200);
  const bytes = new Uint8Array(8 + tags * 16 + data);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, tags);
  view.setUint32(4, data);
  const number = (most: number): number =>
    oneOf(random, [0, 1, wholeBelow(random, most + 1), most, most + 1, 0x7fffffff, 0x80000000, 0xffffffff], 0);
  for (let tag = 0; tag < tags; tag++) {
    const at = 8 + tag * 16;
    view.setUint32(at, oneOf(random, [1000, 1001, 1002, 1003, 1022, 1044, 1106, 1116, 1117, 1118, 5096, 63], 1000));
    view.setUint32(at + 4, wholeBelow(random, 11));
    view.setUint32(at + 8, number(data));
    view.setUint32(at + 12, number(data));
  }
  for (let at = 8 + tags * 16; at < bytes.length; at++) bytes[at] = random() < 0.3 ? 0 : wholeBelow(random, 256);
  return bytes;
}

/** A hash database of Berkeley DB whose pages hold items and chains that lead anywhere, also to themselves. */
export function oddHashDatabase(random: Random): Uint8Array {
  const pageBytes = 512;
  const pages = 2 + wholeBelow(random, 6);
  const bytes = new Uint8Array(pages * pageBytes);
  const view = new DataView(bytes.buffer);
  const little = random() < 0.5;
  view.setUint32(12, 0x00061561, little);
  view.setUint32(16, 9, little);
  view.setUint32(20, pageBytes, little);
  bytes[25] = 8;
  view.setUint32(32, random() < 0.9 ? pages - 1 : 0xffffffff, little);
  for (let page = 1; page < pages; page++) {
    const start = page * pageBytes;
    const entries = wholeBelow(random, 8);
    view.setUint32(start + 8, page, little);
    view.setUint32(start + 16, wholeBelow(random, pages + 1), little);
    view.setUint16(start + 20, random() < 0.9 ? entries : 0xffff, little);
    view.setUint16(start + 22, wholeBelow(random, pageBytes), little);
    bytes[start + 25] = oneOf(random, [2, 13, 13, 7, 7, 0], 13);
    for (let entry = 0; entry < entries; entry++) {
      const item = wholeBelow(random, pageBytes);
      view.setUint16(start + 26 + entry * 2, random() < 0.9 ? item : 0xffff, little);
      if (item + 12 > pageBytes) continue;
      bytes[start + item] = oneOf(random, [1, 3, 3, 2], 1);
      view.setUint32(start + item + 4, wholeBelow(random, pages + 1), little);
      view.setUint32(start + item + 8, oneOf(random, [0, 10, 600, 100_000, 0xffffffff], 0), little);
    }
  }
  return bytes;
}

/** A file of SQLite whose pages are trees of any kind with cells that point anywhere, the schema's own page included. */
export function oddSqlite(random: Random): Uint8Array {
  const pageBytes = 512;
  const pages = 1 + wholeBelow(random, 6);
  const bytes = new Uint8Array(pages * pageBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("SQLite format 3\0"));
  view.setUint16(16, pageBytes);
  bytes.set([1, 1, 0, 64, 32, 32], 18);
  view.setUint32(28, pages);
  view.setUint32(44, 4);
  view.setUint32(56, oneOf(random, [1, 2, 3], 1));
  for (let page = 0; page < pages; page++) {
    const start = page * pageBytes;
    const head = start + (page === 0 ? 100 : 0);
    bytes[head] = page === 0 && random() < 0.8 ? 13 : oneOf(random, [2, 5, 10, 13, 0], 13);
    const isInner = (bytes[head] ?? 0) < 8;
    const cells = wholeBelow(random, 5);
    view.setUint16(head + 3, random() < 0.95 ? cells : 0xffff);
    view.setUint32(head + 8, wholeBelow(random, pages + 2));
    for (let cell = 0; cell < cells; cell++) {
      const at = 200 + wholeBelow(random, pageBytes - 200);
      view.setUint16(head + (isInner ? 12 : 8) + cell * 2, random() < 0.95 ? at : wholeBelow(random, 0x10000));
      bytes.set(oddCell(random, page === 0, pages).subarray(0, pageBytes - at), start + at);
    }
  }
  return bytes;
}

/** A row: its length, its number, and a record that names a table where it stands in the schema. */
function oddCell(random: Random, isSchema: boolean, pages: number): Uint8Array {
  if (!isSchema || random() < 0.2) return Uint8Array.from({ length: 24 }, () => wholeBelow(random, 256));
  const text = (value: string): { type: number; bytes: Uint8Array } => {
    const encoded = new TextEncoder().encode(value);
    return { type: 13 + 2 * encoded.length, bytes: encoded };
  };
  const columns = [
    text(oneOf(random, ["table", "index", "view"], "table")),
    text("t"),
    text("t"),
    { type: 1, bytes: Uint8Array.of(wholeBelow(random, pages + 2)) },
    text(
      oneOf(random, ["CREATE TABLE t(a,b)", "CREATE INDEX t ON t(a)", "", "CREATE TABLE t(a INTEGER PRIMARY KEY"], ""),
    ),
  ];
  const header = [columns.length + 1, ...columns.map(({ type }) => Math.min(127, type))];
  const payload = [...header, ...columns.flatMap(({ bytes }) => [...bytes])];
  return Uint8Array.of(Math.min(127, payload.length), 1 + wholeBelow(random, 100), ...payload);
}
