import fc from "fast-check";
import { expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { deflateRaw, inflateRaw } from "./raw-deflate.ts";

test("what was compressed expands to the same bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
      expect(inflateRaw(deflateRaw(bytes), bytes.length)).toEqual(bytes);
    }),
  );
});

test("more bytes than allowed are refused", () => {
  const packed = deflateRaw(new Uint8Array(100_000));

  expect(inflateRaw(packed, 100_000).length).toBe(100_000);
  expect(() => inflateRaw(packed, 99_999)).toThrow(FormatError);
});

test("any bytes expand or throw a FormatError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        expect(inflateRaw(bytes, 1_000).length).toBeLessThanOrEqual(1_000);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
  );
});
