import { describe, expect, test } from "vitest";
import { parseNativeRange } from "./native-range.ts";
import type { RangeDialect } from "./native-range.ts";

/** As `>=1.2 <2 || =3`; "none" where the range is none. */
function read(range: string, dialect: RangeDialect = {}): string {
  const alternatives = parseNativeRange(range, dialect);
  return alternatives === undefined
    ? "none"
    : alternatives.map((each) => each.map(({ comparator, version }) => comparator + version).join(" ")).join(" || ");
}

describe("a range of a lock file", () => {
  test.each([
    ["1.2.3", "=1.2.3"],
    ["=1.2.3", "=1.2.3"],
    ["== 1.2.3", "=1.2.3"],
    ["v1.2", "=1.2"],
    ["V1.2", "=1.2"],
    ["v", "=v"],
    ["dev-main", "=dev-main"],
    ["<1", "<1"],
    ["<=1", "<=1"],
    ["=<1", "<=1"],
    [">1", ">1"],
    [">=1", ">=1"],
    ["=>1", ">=1"],
    ["!=1", "!=1"],
    ["<>1", "!=1"],
    [">= 1.0, < 2.0", ">=1.0 <2.0"],
    [">=1.0   <2.0", ">=1.0 <2.0"],
    ["~>\t1.2", ">=1.2 <2"],
    ["1 || 2 | 3", "=1 || =2 || =3"],
    ["*", "*"],
    ["x", "*"],
    [">=X", "*"],
    ["1.0 - 2.0", ">=1.0 <=2.0"],
    ["1.0 - 2.0 !=1.5", ">=1.0 <=2.0 !=1.5"],
    ["", ""],
    // Up to where the first number that is not 0 would change.
    ["^1.2.3", ">=1.2.3 <2"],
    ["^0.2.3", ">=0.2.3 <0.3"],
    ["^00.2", ">=00.2 <00.3"],
    ["^0.0", ">=0.0 <0.1"],
    ["^0", ">=0 <1"],
    ["^1.2.x", ">=1.2 <2"],
    ["^1.2-rc.1", ">=1.2-rc.1 <2"],
    // Up to where the second number would change, or the last but one.
    ["~1.2.3", ">=1.2.3 <1.3"],
    ["~1.2", ">=1.2 <1.3"],
    ["~1", ">=1 <2"],
    ["~>1.2.3", ">=1.2.3 <1.3"],
    ["~>1.2", ">=1.2 <2"],
    ["~>1", ">=1 <2"],
    // What is written with a star is what begins so.
    ["1.2.x", ">=1.2 <1.3"],
    ["1.2.*", ">=1.2 <1.3"],
    ["1.X.x", ">=1 <2"],
    ["=1.2.*", ">=1.2 <1.3"],
    ["==1.2.*", ">=1.2 <1.3"],
    [">=1.2.*", ">=1.2"],
    ["<1.x", "<1"],
    ["1.10.9.x", ">=1.10.9 <1.10.10"],
    ["1.2-", "=1.2"],
    [">=  1.0", ">=1.0"],
    ["- 2.0", "=2.0"],
    ["dev1", "=dev1"],
    ["a1.x", "=a1.x"],
    ["1.x-rc", "=1.x-rc"],
    ["10.x", ">=10 <11"],
    ["^0.10.3", ">=0.10.3 <0.11"],
    ["^10.2", ">=10.2 <11"],
    ["^01.2", ">=01.2 <2"],
  ])("%j: %s", (range, expected) => {
    expect(read(range)).toBe(expected);
  });

  test.each([">", "^", "1.0 ||| 2.0 >", "==", ">=-1", "^main", "~>x.1", "!1", ".5", `^${"9".repeat(65)}`])(
    "%j is none",
    (range) => {
      expect(read(range)).toBe("none");
    },
  );

  test("of any length that people write is read, and no longer one", () => {
    const long = (length: number): string => "1 ".repeat(length / 2);

    expect(parseNativeRange(long(65_536), {})?.[0]).toHaveLength(32_768);
    expect(parseNativeRange(long(65_538), {})).toBeUndefined();
    expect(read(`^${"9".repeat(64)}`)).toBe(`>=${"9".repeat(64)} <1${"0".repeat(64)}`);
  });
});

describe("a dialect", () => {
  test.each<[RangeDialect, string, string]>([
    [{ numbers: 3 }, ">=1", ">=1.0.0"],
    [{ numbers: 3 }, ">=1.2-rc", ">=1.2.0-rc"],
    [{ numbers: 3 }, "1.2.3.4", "=1.2.3.4"],
    [{ numbers: 3 }, "^1.2", ">=1.2.0 <2.0.0"],
    [{ numbers: 3 }, "1.x", ">=1.0.0 <2.0.0"],
    [{ numbers: 3 }, "dev", "=dev"],
    [{ numbers: 3 }, "dev1", "=dev1"],
    [{ numbers: 3 }, ">=10.2", ">=10.2.0"],
    [{ numbers: 3 }, ">=1.10", ">=1.10.0"],
    [{ upper: "-0" }, "^1.2", ">=1.2 <2-0"],
    [{ upper: "-", numbers: 2 }, "~1", ">=1.0 <2.0-"],
    [{ tildeFreesLast: true }, "~1.2.3", ">=1.2.3 <1.3"],
    [{ tildeFreesLast: true }, "~1.2", ">=1.2 <2"],
    [{ tildeFreesLast: true }, "~1", ">=1 <2"],
    [{ bareIsCaret: true }, "1.2.3", ">=1.2.3 <2"],
    [{ bareIsCaret: true }, "=1.2.3", "=1.2.3"],
    [{ bareIsCaret: true }, "1.2.x", ">=1.2 <1.3"],
  ])("%j: %s is %s", (dialect, range, expected) => {
    expect(read(range, dialect)).toBe(expected);
  });
});
