import { createHash, randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { crc32, inflatePieces } from "@plimsoll/formats";
import { describe, expect, test } from "vitest";
import { fileEngine } from "./file-engine.ts";

const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(2_000_000, "a run of text, "), randomBytes(5)]);
const packed = deflateRawSync(content);

function* inParts(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

describe.each([
  ["Node's", fileEngine.inflateRaw],
  ["the portable", inflatePieces],
])("%s expander", (_, inflateRaw) => {
  // Node's uses the memory of a piece again.
  const expanded = (bytes: Uint8Array, length: number): Buffer => {
    const parts: Uint8Array[] = [];
    for (const piece of inflateRaw(inParts(bytes, length))) parts.push(piece.slice());
    return Buffer.concat(parts);
  };

  test.each([1_000_000, 65_536, 999])("gives the content from parts of %d bytes", (length) => {
    expect(expanded(packed, length).equals(content)).toBe(true);
  });

  test.each([1_000_000, 4_096])("leaves alone what stands behind the end, in parts of %d bytes", (length) => {
    const parts: Uint8Array[] = [];
    let given = 0;
    function* padded(): Generator<Uint8Array> {
      for (const part of inParts(Buffer.concat([packed, Buffer.alloc(20_000_000, 7)]), length)) {
        given += part.length;
        yield part;
      }
    }
    for (const piece of inflateRaw(padded())) parts.push(piece.slice());

    expect(Buffer.concat(parts).equals(content)).toBe(true);
    expect(given).toBeLessThan(packed.length + 2 * length);
  });

  test("gives no piece that is much larger than a step", () => {
    for (const piece of inflateRaw([deflateRawSync(Buffer.alloc(40_000_000))]))
      expect(piece.length).toBeLessThanOrEqual(17_000_000);
  });

  test("refuses what is damaged, cut or not there", () => {
    expect(() => expanded(packed.subarray(0, 200_000), 65_536)).toThrow();
    expect(() => expanded(packed.subarray(0, -1), 65_536)).toThrow();
    expect(() => expanded(Uint8Array.of(0xff, 0xff, 0xff), 65_536)).toThrow();
    expect(() => expanded(new Uint8Array(0), 65_536)).toThrow();
  });
});

test("sums are those of the portable code", () => {
  const hash = fileEngine.sha1();
  for (const part of inParts(content, 70_000)) hash.update(part);

  expect(hash.digest()).toBe(createHash("sha1").update(content).digest("hex"));
  if (fileEngine.crc32 !== undefined)
    expect(fileEngine.crc32(content.subarray(1_000), fileEngine.crc32(content.subarray(0, 1_000)))).toBe(
      crc32(content),
    );
});
