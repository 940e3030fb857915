import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { fuzz } from "./read-rpm-header.fuzz.ts";
import { readRpmHeader } from "./read-rpm-header.ts";

interface Tag {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly data: readonly number[];
}

function headerBlob(tags: readonly Tag[]): Uint8Array {
  const data = tags.flatMap((tag) => tag.data);
  const blob = new Uint8Array(8 + 16 * tags.length + data.length);
  const view = new DataView(blob.buffer);
  view.setUint32(0, tags.length);
  view.setUint32(4, data.length);
  let offset = 0;
  tags.forEach((tag, at) => {
    [tag.tag, tag.type, offset, tag.count].forEach((word, column) => view.setUint32(8 + 16 * at + 4 * column, word));
    offset += tag.data.length;
  });
  blob.set(data, 8 + 16 * tags.length);
  return blob;
}

const text = (content: string): number[] => [...new TextEncoder().encode(content), 0];

const header = readRpmHeader(
  headerBlob([
    { tag: 63, type: 7, count: 16, data: Array.from({ length: 16 }, () => 0) },
    { tag: 1000, type: 6, count: 1, data: text("bash") },
    { tag: 1003, type: 4, count: 2, data: [0, 0, 0, 1, 255, 255, 255, 255] },
    { tag: 1004, type: 9, count: 2, data: [...text("Größe"), ...text("size")] },
    { tag: 1030, type: 3, count: 1, data: [0x81, 0xa4] },
    { tag: 5009, type: 5, count: 1, data: [0, 0, 0, 1, 0, 0, 0, 0] },
    { tag: 1028, type: 2, count: 1, data: [9] },
    { tag: 1047, type: 8, count: 3, data: [...text("a"), ...text(""), ...text("c")] },
    { tag: 261, type: 7, count: 3, data: [1, 2, 3] },
  ]),
);

describe("readRpmHeader", () => {
  test("reads texts, the first of translations, and lists", () => {
    expect(header.text(1000)).toBe("bash");
    expect(header.text(1004)).toBe("Größe");
    expect(header.texts(1047)).toEqual(["a", "", "c"]);
  });

  test("reads integers of every size as unsigned", () => {
    expect(header.integers(1003)).toEqual([1, 4_294_967_295]);
    expect(header.integers(1030)).toEqual([0x81a4]);
    expect(header.integers(5009)).toEqual([4_294_967_296]);
    expect(header.integers(1028)).toEqual([9]);
  });

  test("reads bytes", () => {
    expect(header.bytes(261)).toEqual(new Uint8Array([1, 2, 3]));
  });

  test("a tag that is absent or of another type is empty", () => {
    expect(header.text(9999)).toBeUndefined();
    expect(header.text(1003)).toBeUndefined();
    expect(header.texts(261)).toEqual([]);
    expect(header.integers(1000)).toEqual([]);
    expect(header.bytes(1000)).toBeUndefined();
  });

  test("of repeated tags the last counts", () => {
    const twice = headerBlob([
      { tag: 1000, type: 6, count: 1, data: text("a") },
      { tag: 1000, type: 6, count: 1, data: text("b") },
    ]);

    expect(readRpmHeader(twice).text(1000)).toBe("b");
  });

  test("counts that lead behind the data give what is there, or nothing", () => {
    const blob = headerBlob([
      { tag: 1, type: 8, count: 0xffffffff, data: text("a") },
      { tag: 2, type: 4, count: 0xffffffff, data: [0, 0, 0, 1] },
      { tag: 3, type: 7, count: 0xffffffff, data: [1] },
    ]);
    const absurd = readRpmHeader(blob);

    expect(absurd.texts(1)[0]).toBe("a");
    expect(absurd.integers(2)).toEqual([]);
    expect(absurd.bytes(3)).toBeUndefined();
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["no tags", new Uint8Array(8)],
    ["more tags than bytes", new Uint8Array([0, 0, 0, 200, 0, 0, 0, 0, 1])],
    ["absurdly many tags", new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0])],
    ["absurdly much data", new Uint8Array([0, 0, 0, 1, 255, 255, 255, 255])],
  ])("refuses %s", (_, blob) => {
    expect(() => readRpmHeader(blob)).toThrow(FormatError);
  });

  test("any bytes are read or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(5), (tail, tags) => {
        const blob = new Uint8Array(8 + tail.length);
        new DataView(blob.buffer).setUint32(0, tags);
        blob.set(tail, 8);
        fuzz(blob);
      }),
      { numRuns: 500 },
    );
  });
});
