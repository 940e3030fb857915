import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundByLastKnown, compareLoosely, readRanges } from "./ranges.ts";

type Event = Readonly<Record<string, string>>;

function read(...events: readonly Event[]): unknown {
  return readRanges({ ranges: [{ type: "ECOSYSTEM", events }] }).ranges;
}

const fixed = (introduced: string, version: string): unknown => ({ introduced, end: { kind: "fixed", version } });
const last = (introduced: string, version: string): unknown => ({
  introduced,
  end: { kind: "last-affected", version },
});
const open = (introduced: string): unknown => ({ introduced, end: { kind: "open" } });

describe("events become ranges", () => {
  test.each<readonly [string, readonly Event[], readonly unknown[]]>([
    ["a start and a fix", [{ introduced: "0" }, { fixed: "1.2" }], [fixed("0", "1.2")]],
    ["a start without an end", [{ introduced: "1.0" }], [open("1.0")]],
    ["the last affected version", [{ introduced: "1.0" }, { last_affected: "1.5" }], [last("1.0", "1.5")]],
    [
      "several lines, in the publisher's own order of versions",
      [{ introduced: "0" }, { fixed: "2.0~rc1" }, { introduced: "2.0" }, { fixed: "2.1" }, { introduced: "3" }],
      [fixed("0", "2.0~rc1"), fixed("2.0", "2.1"), open("3")],
    ],
    [
      "events in no order",
      [{ fixed: "1.10" }, { introduced: "2.0" }, { introduced: "0" }, { fixed: "2.3" }],
      [fixed("0", "1.10"), fixed("2.0", "2.3")],
    ],
    ["two fields in one event", [{ introduced: "0", fixed: "1.0" }], [fixed("0", "1.0")]],
    [
      "a second start inside of a range changes nothing",
      [{ introduced: "1" }, { introduced: "2" }, { fixed: "3" }],
      [fixed("1", "3")],
    ],
    [
      "a second fix after the first changes nothing",
      [{ introduced: "1" }, { fixed: "3" }, { fixed: "4" }],
      [fixed("1", "3")],
    ],
    ["an end without a start", [{ fixed: "3" }], []],
    ["no events", [], []],
  ])("%s", (_, events, expected) => {
    expect(read(...events)).toEqual(expected);
  });

  test("commit ranges are counted and left out", () => {
    const affected = {
      ranges: [
        { type: "GIT", repo: "r", events: [{ introduced: "0" }] },
        { type: "SEMVER", events: [{ introduced: "0" }] },
      ],
    };

    expect(readRanges(affected)).toEqual({ ranges: [open("0")], expressions: [], commitRanges: 1 });
  });

  test.each([
    ["a limit bounds an open range and is no fix", [{ introduced: "1.0" }, { limit: "2.0" }], [], [">=1.0, <2.0"]],
    ["from the beginning of time", [{ introduced: "0" }, { limit: "2.0" }], [], ["<2.0"]],
    [
      "a fix before the limit stays a fix",
      [{ introduced: "0" }, { fixed: "1.5" }, { limit: "2.0" }],
      [fixed("0", "1.5")],
      [],
    ],
    [
      "of several limits the farthest counts",
      [{ introduced: "0" }, { limit: "2.9" }, { limit: "2.10" }],
      [],
      ["<2.10"],
    ],
    ["a range beyond the limit is void", [{ introduced: "3" }, { limit: "2.0" }], [], []],
    ["a star is no limit", [{ introduced: "3" }, { limit: "*" }], [open("3")], []],
  ])("%s", (_, events, ranges, expressions) => {
    expect(readRanges({ ranges: [{ type: "SEMVER", events }] })).toEqual({ ranges, expressions, commitRanges: 0 });
  });

  test.each([undefined, null, "x", 1, [[]], [{ type: "SEMVER" }], [{ type: "SEMVER", events: [null, 1, {}] }]])(
    "ranges of %j state nothing",
    (ranges) => {
      expect(readRanges({ ranges }).ranges).toEqual([]);
    },
  );
});

describe("the loose order of versions", () => {
  test.each([
    ["0", "0.0.0-0"],
    ["1.9", "1.10"],
    ["1.0-rc1", "1.0"],
    ["1.0", "1.0.1"],
    ["1.0-alpha", "1.0-beta"],
    ["2.04", "2.5"],
    ["1", "99999999999999999999"],
  ])("%s is before %s", (a, b) => {
    expect(compareLoosely(a, b)).toBeLessThan(0);
    expect(compareLoosely(b, a)).toBeGreaterThan(0);
  });

  test("is a preorder", () => {
    const version = fc.stringMatching(/^[0-9a-c.-]{0,6}$/);
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareLoosely(a, b)) + Math.sign(compareLoosely(b, a))).toBe(0);
        if (compareLoosely(a, b) <= 0 && compareLoosely(b, c) <= 0) {
          expect(compareLoosely(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });
});

describe("how far versions are known to be affected", () => {
  const entry = (last: unknown, ...events: readonly object[]): object => ({
    ranges: [{ type: "ECOSYSTEM", events }],
    database_specific: { last_known_affected_version_range: last },
  });
  const bounded = (value: object): unknown => {
    const affected = value as Parameters<typeof readRanges>[0];
    const { ranges, expressions } = boundByLastKnown(readRanges(affected), affected);
    return [...ranges.map(({ introduced, end }) => [introduced, ...Object.values(end)].join(" ")), ...expressions];
  };

  test.each([
    ["<= 1.2.3", [{ introduced: "0" }], ["0 last-affected 1.2.3"]],
    ["<=1.2.3", [{ introduced: "1.0" }], ["1.0 last-affected 1.2.3"]],
    ["< 1.3", [{ introduced: "0" }], ["<1.3"]],
    ["< 1.3", [{ introduced: "1.0" }], [">=1.0, <1.3"]],
    ["<= 9.0.5", [{ introduced: "9.0.0" }, { fixed: "9.0.6" }], ["9.0.0 fixed 9.0.6"]],
    ["nonsense", [{ introduced: "0" }], ["0 open"]],
    [7, [{ introduced: "0" }], ["0 open"]],
  ])("%j bounds %j to %j", (last, events, expected) => {
    expect(bounded(entry(last, ...events))).toEqual(expected);
  });
});

test.each(["2.4.7-p1", "1:1.0", "2.4"])("an end %s of 2.4.7 is taken as it is", (end) => {
  expect(read({ introduced: "2.4.7" }, { fixed: end })).toEqual([fixed("2.4.7", end)]);
});

test("an end below its start belongs to another start, and the next end above closes this one", () => {
  const events = [
    { introduced: "7.0.0" },
    { fixed: "7.2.8" },
    { introduced: "7.3.0" },
    { fixed: "6.2.18" },
    { introduced: "7.4.0" },
    { fixed: "7.4.3" },
  ];

  expect(read(...events)).toEqual([fixed("7.0.0", "7.2.8"), fixed("7.3.0", "7.4.3")]);
});
