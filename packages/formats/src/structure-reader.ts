import { rangesOf } from "./byte-ranges.ts";
import type { ByteRanges } from "./byte-ranges.ts";
import { FormatError } from "./format-error.ts";

/** How many bytes of a file are held at once. Tables are read from their beginning to their end. */
const heldBytes = 64 * 1024;

/** Reads fixed-size fields at offsets; reading past the end is a {@link FormatError} of the format. */
export class StructureReader {
  readonly #format: string;
  readonly #content: ByteRanges;
  readonly #littleEndian: boolean;
  #view: DataView;
  /** Where the view begins in the file. */
  #start = 0;

  constructor(format: string, content: Uint8Array | ByteRanges, littleEndian: boolean) {
    this.#format = format;
    this.#content = rangesOf(content);
    this.#view = viewOf(content instanceof Uint8Array ? content : content.read(0, heldBytes));
    this.#littleEndian = littleEndian;
  }

  u8(offset: number): number {
    const at = this.#inside(offset, 1);
    return this.#view.getUint8(at);
  }

  u16(offset: number): number {
    const at = this.#inside(offset, 2);
    return this.#view.getUint16(at, this.#littleEndian);
  }

  u32(offset: number): number {
    const at = this.#inside(offset, 4);
    return this.#view.getUint32(at, this.#littleEndian);
  }

  /** Reads an unsigned number of 64 bits. One above 2^53 loses its last bits; no file reaches that far. */
  u64(offset: number): number {
    const at = this.#inside(offset, 8);
    return Number(this.#view.getBigUint64(at, this.#littleEndian));
  }

  /** An address of the given width. */
  pointer(offset: number, size: 4 | 8): number {
    return size === 8 ? this.u64(offset) : this.u32(offset);
  }

  /** Latin-1 text up to a zero byte or the given length. */
  text(offset: number, maxLength: number): string {
    let text = "";
    for (let at = offset; at < offset + maxLength && at < this.#content.size && at >= 0; at++) {
      const byte = this.u8(at);
      if (byte === 0) break;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** Offset of a field within the view. The view is moved when the field lies outside of it. */
  #inside(offset: number, length: number): number {
    const at = offset - this.#start;
    if (at >= 0 && at + length <= this.#view.byteLength && Number.isSafeInteger(offset)) return at;
    if (Number.isSafeInteger(offset) && offset >= 0 && offset + length <= this.#content.size) {
      this.#start = offset - (offset % (heldBytes / 2));
      this.#view = viewOf(this.#content.read(this.#start, this.#start + heldBytes));
      if (offset - this.#start + length <= this.#view.byteLength) return offset - this.#start;
    }
    throw new FormatError(this.#format, "truncated", "ends early", { offset });
  }
}

/**
 * Reads Latin-1 text up to a zero byte, at most `most` bytes; "" outside of the file. For texts that stand far from what refers to them:
 * moving a {@link StructureReader} there and back would read many kilobytes for each.
 */
export function textAt(content: ByteRanges, at: number, most: number): string {
  if (!(at >= 0)) return "";
  const bytes = content.read(at, at + most);
  const zero = bytes.indexOf(0);
  return String.fromCharCode(...(zero === -1 ? bytes : bytes.subarray(0, zero)));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
