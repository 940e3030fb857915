import { processorTime } from "./processor-time.ts";
import type { VersionScheme } from "@plimsoll/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

export interface VersionSchemeSuite {
  /** Facts such as `1.2_rc1 < 1.2`; lines that are blank or start with `#` are comments. */
  readonly ordered: readonly string[];
  /** Texts that are no versions of the scheme. */
  readonly invalid: readonly string[];
  /** Generates valid versions. */
  readonly arbitrary: fc.Arbitrary<string>;
}

/** Texts near to versions in any scheme: what parsers meet in broken databases. */
export const arbitraryVersionLike: fc.Arbitrary<string> = fc.stringMatching(/^[0-9a-z.~^+:_\-!v]{0,24}$/);

const sign = { "<": -1, "=": 0, ">": 1 } as const;

/** The laws that every version scheme obeys, and the facts it must know. */
export function testVersionScheme(scheme: VersionScheme, suite: VersionSchemeSuite): void {
  describe(`version scheme ${scheme.id}`, () => {
    const facts = suite.ordered.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));

    test("has an id to be told by", () => {
      expect(scheme.id).toMatch(/^[a-z]+$/);
    });

    test.each(facts)("%s", (fact) => {
      const [a = "", operator = "", b = ""] = fact.split(/\s+/);

      expect(Math.sign(scheme.compare(a, b) ?? Number.NaN)).toBe(sign[operator as keyof typeof sign]);
      expect(Math.sign(scheme.compare(b, a) ?? Number.NaN) + 0).toBe(-sign[operator as keyof typeof sign] + 0);
    });

    test.each(suite.invalid)("%j is not a version", (text) => {
      expect(scheme.isValid(text)).toBe(false);
      expect(scheme.satisfies(text, `>=${text}`)).not.toBe(true);
    });

    test("orders all versions totally", () => {
      fc.assert(
        fc.property(suite.arbitrary, suite.arbitrary, suite.arbitrary, (a, b, c) => {
          const order = (x: string, y: string): number => Math.sign(scheme.compare(x, y) ?? Number.NaN) + 0;
          expect(order(a, a)).toBe(0);
          expect(order(a, b) + order(b, a)).toBe(0);
          if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
        }),
        { numRuns: 300 },
      );
    });

    test("is undefined when a side is no version, or puts it behind all versions, and never throws", () => {
      const anything = fc.oneof(fc.string({ unit: "binary" }), arbitraryVersionLike, suite.arbitrary);
      fc.assert(
        fc.property(anything, anything, (a, b) => {
          const [validA, validB] = [scheme.isValid(a), scheme.isValid(b)];
          const order = scheme.compare(a, b);
          if (validA && validB) expect(order).toBeDefined();
          else if (order !== undefined && validA !== validB) expect(order > 0).toBe(validB);
          scheme.satisfies(a, b);
        }),
        { numRuns: 500 },
      );
    });

    test.each(["1.", "~", "1-", "a", "0", "-", "1a", "1.0_", "9", "[", "^", ":", " "])(
      "is linear in repetitions of %j",
      (piece) => {
        // Warm up, so that the first compilation is not measured.
        scheme.compare(piece.repeat(10), "1");
        const started = processorTime();
        scheme.compare(
          piece.repeat(Math.ceil(100_000 / piece.length)),
          `${piece.repeat(Math.ceil(100_000 / piece.length))}1`,
        );
        // A quadratic scheme needs many seconds for this; a linear one some milliseconds on any machine.
        expect(processorTime() - started).toBeLessThan(2_000);
      },
    );
  });
}
