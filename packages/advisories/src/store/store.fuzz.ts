import { concatBytes, crc32 } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";
import { oddJson, oneOf, wholeBelow } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { writeFooter, writeHeader } from "./file-layout.ts";
import { openStore } from "./open-store.ts";

const encoder = new TextEncoder();
const words = [
  "A-1",
  "npm",
  "x",
  "u",
  "p",
  "s",
  "t",
  "q",
  "0",
  "1.0",
  "CVE-2024-0001",
  "cvss-3.1",
  "2024-01-01T00:00:00Z",
];

/** A store whose checksums are right, and whose records, lengths and places may not be. */
export function make(random: Random): Uint8Array {
  const near = (right: number): number =>
    random() < 0.97 ? right : oneOf(random, [0, 1, right + 1, right * 2, 0xffffffff, wholeBelow(random, 1_000)], 0);
  const pieces: Uint8Array[] = [writeHeader()];
  let offset = 16;
  const append = (bytes: Uint8Array): number => {
    pieces.push(bytes);
    return (offset += bytes.length) - bytes.length;
  };
  const table = (keys: readonly string[]): { readonly index: Uint8Array; readonly size: object } => {
    const blocks = keys.map((key) => {
      const [name, value] = [encoder.encode(key), random() < 0.7 ? oddRecord(random) : oddJson(random, words)];
      const block = concatBytes([leb128(near(name.length)), leb128(near(value.length)), name, value]);
      const packed = stored(block);
      return { offset: append(packed), packed: packed.length, length: block.length, crc: crc32(packed), name };
    });
    const index = new Uint8Array(blocks.length * 24 + blocks.reduce((sum, { name }) => sum + name.length, 0));
    const view = new DataView(index.buffer);
    let keyAt = blocks.length * 24;
    for (const [at, block] of blocks.entries()) {
      view.setBigUint64(at * 24, BigInt(near(block.offset)), true);
      for (const [field, value] of [block.packed, block.length, block.crc, keyAt].entries())
        view.setUint32(at * 24 + 8 + field * 4, near(value), true);
      index.set(block.name, keyAt);
      keyAt += block.name.length;
    }
    return { index, size: { entries: near(keys.length), blocks: near(keys.length) } };
  };
  const [advisories, names, enrichments] = [
    table(["A-1", "CVE-2024-0001"]),
    table(["npm\0x"]),
    table(["CVE-2024-0001"]),
  ];
  const indexes = [advisories.index, names.index, enrichments.index, new Uint8Array(0)];
  const described = {
    format: 1,
    sources: [{ id: "osv", records: near(1), read: near(1), skipped: {} }],
    namespaces: random() < 0.9 ? ["npm"] : (JSON.parse(new TextDecoder().decode(oddJson(random, words))) as unknown),
    tables: { advisories: advisories.size, names: names.size, enrichments: enrichments.size },
    lengths: indexes.map(({ length }) => near(length)),
    ...(random() < 0.05 ? { base: "0", replaced: ["A-1"] } : {}),
  };
  const metadata = stored(encoder.encode(JSON.stringify(described)));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, near(metadata.length), true);
  const tail = concatBytes([length, metadata, ...indexes]);
  const tailOffset = append(tail);
  const [tailCrc, revision] = [crc32(tail), new Uint8Array(32)];
  append(writeFooter({ tailOffset, tailLength: tail.length, tailCrc, fileLength: offset + 72, revision }));
  return concatBytes(pieces);
}

/** Rows or an advisory of nearly the right form. */
function oddRecord(random: Random): Uint8Array {
  const odd = (): unknown => JSON.parse(new TextDecoder().decode(oddJson(random, words)));
  const facts = random() < 0.5 ? {} : odd();
  const affected = [["0", "<1"], ["1"], facts];
  const record = random() < 0.5 ? [["A-1", ...affected]] : [["osv"], [], [], [["npm", "x", ...affected]], facts, odd()];
  return encoder.encode(JSON.stringify(record));
}

/** Deflate without compression: whatever is changed in it stays readable. */
function stored(bytes: Uint8Array): Uint8Array {
  const head = new Uint8Array(5);
  const view = new DataView(head.buffer);
  head[0] = 1;
  view.setUint16(1, bytes.length, true);
  view.setUint16(3, ~bytes.length, true);
  return concatBytes([head, bytes]);
}

function leb128(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, rest);
}

/** Every byte sequence is a store that answers, or a `store-unreadable` error. */
export async function fuzz(input: Uint8Array): Promise<void> {
  try {
    const store = await openStore(input);
    await store.find([{ namespace: store.namespaces[0] ?? "npm", name: "x", version: "1" }]);
    await store.read(["A-1", "CVE-2024-0001"]);
    await store.enrich(["CVE-2024-0001"]);
    await store.verify();
  } catch (error) {
    if (!(error instanceof ScanError && error.failure.kind === "store-unreadable")) throw error;
  }
}
