import { FormatError } from "./format-error.ts";

/** Reads fixed-size fields at offsets; reading past the end is a {@link FormatError} of the format. */
export class StructureReader {
  readonly #format: string;
  readonly #view: DataView;
  readonly #littleEndian: boolean;

  constructor(format: string, bytes: Uint8Array, littleEndian: boolean) {
    this.#format = format;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
  }

  u8(offset: number): number {
    return this.#view.getUint8(this.#inside(offset, 1));
  }

  u16(offset: number): number {
    return this.#view.getUint16(this.#inside(offset, 2), this.#littleEndian);
  }

  u32(offset: number): number {
    return this.#view.getUint32(this.#inside(offset, 4), this.#littleEndian);
  }

  /** Addresses and sizes beyond 2^53 lose their last bits: nothing of such a file can be read anyway. */
  u64(offset: number): number {
    return Number(this.#view.getBigUint64(this.#inside(offset, 8), this.#littleEndian));
  }

  /** An address of the given width. */
  pointer(offset: number, size: 4 | 8): number {
    return size === 8 ? this.u64(offset) : this.u32(offset);
  }

  /** Latin-1 text up to a zero byte or the given length. */
  text(offset: number, maxLength: number): string {
    let text = "";
    for (let at = offset; at < offset + maxLength && at < this.#view.byteLength && at >= 0; at++) {
      const byte = this.#view.getUint8(at);
      if (byte === 0) break;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #inside(offset: number, length: number): number {
    if (Number.isSafeInteger(offset) && offset >= 0 && offset + length <= this.#view.byteLength) return offset;
    throw new FormatError(this.#format, "truncated", "ends early", { offset });
  }
}
