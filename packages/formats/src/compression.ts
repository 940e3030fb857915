import { concatBytes } from "./byte-source.ts";
import { bunzip2 } from "./bzip2/bunzip2.ts";
import type { ByteStream } from "./bytes.ts";
import { gunzip } from "./gzip.ts";
import { unxz } from "./xz/unxz.ts";
import { unzstd } from "./zstd.ts";

/** The compressions that archives and layers come in. */
export type Compression = "gzip" | "zstd" | "xz" | "bzip2";

/** How a decompressor gives its chunks. */
export interface DecompressOptions {
  /** The caller is done with a chunk when it asks for the next one, so its memory may be used again. */
  readonly recycle?: boolean | undefined;
  /** The caller compares a digest of all that comes out. The CRC-32 of gzip, which says less, is not computed then. */
  readonly isDigested?: boolean | undefined;
}

/**
 * Expands one compression: concatenated members, frames and streams to the end of the input.
 * @throws FormatError for damaged or truncated input.
 */
export type Decompressor = (input: ByteStream, options?: DecompressOptions) => ByteStream;

/** One decompressor per compression. */
export type Decompressors = Readonly<Record<Compression, Decompressor>>;

/** Pure JavaScript and WebAssembly: slower than native ones, and there on every engine. */
export const portableDecompressors: Decompressors = { gzip: gunzip, zstd: unzstd, xz: unxz, bzip2: bunzip2 };

/** First bytes that {@link sniffCompression} needs. */
export const compressionMagicBytes = 6;

/**
 * Tells the compression from the first bytes; undefined for none of the known ones. Media types and file names lie.
 * Magic numbers: RFC 1952 §2.3.1, RFC 8878 §3.1 (a skippable frame may come first), the .xz file format §2.1.1, bzip2's `BZh`.
 */
export function sniffCompression(head: Uint8Array): Compression | undefined {
  const [a, b, c, d, e, f] = head;
  if (a === 0x1f && b === 0x8b) return "gzip";
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return "zstd";
  if (a !== undefined && a >> 4 === 5 && b === 0x2a && c === 0x4d && d === 0x18) return "zstd";
  if (a === 0xfd && b === 0x37 && c === 0x7a && d === 0x58 && e === 0x5a && f === 0) return "xz";
  if (a === 0x42 && b === 0x5a && c === 0x68 && d !== undefined && d >= 0x31 && d <= 0x39) return "bzip2";
  return undefined;
}

/**
 * The plain bytes of input that may be compressed or not.
 * @throws FormatError for damaged or truncated compressed input.
 */
export async function* decompress(
  input: ByteStream,
  decompressors: Decompressors = portableDecompressors,
  options: DecompressOptions = {},
): AsyncGenerator<Uint8Array> {
  const iterator = input[Symbol.asyncIterator]();
  try {
    const head = await takeHead(iterator);
    const compression = sniffCompression(head);
    const whole = resume(head, iterator);
    yield* compression === undefined ? whole : decompressors[compression](whole, options);
  } finally {
    await iterator.return?.();
  }
}

async function takeHead(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length < compressionMagicBytes) {
    const result = await iterator.next();
    if (result.done === true) break;
    // More parts will follow, and the first ones may be overwritten by then.
    parts.push(result.value.length < compressionMagicBytes ? result.value.slice() : result.value);
    length += result.value.length;
  }
  return concatBytes(parts);
}

async function* resume(head: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let result = await iterator.next(); result.done !== true; result = await iterator.next()) yield result.value;
}
