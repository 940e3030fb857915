import { ByteSource } from "../byte-source.ts";
import type { ByteStream } from "../bytes.ts";
import { BitReader } from "./bit-reader.ts";
import { damaged, decodeBlock } from "./block.ts";
import type { Block } from "./block.ts";

/** More bytes of input than any block has: 900,000 symbols of 20 bits, and its tables. */
const blockInputBytes = 2_500_000;

const outputBytes = 256 * 1024;

/**
 * Expands bzip2: all streams, checksums verified. Zero padding after the last stream is ignored.
 * @throws FormatError for damaged or truncated input, and for the randomised blocks of versions before 0.9.5.
 */
export async function* bunzip2(input: ByteStream): AsyncGenerator<Uint8Array> {
  const source = new ByteSource(input);
  const bits = new BitReader(source);
  try {
    for (let stream = 0; await readHeader(bits, stream); stream++) yield* expandStream(bits);
  } finally {
    await source.close();
  }
}

/** Reads the header of a stream. False where no further stream begins. */
async function readHeader(bits: BitReader, stream: number): Promise<boolean> {
  await bits.gather(8);
  if (stream > 0 && bits.isAtEnd) return false;
  const first = bits.read(8);
  if (stream > 0 && first === 0) return false;
  if (first !== 0x42 || bits.read(8) !== 0x5a || bits.read(8) !== 0x68) throw damaged("no bzip2 header");
  return true;
}

async function* expandStream(bits: BitReader): AsyncGenerator<Uint8Array> {
  const level = bits.read(8) - 0x30;
  if (level < 1 || level > 9) throw damaged("no bzip2 header");
  const links = new Uint32Array(level * 100_000);
  let combined = 0;
  for (;;) {
    await bits.gather(blockInputBytes);
    const magic = [bits.read(16), bits.read(16), bits.read(16)];
    const expected = bits.read32();
    if (magic[0] === 0x1772 && magic[1] === 0x4538 && magic[2] === 0x5090) {
      if (expected !== combined) throw damaged("the checksum does not match");
      bits.align();
      return;
    }
    if (magic[0] !== 0x3141 || magic[1] !== 0x5926 || magic[2] !== 0x5359) throw damaged("a block has no magic number");
    const sum = new BlockSum();
    for (const piece of expandRuns(decodeBlock(bits, links))) {
      sum.add(piece);
      yield piece.slice();
    }
    if (sum.value !== expected) throw damaged("the checksum does not match");
    combined = (((combined << 1) | (combined >>> 31)) ^ expected) >>> 0;
  }
}

/** The text of a block: follows the links of the transform. Behind four equal bytes stands how often that byte is repeated. */
function* expandRuns({ links, length, origin }: Block): Generator<Uint8Array> {
  const output = new Uint8Array(outputBytes);
  let filled = 0;
  let place = (links[origin] ?? 0) >>> 8;
  let previous = -1;
  let same = 0;
  for (let count = 0; count < length; count++) {
    const link = links[place] ?? 0;
    const byte = link & 0xff;
    place = link >>> 8;
    if (same === 4) {
      same = 0;
      const end = filled + byte;
      // Room for a whole run is made beforehand.
      output.fill(previous, filled, end);
      filled = end;
      previous = -1;
    } else {
      same = byte === previous ? same + 1 : 1;
      previous = byte;
      output[filled++] = byte;
    }
    if (filled < outputBytes - 256) continue;
    yield output.subarray(0, filled);
    filled = 0;
  }
  if (filled > 0) yield output.subarray(0, filled);
}

/** The checksum of bzip2: a CRC-32 with the highest bit first, other than that of zip. */
class BlockSum {
  private crc = -1;

  add(bytes: Uint8Array): void {
    let { crc } = this;
    for (let at = 0; at < bytes.length; at++) crc = (crc << 8) ^ (sums[(crc >>> 24) ^ (bytes[at] ?? 0)] ?? 0);
    this.crc = crc;
  }

  get value(): number {
    return ~this.crc >>> 0;
  }
}

const sums = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});
