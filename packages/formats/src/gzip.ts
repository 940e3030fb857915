import { ByteSource } from "./byte-source.ts";
import type { ByteStream } from "./bytes.ts";
import type { DecompressOptions } from "./compression.ts";
import { FormatError } from "./format-error.ts";
import { crc32 } from "./crc32.ts";
import { openInflater } from "./deflate/inflater.ts";
import type { Inflater } from "./deflate/inflater.ts";

const magicBytes = Uint8Array.of(0x1f, 0x8b);

/** The most input that is expanded at once. */
const inputBytes = 64 * 1024;

/** The most bytes of a file name or a comment in a header; they are skipped. */
const maxTextBytes = 64 * 1024;

/**
 * Expands gzip (RFC 1952): all members, checksums and lengths verified. Zero padding after the last member is ignored;
 * anything else there is damage, as it is to the readers of container engines.
 * @throws FormatError for damaged or truncated input.
 */
export async function* gunzip(
  input: ByteStream,
  { recycle = false, isDigested = false }: DecompressOptions = {},
): AsyncGenerator<Uint8Array> {
  const inflater = openInflater();
  try {
    const inflateMember = (source: DeflateSource): AsyncIterable<Uint8Array> => inflated(inflater, source);
    for await (const chunk of gunzipBy({ inflateMember, crc32 }, input, { isDigested }))
      yield recycle ? chunk : chunk.slice();
  } finally {
    inflater.close();
  }
}

/** What of the work of {@link gunzipBy} an engine may do faster. */
export interface GzipParts {
  /**
   * Expands one deflate stream (RFC 1951) from where the source stands, and leaves the source at the first byte after it. May end early
   * where the source does: that the trailer is missing is noticed then.
   * @throws FormatError for damage.
   */
  inflateMember(source: DeflateSource): AsyncIterable<Uint8Array>;
  /** The CRC-32 of more bytes, going on from that of the ones before. */
  crc32(bytes: Uint8Array, before: number): number;
}

/** The bytes of deflate streams, which only they themselves know the ends of. */
export interface DeflateSource {
  /** Offset of the next byte. */
  readonly position: number;
  /** Takes the next piece: at most `limit` bytes, never empty; undefined at the end of the input. */
  next(limit: number): Promise<Uint8Array | undefined>;
  /** Puts back the last `count` bytes of what `next` has just returned. */
  unread(count: number): void;
}

/**
 * Expands gzip as {@link portableDecompressors} do, with another engine's inflate.
 * @throws FormatError for damaged or truncated input.
 */
export async function* gunzipBy(
  parts: GzipParts,
  input: ByteStream,
  { isDigested = false }: Pick<DecompressOptions, "isDigested"> = {},
): AsyncGenerator<Uint8Array> {
  const source = new ByteSource(input);
  try {
    for (let member = 0; await readHeader(source, member); member++) {
      let crc = 0;
      let length = 0;
      for await (const chunk of parts.inflateMember(source)) {
        if (!isDigested) crc = parts.crc32(chunk, crc);
        length = (length + chunk.length) >>> 0;
        yield chunk;
      }
      const trailer = await readTrailer(source);
      if (trailer.length !== length || (!isDigested && trailer.crc !== crc))
        throw malformed(source, "the checksum does not match");
    }
  } finally {
    await source.close();
  }
}

/** Reads the header of a member. False where no further member begins. */
async function readHeader(source: ByteSource, member: number): Promise<boolean> {
  const magic = await source.take(2);
  if (member > 0 && (magic.length === 0 || magic[0] === 0)) return false;
  if (magic.length === 1 && magic[0] === 0x1f) throw truncated(source);
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) throw malformed(source, "no gzip header");
  const fixed = await exactly(source, 8);
  const flags = fixed[1] ?? 0;
  if (fixed[0] !== 8 || (flags & 0xe0) !== 0) throw malformed(source, "an unknown compression method or flag");
  let sum = (flags & 2) === 0 ? undefined : crc32(fixed, crc32(magicBytes));
  const count = (bytes: Uint8Array): void => {
    if (sum !== undefined) sum = crc32(bytes, sum);
  };
  if ((flags & 4) !== 0) {
    const length = await exactly(source, 2);
    const [low = 0, high = 0] = length;
    count(length);
    count(await exactly(source, low + high * 256));
  }
  if ((flags & 8) !== 0) await skipText(source, count);
  if ((flags & 16) !== 0) await skipText(source, count);
  if (sum === undefined) return true;
  const [low = 0, high = 0] = await exactly(source, 2);
  if (low + high * 256 !== (sum & 0xffff)) throw malformed(source, "the checksum of the header does not match");
  return true;
}

/** Moves behind the zero that ends a text. In pieces: a layer may be all headers, and to wait for each byte would take hours. */
async function skipText(source: ByteSource, count: (bytes: Uint8Array) => void): Promise<void> {
  for (let length = 0; length < maxTextBytes;) {
    const bytes = await source.next(maxTextBytes - length);
    if (bytes === undefined) throw truncated(source);
    const end = bytes.indexOf(0);
    const used = end === -1 ? bytes.length : end + 1;
    count(bytes.subarray(0, used));
    if (end !== -1) {
      source.unread(bytes.length - used);
      return;
    }
    length += used;
  }
  throw malformed(source, "a name in the header does not end");
}

/** One member, in pieces that are valid until the next one is asked for. */
async function* inflated(inflater: Inflater, source: DeflateSource): AsyncGenerator<Uint8Array> {
  inflater.reset();
  for (;;) {
    const bytes = await source.next(inputBytes);
    if (bytes === undefined) return;
    try {
      yield* inflater.push(bytes);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new FormatError("gzip", "malformed", reason, { ...at(source), cause });
    }
    if (inflater.unused === undefined) continue;
    source.unread(inflater.unused);
    return;
  }
}

/** What stands at the end of a member: CRC-32 and length of its content, both modulo 2^32. */
async function readTrailer(source: ByteSource): Promise<{ readonly crc: number; readonly length: number }> {
  const trailer = await exactly(source, 8);
  const view = new DataView(trailer.buffer, trailer.byteOffset, 8);
  return { crc: view.getUint32(0, true), length: view.getUint32(4, true) };
}

async function exactly(source: ByteSource, count: number): Promise<Uint8Array> {
  const bytes = await source.take(count);
  if (bytes.length === count) return bytes;
  throw truncated(source);
}

function truncated(source: ByteSource): FormatError {
  return new FormatError("gzip", "truncated", "the input ends within a member", at(source));
}

function malformed(source: ByteSource, detail: string): FormatError {
  return new FormatError("gzip", "malformed", detail, at(source));
}

function at(source: DeflateSource): { readonly offset: number } {
  return { offset: source.position };
}
