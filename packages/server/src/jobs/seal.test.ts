import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sealWith } from "./seal.ts";

const key = new Uint8Array(32).fill(1);

describe("a seal", () => {
  test("opens what it closed, with the same key and for the same purpose alone", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.string(), fc.string(), (value, purpose, other) => {
        const seal = sealWith(key);
        const sealed = seal.close(value, purpose);

        expect(seal.open(sealed, purpose)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(sealWith(new Uint8Array(32).fill(2)).open(sealed, purpose)).toBeUndefined();
        if (other !== purpose) expect(seal.open(sealed, other)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test("is never the same twice, and does not open what was changed or is none", () => {
    const seal = sealWith(key);
    const sealed = seal.close({ secret: "hunter2" }, "p");

    expect(seal.close({ secret: "hunter2" }, "p")).not.toBe(sealed);
    for (let at = 0; at < sealed.length - 2; at++) {
      const letter = sealed[at] === "A" ? "B" : "A";
      expect(seal.open(sealed.slice(0, at) + letter + sealed.slice(at + 1), "p")).toBeUndefined();
    }
    for (const nothing of [undefined, 7, "", "AAAA", {}]) expect(seal.open(nothing, "p")).toBeUndefined();
  });
});
