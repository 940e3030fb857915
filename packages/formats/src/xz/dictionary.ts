import { FormatError } from "../format-error.ts";

/** What is allocated before anything was seen: a header may claim any size. */
const firstBytes = 1024 * 1024;

/** What comes out of an LZMA2 chunk at most (xz file format, LZMA2). */
const maxChunkBytes = 2 * 1024 * 1024;

/** The latest output, as far back as matches reach. Grows with what was written, up to what `size` needs. */
export class Dictionary {
  /** Read up to `position`; replaced when it grows. */
  bytes: Uint8Array = new Uint8Array(firstBytes);
  /** Where the next byte goes. */
  position = 0;
  /** Bytes since the last reset. */
  written = 0;
  private start = 0;
  private readonly size: number;
  private readonly capacity: number;

  constructor(size: number) {
    this.size = size;
    // Moving the dictionary to the front costs a copy of it: a quarter more room makes that rare.
    this.capacity = size + Math.max(maxChunkBytes, size >> 2);
  }

  /** Matches cannot reach behind this point any more. */
  reset(): void {
    this.start = this.position;
    this.written = 0;
  }

  /** How far back a match may reach. */
  get reach(): number {
    return Math.min(this.position - this.start, this.size);
  }

  /** Makes room for `count` more bytes, at most those of one chunk. */
  reserve(count: number): void {
    if (this.position + count <= this.bytes.length) return;
    if (this.bytes.length < this.capacity) {
      const grown = new Uint8Array(Math.min(this.capacity, Math.max(this.bytes.length * 2, this.position + count)));
      grown.set(this.bytes.subarray(0, this.position));
      this.bytes = grown;
      if (this.position + count <= grown.length) return;
    }
    const kept = this.reach;
    this.bytes.copyWithin(0, this.position - kept, this.position);
    this.start = Math.max(0, this.start - (this.position - kept));
    this.position = kept;
  }

  /** Adds bytes that were stored as they are. */
  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.position);
    this.advance(bytes.length);
  }

  /** Takes in bytes that were written at the position, in the room made for them. */
  advance(count: number): void {
    this.position += count;
    this.written += count;
  }
}

/** Damage of the data itself. */
export function damaged(detail: string): FormatError {
  return new FormatError("xz", "malformed", detail);
}
