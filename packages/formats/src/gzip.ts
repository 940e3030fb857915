import { ByteSource } from "./byte-source.ts";
import type { ByteStream } from "./bytes.ts";
import { FormatError } from "./format-error.ts";
import { crc32 } from "./crc32.ts";
import { inflateStepBytes, SteppedInflate } from "./deflate/stepped-inflate.ts";

/** The most bytes of a file name or a comment in a header; they are skipped. */
const maxTextBytes = 64 * 1024;

/**
 * Expands gzip (RFC 1952): all members, checksums and lengths verified. Zero padding after the last member is ignored;
 * anything else there is damage, as it is to the readers of container engines. The framing is read here and the deflate
 * data by fflate, whose own gzip stream takes a cut header or trailer for the end.
 * @throws FormatError for damaged or truncated input.
 */
export async function* gunzip(input: ByteStream): AsyncGenerator<Uint8Array> {
  const source = new ByteSource(input);
  try {
    for (let member = 0; await readHeader(source, member); member++) {
      const sum = new Checksum();
      for await (const chunk of inflateMember(source)) {
        sum.add(chunk);
        yield chunk;
      }
      await readTrailer(source, sum);
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
  if ((flags & 4) !== 0) {
    const [low = 0, high = 0] = await exactly(source, 2);
    await exactly(source, low + high * 256);
  }
  if ((flags & 8) !== 0) await skipText(source);
  if ((flags & 16) !== 0) await skipText(source);
  if ((flags & 2) !== 0) await exactly(source, 2);
  return true;
}

async function skipText(source: ByteSource): Promise<void> {
  for (let length = 0; length < maxTextBytes; length++) if ((await exactly(source, 1))[0] === 0) return;
  throw malformed(source, "a name in the header does not end");
}

async function* inflateMember(source: ByteSource): AsyncGenerator<Uint8Array> {
  const inflate = new SteppedInflate();
  for (;;) {
    const bytes = await source.next(inflateStepBytes);
    if (bytes === undefined) throw truncated(source);
    let ready: readonly Uint8Array[];
    let unused: number | undefined;
    try {
      ready = inflate.push(bytes);
      ({ unused } = inflate);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new FormatError("gzip", "malformed", reason, { ...at(source), cause });
    }
    yield* ready;
    if (unused !== undefined) {
      source.unread(unused);
      return;
    }
  }
}

async function readTrailer(source: ByteSource, sum: Checksum): Promise<void> {
  const trailer = await exactly(source, 8);
  const view = new DataView(trailer.buffer, trailer.byteOffset, 8);
  if (view.getUint32(0, true) !== sum.crc || view.getUint32(4, true) !== sum.length)
    throw malformed(source, "the checksum does not match");
}

/** Counts what stands at the end of a member: CRC-32 and length of its content, both modulo 2^32. */
class Checksum {
  crc = 0;
  length = 0;

  add(bytes: Uint8Array): void {
    this.crc = crc32(bytes, this.crc);
    this.length = (this.length + bytes.length) >>> 0;
  }
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

function at(source: ByteSource): { readonly offset: number } {
  return { offset: source.position };
}
