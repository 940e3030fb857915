import type { ByteStream, RandomAccessBytes } from "./bytes.ts";

/** How many bytes are asked for at once from a source that can be read from any offset. */
const windowBytes = 256 * 1024;

/** Shorter skips are read and dropped, which is cheaper than to open another range. */
const seekThreshold = 1024 * 1024;

const empty = new Uint8Array(0);

/**
 * Reads a stream, or bytes that can be read from any offset, from the front in pieces of any size. The views that it gives are valid until
 * the next call. In bytes that can be read from any offset, long skips read nothing.
 */
export class ByteSource {
  /** Offset of the next byte. */
  position = 0;
  private chunk: Uint8Array = empty;
  private at = 0;
  private iterator: AsyncIterator<Uint8Array> | undefined;
  private readonly seekable: RandomAccessBytes | undefined;
  private windowEnd = 0;

  constructor(input: ByteStream | RandomAccessBytes) {
    if (isSeekable(input)) this.seekable = input;
    else this.iterator = input[Symbol.asyncIterator]();
  }

  /** Takes `count` bytes without waiting and without a copy; undefined when the current chunk has fewer. */
  tryTake(count: number): Uint8Array | undefined {
    const end = this.at + count;
    if (end > this.chunk.length) return undefined;
    const view = this.chunk.subarray(this.at, end);
    this.at = end;
    this.position += count;
    return view;
  }

  /**
   * Takes `count` bytes; fewer only at the end of the input. Memory is taken for bytes that are there, so that `count` may come from a
   * hostile file.
   */
  async take(count: number): Promise<Uint8Array> {
    const direct = this.tryTake(count);
    if (direct !== undefined) return direct;
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const part = await this.next(missing);
      if (part === undefined) break;
      parts.push(part.slice());
      missing -= part.length;
    }
    return concatBytes(parts);
  }

  /** Takes the next piece: at most `limit` bytes, never empty; undefined at the end of the input. */
  async next(limit: number): Promise<Uint8Array | undefined> {
    while (this.at >= this.chunk.length) if (!(await this.pull())) return undefined;
    const view = this.chunk.subarray(this.at, Math.min(this.chunk.length, this.at + limit));
    this.at += view.length;
    this.position += view.length;
    return view;
  }

  /** Puts back the last `count` bytes of what {@link next} has just returned. */
  unread(count: number): void {
    const taken = Math.min(count, this.at);
    this.at -= taken;
    this.position -= taken;
  }

  /** Moves `count` bytes on if the current chunk reaches that far; says whether it did. */
  trySkip(count: number): boolean {
    if (this.at + count > this.chunk.length) return false;
    this.at += count;
    this.position += count;
    return true;
  }

  /** Moves `count` bytes on, or to the end of the input. Gives the number of bytes that it moved. */
  async skip(count: number): Promise<number> {
    let missing = count;
    while (missing > 0) {
      const available = this.chunk.length - this.at;
      if (this.seekable !== undefined && missing - available > seekThreshold)
        return count - missing + this.seek(missing);
      if (available > 0) {
        const step = Math.min(available, missing);
        this.at += step;
        this.position += step;
        missing -= step;
      } else if (!(await this.pull())) break;
    }
    return count - missing;
  }

  /** Reads nothing more and releases the input. */
  async close(): Promise<void> {
    this.chunk = empty;
    this.at = 0;
    await this.iterator?.return?.();
    this.iterator = undefined;
  }

  private seek(count: number): number {
    const size = this.seekable?.size ?? 0;
    const target = Math.min(size, this.position + count);
    const moved = target - this.position;
    this.chunk = empty;
    this.at = 0;
    this.position = target;
    // A window read to its end has nothing to release; one left early is dropped by the source when it is collected.
    void this.iterator?.return?.();
    this.iterator = undefined;
    return moved;
  }

  private async pull(): Promise<boolean> {
    for (;;) {
      if (this.iterator === undefined && !this.openWindow()) return false;
      const result = await this.iterator?.next();
      if (result === undefined || result.done === true) {
        this.iterator = undefined;
        // A seekable source that ends before its window does is shorter than it said.
        if (this.seekable === undefined || this.position < this.windowEnd) {
          this.windowEnd = Number.POSITIVE_INFINITY;
          return false;
        }
        continue;
      }
      if (result.value.length === 0) continue;
      this.chunk = result.value;
      this.at = 0;
      return true;
    }
  }

  private openWindow(): boolean {
    if (this.seekable === undefined || this.position >= this.seekable.size) return false;
    if (this.windowEnd === Number.POSITIVE_INFINITY) return false;
    this.windowEnd = Math.min(this.seekable.size, this.position + windowBytes);
    this.iterator = this.seekable.read(this.position, this.windowEnd)[Symbol.asyncIterator]();
    return true;
  }
}

/**
 * Whether the input can be read from any offset: it can when it is no stream. A method `read` would not tell, since streams of Node have
 * one, too.
 */
export function isSeekable(input: ByteStream | RandomAccessBytes): input is RandomAccessBytes {
  return !(Symbol.asyncIterator in input);
}

/** One array with the bytes of all parts in order; the part itself, not a copy of it, when there is one only. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
