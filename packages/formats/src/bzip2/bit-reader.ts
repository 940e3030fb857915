import type { ByteSource } from "../byte-source.ts";
import { FormatError } from "../format-error.ts";

/** Reads bits, the highest of each byte first, from bytes that {@link gather} has collected, so that decoding never waits for input. */
export class BitReader {
  private readonly source: ByteSource;
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private held = 0;
  private heldBits = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** Collects input until at least `count` bytes are there, or the input ends. */
  async gather(count: number): Promise<void> {
    const rest = this.bytes.length - this.at;
    if (rest >= count) return;
    const more = await this.source.take(count - rest);
    const joined = new Uint8Array(rest + more.length);
    joined.set(this.bytes.subarray(this.at));
    joined.set(more, rest);
    this.bytes = joined;
    this.at = 0;
  }

  /** Whether the input has ended and all of its bits were read. Known after {@link gather}. */
  get isAtEnd(): boolean {
    return this.heldBits < 8 && this.at >= this.bytes.length;
  }

  /** Up to 24 bits as a number. @throws FormatError when the input ends before. */
  read(count: number): number {
    while (this.heldBits < count) {
      const byte = this.bytes[this.at];
      if (byte === undefined) throw new FormatError("bzip2", "truncated", "the input ends within a stream");
      this.at++;
      // The bits above were used; what shifts out of 32 does not matter.
      this.held = (this.held << 8) | byte;
      this.heldBits += 8;
    }
    this.heldBits -= count;
    return (this.held >>> this.heldBits) & ((1 << count) - 1);
  }

  /** 32 bits as an unsigned number. */
  read32(): number {
    return this.read(16) * 0x10000 + this.read(16);
  }

  /** Moves to the next whole byte. */
  align(): void {
    this.heldBits -= this.heldBits % 8;
  }
}
