import { describe, expect, test } from "vitest";
import { judgeVersion } from "./affected.ts";
import { nearestFix } from "./fixes.ts";
import { dotted, range } from "./fixtures/literal-matching.ts";
import type { AffectedPackage } from "@plimsoll/model";

function entry(
  rest: Omit<Partial<AffectedPackage>, "ranges"> & { readonly ranges?: readonly string[] },
): AffectedPackage {
  return { advisory: "A", namespace: "n", name: "p", ...rest, ranges: (rest.ranges ?? []).map(range) };
}

describe("a version in a range", () => {
  test.each([
    ["1.0", "0..2.0", "affected"],
    ["2.0", "0..2.0", "unaffected"],
    ["0", "0..2.0", "affected"],
    ["0.9", "1.0..2.0", "unaffected"],
    ["1.0", "1.0..2.0", "affected"],
    ["2.0", "1.0..=2.0", "affected"],
    ["2.0.1", "1.0..=2.0", "unaffected"],
    ["99", "1.0..", "affected"],
    ["anything", "0..", "affected"],
    ["anything", "0..2.0", "unknown"],
    ["1.0", "0..two", "unknown"],
    ["1.0", "2.0..two", "unaffected"],
    ["1.0", "one..0.5", "unaffected"],
    ["1.0", "0..0", "unaffected"],
    // Events are evaluated in version order, so an end below its introduction closes an earlier range.
    ["3.0", "2.0..1.0", "affected"],
    ["1.5", "2.0..1.0", "unaffected"],
    ["3.0", "2.0..0", "affected"],
    ["2.0", "1.0..1.0", "unaffected"],
    // A range that ends where it begins holds nothing, whatever the version says.
    ["anything", "0..0", "unaffected"],
    ["anything", "one..0", "unknown"],
  ])("%s in %s is %s", (version, text, expected) => {
    expect(judgeVersion(entry({ ranges: [text] }), version, dotted).kind).toBe(expected);
  });

  test("one range that holds it decides, whatever the others cannot say", () => {
    expect(judgeVersion(entry({ ranges: ["0..two", "1.0..3.0"] }), "2.0", dotted)).toEqual({
      kind: "affected",
      by: ">= 1.0, < 3.0",
    });
  });

  test("what cannot be read is named: the version first, then the bound", () => {
    expect(judgeVersion(entry({ ranges: ["0..two"] }), "x", dotted)).toEqual({ kind: "unknown", unreadable: "x" });
    expect(judgeVersion(entry({ ranges: ["0..two"] }), "1", dotted)).toEqual({ kind: "unknown", unreadable: "two" });
  });
});

describe("a listed version", () => {
  test.each([
    ["1.0", ["0.9", "1.0"], "affected"],
    ["1.0.0", ["0.9", "1.0"], "affected"],
    ["x", ["x"], "affected"],
    ["1.1", ["1.0"], "unaffected"],
  ])("%s in %j is %s", (version, versions, expected) => {
    expect(judgeVersion(entry({ versions }), version, dotted).kind).toBe(expected);
  });

  test("counts beside ranges that do not hold it", () => {
    expect(judgeVersion(entry({ versions: ["5.0"], ranges: ["0..2.0"] }), "5.0", dotted).kind).toBe("affected");
  });
});

describe("expressions", () => {
  test.each([
    ["1.5", [">=1.0, <2.0"], [], "affected"],
    ["2.0", [">=1.0, <2.0"], [], "unaffected"],
    ["1.5", ["<1.0", ">1.4"], [], "affected"],
    ["1.5", [">=1.0"], [">=1.5"], "unaffected"],
    ["1.5", [], [">=1.6"], "affected"],
    ["1.5", [], ["<1.0", ">=1.5"], "unaffected"],
    ["1.5", [""], [], "affected"],
    ["odd", ["  "], [], "affected"],
    ["1.5", ["<9"], [""], "affected"],
    ["1.5", ["<what"], [], "unknown"],
    ["1.5", [">=1.0"], ["<what"], "unknown"],
    ["1.5", [], [""], "unaffected"],
    ["1.5", [], [], "unaffected"],
  ])("%s with affected %j and unaffected %j is %s", (version, expressions, unaffectedExpressions, expected) => {
    expect(judgeVersion(entry({ expressions, unaffectedExpressions }), version, dotted).kind).toBe(expected);
  });
});

