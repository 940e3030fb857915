import { describe, expect, test } from "vitest";
import type { ByteRanges } from "./byte-ranges.ts";
import { FormatError } from "./format-error.ts";
import { StructureReader } from "./structure-reader.ts";

const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) % 251);

/** A file that counts what is read of it. */
function counted(): ByteRanges & { readonly reads: number[] } {
  const reads: number[] = [];
  return {
    size: bytes.length,
    reads,
    read(start, end) {
      const part = bytes.slice(start, end);
      reads.push(part.length);
      return part;
    },
  };
}

describe("fields of a file that is not in memory", () => {
  test.each([0, 3, 65_530, 65_535, 65_536, 98_301, 131_071, 299_992])(
    "at %i are those of the same bytes in memory",
    (at) => {
      for (const littleEndian of [true, false]) {
        const inMemory = new StructureReader("test", bytes, littleEndian);
        // A new one each time, and one that was elsewhere before.
        const moved = new StructureReader("test", counted(), littleEndian);
        moved.u8(200_000);
        for (const reader of [new StructureReader("test", counted(), littleEndian), moved]) {
          expect([reader.u8(at), reader.u16(at), reader.u32(at), reader.u64(at)]).toEqual([
            inMemory.u8(at),
            inMemory.u16(at),
            inMemory.u32(at),
            inMemory.u64(at),
          ]);
          expect(reader.text(at, 100)).toBe(inMemory.text(at, 100));
        }
      }
    },
  );

  test("are read in windows: a table from beginning to end costs its bytes about once", () => {
    const file = counted();
    const reader = new StructureReader("test", file, true);
    for (let at = 0; at + 8 <= bytes.length; at += 8) reader.u64(at);

    expect(file.reads.reduce((sum, length) => sum + length, 0)).toBeLessThan(3 * bytes.length);
    expect(Math.max(...file.reads)).toBeLessThanOrEqual(65_536);
  });

  test.each([-1, 299_993, 300_000, Number.NaN, 2 ** 60])("beyond it (%d) are an error of the format", (at) => {
    const reader = new StructureReader("test", counted(), true);

    expect(() => reader.u64(at)).toThrow(FormatError);
  });
});
