import { FormatError } from "../format-error.ts";

/** The tags of one package as rpm stores them: https://rpm-software-management.github.io/rpm/manual/format_header.html */
export interface RpmHeader {
  /** The text of a tag; the first one of several, in which case translations follow. */
  text(tag: number): string | undefined;
  /** The texts of a tag; none when it is absent. */
  texts(tag: number): readonly string[];
  /** The integers of a tag, unsigned; none when it is absent. */
  integers(tag: number): readonly number[];
  /** The bytes of a tag. */
  bytes(tag: number): Uint8Array | undefined;
}

/** The limits of rpm itself (`lib/header.cc`). */
const maxTags = 0xffff;
const maxDataBytes = 0x0fffffff;

const entryBytes = 16;

const types = { char: 1, int8: 2, int16: 3, int32: 4, int64: 5, text: 6, binary: 7, texts: 8, translated: 9 } as const;

const integerBytes: ReadonlyMap<number, number> = new Map([
  [types.char, 1],
  [types.int8, 1],
  [types.int16, 2],
  [types.int32, 4],
  [types.int64, 8],
]);

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

/**
 * Reads the index of a header blob; tags are taken apart when asked for. Of repeated tags the last counts, as rpm
 * appends what it adds after installing. Throws FormatError when the index is damaged; a damaged tag is absent.
 */
export function readRpmHeader(blob: Uint8Array): RpmHeader {
  if (blob.length < 8) throw problem("truncated", "the header ends within its first words");
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
  const tags = view.getUint32(0);
  const dataBytes = view.getUint32(4);
  if (tags === 0 || tags > maxTags || dataBytes > maxDataBytes)
    throw problem("malformed", `a header cannot have ${tags} tags and ${dataBytes} bytes`);
  const dataStart = 8 + tags * entryBytes;
  if (dataStart + dataBytes > blob.length) throw problem("truncated", "the header ends within its data");

  const entries = new Map<number, Entry>();
  for (let at = 8; at < dataStart; at += entryBytes) {
    const entry = { type: view.getUint32(at + 4), offset: view.getUint32(at + 8), count: view.getUint32(at + 12) };
    if (entry.offset < dataBytes) entries.set(view.getUint32(at), entry);
  }
  const data = blob.subarray(dataStart, dataStart + dataBytes);
  return new IndexedHeader(entries, data);
}

function problem(kind: "malformed" | "truncated", detail: string): FormatError {
  return new FormatError("rpm-header", kind, detail);
}

class IndexedHeader implements RpmHeader {
  readonly #entries: ReadonlyMap<number, Entry>;
  readonly #data: Uint8Array;

  constructor(entries: ReadonlyMap<number, Entry>, data: Uint8Array) {
    this.#entries = entries;
    this.#data = data;
  }

  text(tag: number): string | undefined {
    return this.#readTexts(tag, 1)[0];
  }

  texts(tag: number): readonly string[] {
    return this.#readTexts(tag, Number.POSITIVE_INFINITY);
  }

  integers(tag: number): readonly number[] {
    const entry = this.#entries.get(tag);
    const size = integerBytes.get(entry?.type ?? 0);
    if (entry === undefined || size === undefined || entry.offset + entry.count * size > this.#data.length) return [];
    const view = new DataView(this.#data.buffer, this.#data.byteOffset + entry.offset, entry.count * size);
    return Array.from({ length: entry.count }, (_, index) => readUnsigned(view, index * size, size));
  }

  bytes(tag: number): Uint8Array | undefined {
    const entry = this.#entries.get(tag);
    if (entry?.type !== types.binary || entry.offset + entry.count > this.#data.length) return undefined;
    return this.#data.subarray(entry.offset, entry.offset + entry.count);
  }

  #readTexts(tag: number, most: number): readonly string[] {
    const entry = this.#entries.get(tag);
    if (entry === undefined || entry.type < types.text || entry.type > types.translated || entry.type === types.binary)
      return [];
    const count = Math.min(most, entry.type === types.text ? 1 : entry.count);
    const texts: string[] = [];
    let at = entry.offset;
    while (texts.length < count && at < this.#data.length) {
      const end = this.#data.indexOf(0, at);
      if (end === -1) break;
      texts.push(decoder.decode(this.#data.subarray(at, end)));
      at = end + 1;
    }
    return texts;
  }
}

const decoder = new TextDecoder();

function readUnsigned(view: DataView, at: number, size: number): number {
  switch (size) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at);
    case 4:
      return view.getUint32(at);
    default:
      return Number(view.getBigUint64(at));
  }
}