describe("a verdict says why", () => {
  test.each([
    [{ versions: ["1.0"] }, "1.0", "= 1.0"],
    [{ ranges: ["0..2.0"] }, "1.0", ">= 0, < 2.0"],
    [{ ranges: ["0.5..=2.0"] }, "1.0", ">= 0.5, <= 2.0"],
    [{ ranges: ["0.5.."] }, "1.0", ">= 0.5"],
    [{ expressions: [">=1.0, <2.0"] }, "1.0", ">=1.0, <2.0"],
    [{ expressions: [""] }, "1.0", "every version"],
    [{ unaffectedExpressions: [">=2.0", "<0.5"] }, "1.0", "none of >=2.0 || <0.5"],
  ])("%j holds %s by %s", (literal, version, by) => {
    expect(judgeVersion(entry(literal), version, dotted)).toEqual({ kind: "affected", by });
  });

  test.each([
    // The entry says something else, which does not hold the version: exclusions alone affect nothing then.
    [{ ranges: ["2.0..3.0"], unaffectedExpressions: [">=5.0"] }, "1.0"],
    [{ versions: ["2.0"], unaffectedExpressions: [">=5.0"] }, "1.0"],
    [{ expressions: [">=2.0"], unaffectedExpressions: [">=5.0"] }, "1.0"],
    // An exclusion that nobody can read takes nothing from a version that is not affected.
    [{ ranges: ["2.0..3.0"], unaffectedExpressions: ["<what"] }, "1.0"],
  ])("%j does not hold %s", (literal, version) => {
    expect(judgeVersion(entry(literal), version, dotted)).toEqual({ kind: "unaffected" });
  });

  test.each([
    [{ ranges: ["one..2.0"] }, "1.0", "one"],
    [{ ranges: ["one.."] }, "1.0", "one"],
    [{ ranges: ["0..two", "0..three"] }, "1.0", "two"],
    [{ ranges: ["1.0..two"] }, "1.5", "two"],
    [{ expressions: ["<what", "<which"] }, "1.0", "<what"],
    [{ expressions: ["<2.0"] }, "x", "x"],
    [{ ranges: ["0..9"], unaffectedExpressions: ["<what"] }, "1.0", "<what"],
    [{ unaffectedExpressions: ["<2.0"], ranges: ["0.."] }, "x", "x"],
  ])("%j cannot say of %s, for %s", (literal, version, unreadable) => {
    expect(judgeVersion(entry(literal), version, dotted)).toEqual({ kind: "unknown", unreadable });
  });
});

describe("a scheme that sorts texts which are no versions", () => {
  const sorting = {
    ...dotted,
    isValid: (text: string) => text !== "0" && dotted.isValid(text),
    compare: (a: string, b: string) => dotted.compare(a, b) ?? Number(a > b) - Number(a < b),
  };

  test.each([
    ["1.0", "0..two", "two"],
    ["1.0", "one..", "one"],
    ["odd", "0..2.0", "odd"],
  ])("decides nothing by their order: %s in %s", (version, text, unreadable) => {
    expect(judgeVersion(entry({ ranges: [text] }), version, sorting)).toEqual({ kind: "unknown", unreadable });
  });
});

