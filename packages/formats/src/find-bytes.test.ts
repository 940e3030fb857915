import fc from "fast-check";
import { expect, test } from "vitest";
import { findBytes } from "./find-bytes.ts";

const few = fc.uint8Array({ max: 2, maxLength: 60 });

test("finds bytes where Buffer finds them", () => {
  fc.assert(
    fc.property(few, fc.uint8Array({ max: 2, maxLength: 5 }), fc.nat(70), (bytes, wanted, from) => {
      // Buffer takes a place beyond the end for the end.
      const expected = from > bytes.length ? -1 : Buffer.from(bytes).indexOf(wanted, from);

      expect(findBytes(bytes, wanted, from)).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});
