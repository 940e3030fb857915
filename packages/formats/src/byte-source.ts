import type { ByteStream, RandomAccessBytes } from "./bytes.ts";

/** Bytes asked for at once from a seekable source. */
const windowBytes = 256 * 1024;

/** Shorter skips are read through: cheaper than opening another range. */
const seekThreshold = 1024 * 1024;

const empty = new Uint8Array(0);

/**
 * Forward reader over chunks of any size. Views it returns are valid until the next call.
 * A seekable source is read in windows, and long skips do not read at all.
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

  /** `count` bytes when the current chunk has them; no waiting, no copy. */
  tryTake(count: number): Uint8Array | undefined {
    const end = this.at + count;
    if (end > this.chunk.length) return undefined;
    const view = this.chunk.subarray(this.at, end);
    this.at = end;
    this.position += count;
    return view;
  }

  /** `count` bytes; fewer only at the end of the input. Collects what is there, so `count` need not be trusted. */
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

  /** The next piece, at most `limit` bytes and never empty; undefined at the end of the input. */
  async next(limit: number): Promise<Uint8Array | undefined> {
    while (this.at >= this.chunk.length) if (!(await this.pull())) return undefined;
    const view = this.chunk.subarray(this.at, Math.min(this.chunk.length, this.at + limit));
    this.at += view.length;
    this.position += view.length;
    return view;
  }

  /** Takes back the last `count` bytes of what `next` just returned. */
  unread(count: number): void {
    const taken = Math.min(count, this.at);
    this.at -= taken;
    this.position -= taken;
  }

  /** Moves over `count` bytes when the current chunk reaches that far. */
  trySkip(count: number): boolean {
    if (this.at + count > this.chunk.length) return false;
    this.at += count;
    this.position += count;
    return true;
  }

  /** Moves over `count` bytes and says how many there were. */
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

/** Whether the input can be read from any offset. Streams of Node have a `read` too, so that is not what tells. */
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
