import { ByteSource } from "../byte-source.ts";
import type { ByteStream } from "../bytes.ts";
import { FormatError } from "../format-error.ts";
import { crc32 } from "../crc32.ts";
import { Crc64 } from "./crc64.ts";
import { damaged } from "./dictionary.ts";
import { dictionaryBytes, exactly, expandLzma2 } from "./lzma2.ts";

const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const footerMagic = [0x59, 0x5a];

/** Bytes of the check at the end of a block, by its kind (xz file format, 2.1.1.2). */
const checkBytes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64] as const;

const lzma2Filter = 0x21;

/**
 * Expands xz (xz file format 1.2): all streams, padding between them, CRC-32 and CRC-64 verified; SHA-256 is read over.
 * Filters for programs (`--x86` and the like) are not undone: archives of files are not packed with them.
 * @throws FormatError for damaged or truncated input, other filters, and dictionaries above 128 MiB.
 */
export async function* unxz(input: ByteStream): AsyncGenerator<Uint8Array> {
  const source = new ByteSource(input);
  try {
    for (let stream = 0; await readStreamHeader(source, stream); stream++) yield* expandStream(source);
  } finally {
    await source.close();
  }
}

/** Reads the header of a stream, and the zeros in groups of four that may stand before it. False where no further stream begins. */
async function readStreamHeader(source: ByteSource, stream: number): Promise<boolean> {
  for (;;) {
    const start = (await source.take(4)).slice();
    if (start.length === 0 && stream > 0) return false;
    if (start.length === 4 && stream > 0 && start.every((byte) => byte === 0)) continue;
    if (!magic.slice(0, start.length).every((byte, at) => start[at] === byte)) throw damaged("no xz header");
    if (start.length < 4) throw new FormatError("xz", "truncated", "the input ends within a header");
    const [e, f] = await exactly(source, 2);
    if (e !== magic[4] || f !== magic[5]) throw damaged("no xz header");
    return true;
  }
}

async function* expandStream(source: ByteSource): AsyncGenerator<Uint8Array> {
  const flags = (await exactly(source, 2)).slice();
  if (little(await exactly(source, 4)) !== crc32(flags)) throw damaged("the header's checksum does not match");
  if (flags[0] !== 0 || (flags[1] ?? 0) > 15) throw new FormatError("xz", "unsupported", "an unknown kind of stream");
  const check = flags[1] ?? 0;
  const blocks: { readonly unpadded: number; readonly plain: number }[] = [];
  for (;;) {
    const start = source.position;
    const [size = 0] = await exactly(source, 1);
    if (size === 0) {
      await readIndex(source, start, blocks);
      await readFooter(source, source.position - start, flags);
      return;
    }
    const header = await readBlockHeader(source, size);
    const sum = new BlockSum(check);
    let plain = 0;
    const dataStart = source.position;
    for await (const piece of expandLzma2(source, header.dictionary)) {
      plain += piece.length;
      sum.add(piece);
      yield piece.slice();
    }
    const packed = source.position - dataStart;
    if ((header.packed ?? packed) !== packed || (header.plain ?? plain) !== plain)
      throw damaged("a block is not as long as it says");
    await readPadding(source, packed);
    const bytes = checkBytes[check] ?? 0;
    if (!sum.isIn(await exactly(source, bytes))) throw damaged("the checksum does not match");
    blocks.push({ unpadded: dataStart - start + packed + bytes, plain });
  }
}

interface BlockHeader {
  readonly packed?: number;
  readonly plain?: number;
  readonly dictionary: number;
}

async function readBlockHeader(source: ByteSource, size: number): Promise<BlockHeader> {
  const length = (size + 1) * 4;
  const header = new Uint8Array(length - 4);
  header[0] = size;
  header.set(await exactly(source, length - 5), 1);
  if (little(await exactly(source, 4)) !== crc32(header))
    throw damaged("the checksum of a block header does not match");
  const flags = header[1] ?? 0;
  const fields = new Fields(header, 2);
  const packed = (flags & 0x40) === 0 ? {} : { packed: fields.number() };
  const plain = (flags & 0x80) === 0 ? {} : { plain: fields.number() };
  if ((flags & 0x3f) !== 0 || fields.number() !== lzma2Filter || fields.number() !== 1)
    throw new FormatError("xz", "unsupported", "a filter other than LZMA2");
  return { ...packed, ...plain, dictionary: dictionaryBytes(fields.byte()) };
}

/** Reads the zeros that pad a block to a multiple of four bytes. */
async function readPadding(source: ByteSource, length: number): Promise<void> {
  const padding = await exactly(source, (4 - (length % 4)) % 4);
  if (padding.some((byte) => byte !== 0)) throw damaged("the padding is not zeros");
}

/** Reads the index at the end of a stream. Throws a FormatError when it does not list the blocks that were read. */
async function readIndex(
  source: ByteSource,
  start: number,
  blocks: readonly { readonly unpadded: number; readonly plain: number }[],
): Promise<void> {
  let sum = crc32(Uint8Array.of(0));
  const next = async (): Promise<number> => {
    let value = 0;
    for (let digits = 0; digits < 9; digits++) {
      const bytes = await exactly(source, 1);
      sum = crc32(bytes, sum);
      const byte = bytes[0] ?? 0;
      value += (byte & 0x7f) * 2 ** (7 * digits);
      if (byte < 0x80) return value;
    }
    throw damaged("a number does not end");
  };
  if ((await next()) !== blocks.length) throw damaged("the index has another number of blocks");
  for (const { unpadded, plain } of blocks)
    if ((await next()) !== unpadded || (await next()) !== plain) throw damaged("the index does not fit its blocks");
  const padding = (4 - ((source.position - start) % 4)) % 4;
  for (let count = 0; count < padding; count++) if ((await next()) !== 0) throw damaged("the index is not padded");
  if (little(await exactly(source, 4)) !== sum) throw damaged("the checksum of the index does not match");
}

async function readFooter(source: ByteSource, indexBytes: number, flags: Uint8Array): Promise<void> {
  const footer = (await exactly(source, 12)).slice();
  if (
    little(footer) !== crc32(footer.subarray(4, 10)) ||
    little(footer.subarray(4)) !== indexBytes / 4 - 1 ||
    footer[8] !== flags[0] ||
    footer[9] !== flags[1] ||
    footer[10] !== footerMagic[0] ||
    footer[11] !== footerMagic[1]
  )
    throw damaged("the footer does not fit");
}

/** Computes the check of a block: CRC-32 or CRC-64. Others are not verified. */
class BlockSum {
  private readonly check: number;
  private sum = 0;
  private readonly crc64 = new Crc64();

  constructor(check: number) {
    this.check = check;
  }

  add(bytes: Uint8Array): void {
    if (this.check === 1) this.sum = crc32(bytes, this.sum);
    else if (this.check === 4) this.crc64.add(bytes);
  }

  isIn(bytes: Uint8Array): boolean {
    if (this.check === 1) return little(bytes) === this.sum;
    return this.check !== 4 || this.crc64.isIn(bytes);
  }
}

/** Fields of a block header, one after the other. */
class Fields {
  private readonly bytes: Uint8Array;
  private at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw damaged("a block header ends early");
    return byte;
  }

  /** Reads a number of variable length: seven bits a byte, the lowest first (xz file format, 1.2). */
  number(): number {
    let value = 0;
    for (let digits = 0; digits < 9; digits++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * digits);
      if (byte < 0x80) return value;
    }
    throw damaged("a number does not end");
  }
}

function little(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}
