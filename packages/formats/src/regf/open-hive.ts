import { FormatError } from "../format-error.ts";
import { StructureReader } from "../structure-reader.ts";

/** A key of a registry hive. */
export interface HiveKey {
  readonly name: string;
  /** The key below this one by its path, `\` between names, without regard to case; undefined when there is none. */
  key(path: string): HiveKey | undefined;
  /** Keys right below this one, in the order of the hive. */
  keys(): Generator<HiveKey>;
  /** A text (REG_SZ, REG_EXPAND_SZ) or a number (REG_DWORD, REG_QWORD); undefined for others and when there is none. */
  value(name: string): string | number | undefined;
}

/** Offsets of the two sequence numbers of a hive. They differ while the latest changes are in the transaction logs only. */
const sequences = [4, 8] as const;
/** The first block of a file, before its cells. */
const headerSize = 4_096;
/** How many keys and values of a hive are visited at most: in a damaged hive they may lead in circles. */
const maxVisits = 2_000_000;
/** The most bytes of a value that is read. */
const maxValue = 64 * 1024;
const inlineValue = 0x8000_0000;
const none = 0xffff_ffff;

/**
 * A hive of the Windows registry, by its root key. Read as it lies in the file, without its transaction logs (structure: Maxim Suhanov,
 * "Windows registry file format specification", https://github.com/msuhanov/regf).
 * @throws FormatError when it is none, and while it is read when it is damaged or leads in circles.
 */
export function openHive(bytes: Uint8Array): HiveKey {
  const reader = new StructureReader("regf", bytes, true);
  if (bytes.length < headerSize || reader.u32(0) !== 0x6667_6572)
    throw new FormatError("regf", "malformed", "not a registry hive");
  return new Hive(bytes, reader).keyAt(reader.u32(0x24));
}

/**
 * Whether the newest changes of a hive may be in its transaction logs (`SOFTWARE.LOG1`, `.LOG2`) and not in its file: it was not closed in
 * order. False for what is no hive.
 */
export function hasPendingChanges(bytes: Uint8Array): boolean {
  if (bytes.length < headerSize) return false;
  const reader = new StructureReader("regf", bytes, true);
  const [first, second] = sequences;
  return reader.u32(0) === 0x6667_6572 && reader.u32(first) !== reader.u32(second);
}

class Hive {
  readonly #bytes: Uint8Array;
  readonly #reader: StructureReader;
  #visits = 0;

  constructor(bytes: Uint8Array, reader: StructureReader) {
    this.#bytes = bytes;
    this.#reader = reader;
  }

  keyAt(offset: number): HiveKey {
    const at = this.#cell(offset, 0x6b6e);
    const isLatin = (this.#reader.u16(at + 2) & 0x20) !== 0;
    const name = this.#name(at + 76, this.#reader.u16(at + 72), isLatin);
    const keys = (): Generator<HiveKey> => this.#keysBelow(at);
    return {
      name,
      keys,
      key: (path) => {
        let found: HiveKey | undefined;
        let level: Generator<HiveKey> = keys();
        for (const part of path.split("\\")) {
          found = undefined;
          for (const key of level)
            if (key.name.toLowerCase() === part.toLowerCase()) {
              found = key;
              break;
            }
          if (found === undefined) return undefined;
          level = found.keys();
        }
        return found;
      },
      value: (wanted) => this.#value(at, wanted.toLowerCase()),
    };
  }

  *#keysBelow(at: number): Generator<HiveKey> {
    const list = this.#reader.u32(at + 28);
    if (this.#reader.u32(at + 20) !== 0 && list !== none) yield* this.#keysIn(list, 0);
  }

  /** The keys in a list of subkeys: `lf` and `lh` hold offsets and hashes, `li` offsets, and `ri` offsets of further lists. */
  *#keysIn(offset: number, depth: number): Generator<HiveKey> {
    const at = this.#cell(offset);
    const kind = this.#reader.text(at, 2);
    const count = this.#reader.u16(at + 2);
    if (!["lf", "lh", "li", "ri"].includes(kind))
      throw new FormatError("regf", "malformed", "a list of keys has an unknown signature");
    const width = kind === "lf" || kind === "lh" ? 8 : 4;
    for (let index = 0; index < count; index++) {
      const entry = this.#reader.u32(at + 4 + index * width);
      if (kind !== "ri") yield this.keyAt(entry);
      else if (depth < 2) yield* this.#keysIn(entry, depth + 1);
      else throw new FormatError("regf", "malformed", "lists of keys lie in each other");
    }
  }

  #value(at: number, wanted: string): string | number | undefined {
    const count = this.#reader.u32(at + 36);
    const list = this.#reader.u32(at + 40);
    if (count === 0 || list === none) return undefined;
    const offsets = this.#cell(list);
    for (let index = 0; index < count; index++) {
      const value = this.#cell(this.#reader.u32(offsets + index * 4), 0x6b76);
      const isLatin = (this.#reader.u16(value + 16) & 1) !== 0;
      if (this.#name(value + 20, this.#reader.u16(value + 2), isLatin).toLowerCase() !== wanted) continue;
      return this.#content(value);
    }
    return undefined;
  }

  #content(value: number): string | number | undefined {
    const stated = this.#reader.u32(value + 4);
    const isInline = stated >= inlineValue;
    const size = isInline ? stated - inlineValue : stated;
    const type = this.#reader.u32(value + 12);
    if (size > (isInline ? 4 : maxValue)) return undefined;
    const start = isInline ? value + 8 : this.#cell(this.#reader.u32(value + 8));
    if (type === 4 && size >= 4) return this.#reader.u32(start);
    if (type === 11 && size >= 8) return this.#reader.u64(start);
    return type === 1 || type === 2 ? this.#name(start, size, false).replace(/\0.*$/s, "") : undefined;
  }

  /**
   * Offset of the content of a cell. Throws a FormatError when it does not begin with `signature`, and when more cells are visited than
   * {@link maxVisits}.
   */
  #cell(offset: number, signature?: number): number {
    this.#visits++;
    if (this.#visits > maxVisits)
      throw new FormatError("regf", "limit-exceeded", "its keys lead in circles, or there are too many of them");
    const at = headerSize + offset + 4;
    if (signature !== undefined && this.#reader.u16(at) !== signature)
      throw new FormatError("regf", "malformed", "a cell has another signature than what refers to it expects", {
        offset: at,
      });
    return at;
  }

  #name(at: number, length: number, isLatin: boolean): string {
    if (at + length > this.#bytes.length) throw new FormatError("regf", "truncated", "ends early", { offset: at });
    const bytes = this.#bytes.subarray(at, at + length);
    return new TextDecoder(isLatin ? "latin1" : "utf-16le").decode(bytes);
  }
}
