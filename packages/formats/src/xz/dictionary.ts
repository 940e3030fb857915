import { FormatError } from "../format-error.ts";

/** Bytes that are allocated at first. A header may claim any size. */
const firstBytes = 1024 * 1024;

/** The most bytes that an LZMA2 chunk expands to (xz file format, LZMA2). */
const maxChunkBytes = 2 * 1024 * 1024;

/** The latest output, as far back as matches reach. Grows with what was written, up to what `size` needs. */
export class Dictionary {
  /** The output; valid up to {@link position}. Another array when the dictionary has grown. */
  bytes: Uint8Array = new Uint8Array(firstBytes);
  /** Index at which the next byte is put. */
  position = 0;
  /** Bytes that were written since the last reset. */
  written = 0;
  private start = 0;
  private readonly size: number;
  private readonly capacity: number;

  constructor(size: number) {
    this.size = size;
    // Moving the dictionary to the front costs a copy of it: a quarter more room makes that rare.
    this.capacity = size + Math.max(maxChunkBytes, size >> 2);
  }

  /** Ends what matches can reach: later ones do not go back behind this point. */
  reset(): void {
    this.start = this.position;
    this.written = 0;
  }

  /** How many bytes back a match may reach. */
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

  /** Counts bytes that the decoder has written at the position, in the room that {@link reserve} made. */
  advance(count: number): void {
    this.position += count;
    this.written += count;
  }
}

/** The error for damaged data. */
export function damaged(detail: string): FormatError {
  return new FormatError("xz", "malformed", detail);
}
