import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { fuzz } from "./read-blobs.fuzz.ts";
import { readBlobs } from "./read-blobs.ts";

const slotPage = 4096;

/** A package database with one page of slots; package numbers count from 1. */
function ndbFile(blobs: readonly Uint8Array[]): Uint8Array {
  const blocks = blobs.map((blob) => Math.ceil((16 + blob.length + 12) / 16));
  const file = new Uint8Array(slotPage + 16 * blocks.reduce((sum, count) => sum + count, 0));
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x506d7052, true);
  view.setUint32(12, 1, true);
  for (let slot = 2; slot < slotPage / 16; slot++) view.setUint32(16 * slot, 0x746f6c53, true);
  let block = slotPage / 16;
  blobs.forEach((blob, number) => {
    const slot = 16 * (2 + number);
    view.setUint32(slot + 4, number + 1, true);
    view.setUint32(slot + 8, block, true);
    view.setUint32(slot + 12, blocks[number] ?? 0, true);
    const start = block * 16;
    view.setUint32(start, 0x53626c42, true);
    view.setUint32(start + 4, number + 1, true);
    view.setUint32(start + 12, blob.length, true);
    file.set(blob, start + 16);
    block += blocks[number] ?? 0;
  });
  return file;
}

const blobs = [new Uint8Array(100).fill(1), new Uint8Array(5).fill(2), new Uint8Array(0)];

function read(file: Uint8Array): { blobs: Uint8Array[]; problems: FormatError[] } {
  const problems: FormatError[] = [];
  return { blobs: [...readBlobs(file, (problem) => problems.push(problem))], problems };
}

describe("readBlobs", () => {
  test("reads blobs in the order of their slots", () => {
    expect(read(ndbFile(blobs))).toEqual({ blobs, problems: [] });
  });

  test("reads of a file that is not in memory its slots and one blob after the other", () => {
    const file = ndbFile(blobs);
    const reads: [number, number][] = [];
    const ranges = {
      size: file.length,
      read: (start: number, end: number) => (reads.push([start, end]), file.slice(start, end)),
    };
    const found = [];
    for (const blob of readBlobs(ranges)) found.push([blob, reads.length]);

    expect(found).toEqual(blobs.map((blob, at) => [blob, 1 + 2 * (at + 1)]));
    expect(reads.slice(0, 3)).toEqual([
      [0, slotPage],
      [slotPage, slotPage + 16],
      [slotPage + 16, slotPage + 116],
    ]);
  });

  test.each([
    ["an empty file", new Uint8Array()],
    ["another magic", new Uint8Array(slotPage)],
    ["an unknown version", ndbFile(blobs).fill(1, 4, 5)],
  ])("refuses %s", (_, file) => {
    expect(() => read(file)).toThrow(FormatError);
  });

  test.each<[string, (view: DataView) => void]>([
    ["a slot without its mark", (view) => view.setUint32(32, 0, true)],
    ["a slot that points behind the file", (view) => view.setUint32(40, 0xffffffff, true)],
    ["a slot that points at another blob", (view) => view.setUint32(36, 9, true)],
    ["an absurd length", (view) => view.setUint32(slotPage + 12, 0xffffffff, true)],
    ["a blob without its mark", (view) => view.setUint32(slotPage, 0, true)],
  ])("%s costs one blob", (_, damage) => {
    const file = ndbFile(blobs);
    damage(new DataView(file.buffer));

    const { blobs: found, problems } = read(file);

    expect(found).toEqual(blobs.slice(1));
    expect(problems).toHaveLength(1);
  });

  test("more slots than the file has are read as far as they go", () => {
    const file = ndbFile(blobs);
    new DataView(file.buffer).setUint32(12, 0xffffffff, true);

    const { blobs: found, problems } = read(file);

    expect(found).toEqual(blobs);
    expect(problems.length).toBeGreaterThan(0);
  });

  test("a file that is damage all over is left", () => {
    const file = new Uint8Array(10 * slotPage);
    file.set(ndbFile([]));
    new DataView(file.buffer).setUint32(12, 10, true);
    const problems: FormatError[] = [];

    expect(() => [...readBlobs(file, (problem) => problems.push(problem))]).toThrow("too many places");
    expect(problems).toHaveLength(1_000);
  });

  test("blobs that overlap are not read beyond the size of the file", () => {
    const file = ndbFile([new Uint8Array(3000)]);
    const view = new DataView(file.buffer);
    // Every slot now points at the one blob.
    for (let slot = 2; slot < slotPage / 16; slot++) {
      view.setUint32(16 * slot + 4, 1, true);
      view.setUint32(16 * slot + 8, slotPage / 16, true);
    }

    const { blobs: found, problems } = read(file);

    expect(found).toHaveLength(2);
    expect(problems.at(-1)?.problem).toBe("limit-exceeded");
  });

  test("gives blobs or problems, nothing else, whichever bytes are wrong", () => {
    const file = ndbFile(blobs);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const copy = file.slice();
        for (const [at, byte] of changes) copy[at] = byte;
        fuzz(copy);
      }),
      { numRuns: 300 },
    );
  });
});
