import type { AffectedPackage } from "@plimsoll/model";
import { compareText, defineVersionScheme } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { namedFixes, nearestFix } from "./fixes.ts";
import { dotted as scheme } from "./fixtures/literal-matching.ts";

const entry = (facts: Partial<AffectedPackage>): AffectedPackage => ({
  advisory: "GHSA-1",
  namespace: "rubygems",
  name: "rack",
  ranges: [],
  ...facts,
});

const fixesOf = (stated: AffectedPackage): readonly string[] => namedFixes(stated, scheme);

describe("the fixed version", () => {
  test("is the one that the advisory calls patched, never one that was not affected in the first place", () => {
    const stated = { expressions: ["< 2.0.9.4"], patched: [">= 2.0.9.4"] };
    expect(fixesOf(entry({ ...stated, unaffectedExpressions: [">= 2.0.9.4", "< 1.2.0", ">= 7.0.0"] }))).toEqual([
      "2.0.9.4",
    ]);
    expect(fixesOf(entry({ expressions: ["< 1.9"], patched: [">= 2.0"] }))).toEqual(["2.0"]);
    // Nobody patched it: what is not affected is another version, not a fix.
    expect(fixesOf(entry({ unaffectedExpressions: ["< 1.2.0", ">= 7.0.0"] }))).toEqual([]);
  });

  test("is each lowest one of a series that is patched", () => {
    expect(fixesOf(entry({ patched: [">= 2.0.9.4, ~> 2.0.9"] }))).toEqual(["2.0.9.4"]);
    expect(fixesOf(entry({ patched: ["~> 2.0.9, >= 2.0.9.4", ">= 3.0.0 || = 2.2.8"] }))).toEqual([
      "2.0.9.4",
      "3.0.0",
      "2.2.8",
    ]);
  });

  test("of a version below is the one of its own series", () => {
    const stated = entry({ patched: ["~> 2.0.9, >= 2.0.9.4", ">= 3.0.9.1"] });
    expect(nearestFix(stated, "2.0.9.3", scheme)).toBe("2.0.9.4");
    expect(nearestFix(stated, "3.0.1", scheme)).toBe("3.0.9.1");
  });

  test.each(["", "= ", "== ", ">= ", "~> ", "~ ", "^ "])(
    "is the version that `%s` of a patched expression admits",
    (sign) => {
      expect(fixesOf(entry({ patched: [`${sign}2.0.9`] }))).toEqual(["2.0.9"]);
    },
  );

  test.each(["> ", "< ", "<= ", "!= "])(
    "is none of a patched expression that excludes the version it names by `%s`",
    (sign) => {
      expect(fixesOf(entry({ patched: [`${sign}2.0.9`] }))).toEqual([]);
    },
  );

  test("is the first of bounds that are equal, and of those that can be compared", () => {
    // Its order of texts that are no versions decides nothing.
    const sorting = { ...scheme, compare: (a: string, b: string) => scheme.compare(a, b) ?? compareText(a, b) };

    expect(fixesOf(entry({ patched: ["= 1.0, = 1.0.0"] }))).toEqual(["1.0"]);
    expect(namedFixes(entry({ patched: [">= 1.0, >= two"] }), sorting)).toEqual(["1.0"]);
  });

  test("is one that the advisory names, of a scheme that reads any text", () => {
    const anyText = defineVersionScheme<string>({ id: "any", parse: (text) => text, compare: compareText });
    const stated = entry({ ranges: [{ introduced: "A", end: { kind: "fixed", version: "Z" } }] });

    expect(nearestFix(stated, "B", anyText)).toBe("Z");
  });

  test("is none where a scheme goes round in a circle", () => {
    const circle = { ...scheme, compare: (a: string, b: string) => [0, 1, -1][(Number(a) - Number(b) + 3) % 3] };
    const stated = entry({ versions: ["1", "2", "3"], patched: ["= 1", "= 2", "= 3"] });

    expect(nearestFix(stated, "1", circle)).toBeUndefined();
  });

  test("is the end of what is affected where no version is called patched", () => {
    expect(fixesOf(entry({ expressions: [">= 1.0, < 1.2.4", "<= 0.9"] }))).toEqual(["1.2.4"]);
    for (const version of ["0", ""])
      expect(fixesOf(entry({ ranges: [{ introduced: "0", end: { kind: "fixed", version } }] }))).toEqual([]);
  });
});