describe("the nearest fix", () => {
  test.each([
    ["1.1", { ranges: ["1.0..1.2", "2.0..2.3"] }, "1.2"],
    ["2.1", { ranges: ["1.0..1.2", "2.0..2.3"] }, "2.3"],
    ["1.1", { ranges: ["1.0..1.2", "1.2..1.3"] }, "1.3"],
    ["1.1", { ranges: ["1.0..1.2", "1.2.."] }, undefined],
    ["1.1", { ranges: ["0..1.5", "1.0..1.2"] }, "1.5"],
    ["1.1", { ranges: ["0..=1.5"] }, undefined],
    ["1.1", { ranges: ["0..=1.5"], patched: ["1.6", "1.0"] }, "1.6"],
    ["1.1", { versions: ["1.1"], ranges: ["2.0..2.2"] }, "2.2"],
    ["1.1", { expressions: [">=1.0, <1.4"] }, "1.4"],
    ["1.1", { expressions: ["<3.0"], patched: [">= 3.0", "~> 1.4"] }, "3.0"],
    ["1.1", { versions: ["1.1"], patched: ["= 3.0", "= 1.4"] }, "1.4"],
    ["1.1", { ranges: ["0.."] }, undefined],
    // The end of the range that holds the version goes before the end of another that lies nearer.
    ["1.1", { ranges: ["1.0..1.5", "1.2..1.3"], unaffectedExpressions: ["=1.3"] }, "1.5"],
    // A text that is no version fixes nothing.
    ["1.1", { ranges: ["0..=1.5"], patched: ["zwei"] }, undefined],
    // Of two spellings of one version the first that is stated.
    ["1.1", { ranges: ["0..=1.5"], patched: ["1.6", "1.6.0"] }, "1.6"],
  ])("of %s in %j is %s", (version, literal, expected) => {
    expect(nearestFix(entry(literal), version, dotted)).toBe(expected);
  });
});

describe("a scheme with versions below 0", () => {
  const plain = (text: string): string => text.replace("~rc", "");
  const scheme = {
    ...dotted,
    isValid: (text: string) => dotted.isValid(plain(text)),
    compare: (a: string, b: string) =>
      dotted.compare(plain(a), plain(b)) || Number(b.includes("~rc")) - Number(a.includes("~rc")),
  };

  test("ends a range that begins at the beginning below 0, too", () => {
    expect(judgeVersion(entry({ ranges: ["0..0~rc"] }), "1.0", scheme).kind).toBe("unaffected");
    expect(judgeVersion(entry({ ranges: ["0..0~rc"] }), "0~rc", scheme).kind).toBe("unaffected");
  });
});

describe("a label that the builder of a version added", () => {
  const labelled = { ...dotted, withoutLocal: (version: string) => version.replace(/\+.*/, "") };
  // `1.0+cu118` is above `1.0` in the whole order.
  const compare = (a: string, b: string): number | undefined => {
    const [plainA = "", labelA = ""] = a.split("+");
    const [plainB = "", labelB = ""] = b.split("+");
    const order = dotted.compare(plainA, plainB);
    return order === 0 ? Number(labelA > labelB) - Number(labelA < labelB) : order;
  };
  const scheme = { ...labelled, compare, isValid: (text: string) => dotted.isValid(text.replace(/\+.*/, "")) };

  test.each([
    [entry({ ranges: ["0..=1.0"] }), "1.0+cu118", "affected"],
    [entry({ ranges: ["0..=1.0"] }), "1.1+cu118", "unaffected"],
    [entry({ ranges: ["0..1.0"] }), "1.0+cu118", "unaffected"],
    [entry({ ranges: ["0..1.0+a"] }), "1.0+b", "unaffected"],
    [entry({ ranges: ["0..=1.0+a"] }), "1.0+b", "unaffected"],
    [entry({ versions: ["0.9", "1.0"] }), "1.0+cu118", "affected"],
    [entry({ versions: ["0.9"] }), "1.0+cu118", "unaffected"],
    [entry({ versions: ["1.0+cu118"] }), "1.0", "unaffected"],
  ])("does not take it out of what names the release: %#", (given, version, expected) => {
    expect(judgeVersion(given, version, scheme).kind).toBe(expected);
  });
});
