import fc from "fast-check";
import { expect, test } from "vitest";
import { isUtf8Beginning } from "./decoded-text.ts";

test("what begins a text in UTF-8 is what a decoder takes that waits for more", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.array(fc.constantFrom(0x41, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x8f, 0x9f, 0xa0, 0xbf), { maxLength: 8 }),
    fc.string({ unit: "binary", maxLength: 6 }).map((text) => [...new TextEncoder().encode(text)]),
  );
  fc.assert(
    fc.property(bytes, fc.nat(3), (given, cut) => {
      const input = Uint8Array.from(given).subarray(0, Math.max(0, given.length - cut));
      let decodes = true;
      try {
        new TextDecoder("utf-8", { fatal: true }).decode(input, { stream: true });
      } catch {
        decodes = false;
      }

      expect(isUtf8Beginning(input)).toBe(decodes);
    }),
    { numRuns: 2_000 },
  );
});
