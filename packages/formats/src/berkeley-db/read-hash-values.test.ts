import { processorTime } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { fuzz } from "./read-hash-values.fuzz.ts";
import { readHashValues } from "./read-hash-values.ts";

const pageSize = 512;
const room = pageSize - 26;

/** A hash database: metadata, one leaf with a key and a value each, the overflow pages behind it. */
function hashFile(values: readonly Uint8Array[], littleEndian = true): Uint8Array {
  const chains = values.map((value) => Math.ceil(value.length / room));
  const pages = 2 + chains.reduce((sum, count) => sum + count, 0);
  const file = new Uint8Array(pages * pageSize);
  const view = new DataView(file.buffer);
  view.setUint32(12, 0x00061561, littleEndian);
  view.setUint32(20, pageSize, littleEndian);
  view.setUint8(25, 8);
  view.setUint32(32, pages - 1, littleEndian);

  const leaf = pageSize;
  view.setUint16(leaf + 20, 2 * values.length, littleEndian);
  view.setUint8(leaf + 25, 13);
  let free = pageSize;
  let next = 2;
  values.forEach((value, number) => {
    free -= 5;
    view.setUint16(leaf + 26 + 4 * number, free, littleEndian);
    view.setUint8(leaf + free, 1);
    free -= 12;
    view.setUint16(leaf + 28 + 4 * number, free, littleEndian);
    view.setUint8(leaf + free, 3);
    view.setUint32(leaf + free + 4, next, littleEndian);
    view.setUint32(leaf + free + 8, value.length, littleEndian);
    const count = chains[number] ?? 0;
    for (let part = 0; part < count; part++, next++) {
      const start = next * pageSize;
      const chunk = value.subarray(part * room, (part + 1) * room);
      view.setUint32(start + 16, part === count - 1 ? 0 : next + 1, littleEndian);
      view.setUint16(start + 22, chunk.length, littleEndian);
      view.setUint8(start + 25, 7);
      file.set(chunk, start + 26);
    }
  });
  return file;
}

const values = [new Uint8Array(1200).fill(1), new Uint8Array(486).fill(2), new Uint8Array(30).fill(3)];

function read(file: Uint8Array): { values: Uint8Array[]; problems: FormatError[] } {
  const problems: FormatError[] = [];
  return { values: [...readHashValues(file, (problem) => problems.push(problem))], problems };
}

describe("readHashValues", () => {
  test.each([true, false])("reads values over several pages, little-endian: %s", (littleEndian) => {
    expect(read(hashFile(values, littleEndian))).toEqual({ values, problems: [] });
  });

  test("reads a file that is not in memory once, a window at a time", () => {
    const large = Array.from({ length: 12 }, (_, at) => new Uint8Array(100_000).fill(at));
    const file = hashFile(large);
    const reads: number[] = [];
    const ranges = {
      size: file.length,
      read: (start: number, end: number) => (reads.push(end - start), file.slice(start, end)),
    };

    expect([...readHashValues(ranges)]).toEqual(large);
    expect(Math.max(...reads)).toBe(256 * 1024);
    // The windows are gone through for the values of the one leaf, and then for further leaves.
    expect(reads.length).toBeLessThanOrEqual(1 + 2 * Math.ceil(file.length / (256 * 1024)));
  });

  test("reads a value that is stored in the page itself", () => {
    const file = hashFile([values[2] ?? new Uint8Array()]);
    const view = new DataView(file.buffer);
    const at = view.getUint16(pageSize + 28, true);
    file.set([1, 7, 7, 7], pageSize + at);

    expect(read(file).values).toEqual([file.subarray(pageSize + at + 1, pageSize + at + 12)]);
  });

  test.each<[string, number, number[]]>([
    ["another magic", 12, [0]],
    ["encryption", 24, [1]],
    ["a tree instead of a hash", 25, [9]],
    ["a page size of 0", 20, [0, 0, 0, 0]],
    ["a page size that is no power of two", 20, [1, 3, 0, 0]],
    ["an absurd page size", 20, [0, 0, 0, 64]],
  ])("refuses %s", (_, at, bytes) => {
    const file = hashFile(values);
    file.set(bytes, at);

    expect(() => read(file)).toThrow(FormatError);
  });

  test("refuses an empty file", () => {
    expect(() => read(new Uint8Array())).toThrow(FormatError);
  });

  test("an overflow chain that leads back to itself costs one value", () => {
    const file = hashFile(values);
    new DataView(file.buffer).setUint32(2 * pageSize + 16, 2, true);

    const { values: found, problems } = read(file);

    expect(found).toEqual(values.slice(1));
    expect(problems.map(({ problem }) => problem)).toEqual(["malformed"]);
  });

  test("two values that share pages cost the second", () => {
    const file = hashFile(values);
    const view = new DataView(file.buffer);
    const second = view.getUint16(pageSize + 32, true);
    view.setUint32(pageSize + second + 4, 2, true);

    expect(read(file).values).toEqual([values[0], values[2]]);
  });

  test("an absurd length costs one value and no memory", () => {
    const file = hashFile(values);
    const view = new DataView(file.buffer);
    view.setUint32(pageSize + view.getUint16(pageSize + 28, true) + 8, 0xffffffff, true);

    expect(read(file).values).toEqual(values.slice(1));
  });

  test("values within a page that overlap are not read over and over", () => {
    const file = hashFile(values);
    const view = new DataView(file.buffer);
    file[pageSize + 25] = 13;
    view.setUint16(pageSize + 20, 200, true);
    // Every value begins at the same byte and ends with the page.
    for (let item = 0; item < 200; item++)
      view.setUint16(pageSize + 26 + 2 * item, item % 2 === 0 ? pageSize : 430, true);
    file[pageSize + 430] = 1;

    const { values: found, problems } = read(file);

    expect(found.length).toBeLessThan(20);
    expect(problems.map(({ message }) => message)).toContainEqual(expect.stringContaining("overlap"));
  });

  test("a thousand lengths that nothing backs cost no more than one", () => {
    // The file's size is a length that could be true; each of these would have to be made room for.
    const large = new Uint8Array(32 * 1024 * 1024);
    large.set(hashFile(values));
    const view = new DataView(large.buffer);
    view.setUint32(32, large.length / pageSize - 1, true);
    for (let page = 20; page < 80; page++) {
      const start = page * pageSize;
      large[start + 25] = 13;
      view.setUint16(start + 20, 40, true);
      for (let item = 0; item < 40; item++) {
        const at = 26 + 2 * 40 + 12 * (item >> 1);
        view.setUint16(start + 26 + 2 * item, at, true);
        large[start + at] = 3;
        view.setUint32(start + at + 4, 1_000_000, true);
        view.setUint32(start + at + 8, large.length - 1, true);
      }
    }
    const started = processorTime();

    expect(() => read(large)).toThrow("too many places");
    expect(processorTime() - started).toBeLessThan(1_000);
  });

  test("a truncated file gives the values before its end", () => {
    const file = hashFile(values);

    const { values: found, problems } = read(file.subarray(0, 5 * pageSize));

    expect(found).toEqual(values.slice(0, 1));
    expect(problems.length).toBeGreaterThan(0);
  });

  test("gives values or problems, nothing else, whichever bytes are wrong", () => {
    const file = hashFile(values);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const copy = file.slice();
        for (const [at, byte] of changes) copy[at] = byte;
        fuzz(copy);
      }),
      { numRuns: 500 },
    );
  });
});
