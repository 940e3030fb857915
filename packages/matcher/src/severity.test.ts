import type { AdvisorySeverity } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { chooseSeverity, cvssRatings } from "./severity.ts";
import type { StatedSeverities } from "./severity.ts";

const nothing: StatedSeverities = { own: [], advisory: [], catalogue: [], shared: [], elsewhere: [] };
const rating = (value: string, source = "a"): AdvisorySeverity => ({ system: "rating", value, source });

/** Vectors of known scores, by the calculators of FIRST. */
const critical31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"; // 9.8
const medium31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"; // 5.3
const none31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"; // 0.0
const high30 = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"; // 7.5
const high2 = "AV:N/AC:L/Au:N/C:C/I:C/A:C"; // 10.0

function vector(value: string, source = "a"): AdvisorySeverity {
  const system = value.startsWith("CVSS:3.1") ? "cvss-3.1" : value.startsWith("CVSS:3.0") ? "cvss-3.0" : "cvss-2.0";
  return { system, value, source };
}

describe("who decides the severity", () => {
  const all: StatedSeverities = {
    own: [rating("low", "own")],
    advisory: [rating("medium", "advisory")],
    catalogue: [rating("high", "catalogue")],
    shared: [rating("critical", "shared")],
    elsewhere: [rating("negligible", "elsewhere")],
  };
  const order = ["own", "advisory", "catalogue", "shared", "elsewhere"] as const;

  test.each(order)("%s, where those before are silent", (who) => {
    const silent = Object.fromEntries(order.slice(0, order.indexOf(who)).map((each) => [each, []]));

    expect(chooseSeverity({ ...all, ...silent })?.source).toBe(who);
  });

  test("is nobody where nobody says anything, and words of no meaning say nothing", () => {
    expect(chooseSeverity(nothing)).toBeUndefined();
    expect(chooseSeverity({ ...nothing, own: [rating("grave")], advisory: [vector("CVSS:3.1/AV:X")] })).toBeUndefined();
    // What is said to be a vector is read as one, and what is said to be a word as a word.
    expect(chooseSeverity({ ...nothing, advisory: [vector("high"), rating(critical31)] })).toBeUndefined();
  });

  test("says when the rating is that of another package, and only then", () => {
    expect(chooseSeverity({ ...nothing, elsewhere: [rating("high", "ghsa")] })).toEqual({
      severity: "HIGH",
      source: "ghsa",
      because: "HIGH by the rating of ghsa, which rates the CVE in another package",
    });
    expect(chooseSeverity({ ...nothing, shared: [rating("high", "ghsa")] })?.because).toBe(
      "HIGH by the rating of ghsa",
    );
  });

  test.each(["advisory", "catalogue", "shared", "elsewhere"] as const)(
    "by a vector before a word, of the %s",
    (who) => {
      const chosen = chooseSeverity({ ...nothing, [who]: [rating("low", "a"), vector(critical31, "b")] });

      expect(chosen).toMatchObject({ severity: "CRITICAL", source: "b" });
    },
  );

  test("by the word alone, of the distribution itself", () => {
    expect(chooseSeverity({ ...nothing, own: [vector(critical31, "b"), rating("low", "a")] })).toEqual({
      severity: "LOW",
      source: "a",
      because: "LOW by the rating of a",
    });
  });

  test.each([
    ["its vector before a newer one of others", [vector(critical31, "ghsa"), vector(high30, "nvd")], "HIGH", "nvd"],
    ["another's vector before its word", [rating("low", "nvd"), vector(critical31, "ghsa")], "CRITICAL", "ghsa"],
    ["its word before another's", [rating("critical", "ghsa"), rating("low", "nvd")], "LOW", "nvd"],
    ["another's word where it is silent", [rating("critical", "ghsa")], "CRITICAL", "ghsa"],
  ] as const)("among catalogues by the NVD: %s", (_, catalogue, severity, source) => {
    expect(chooseSeverity({ ...nothing, catalogue })).toMatchObject({ severity, source });
  });
});

describe("words", () => {
  test.each([
    ["critical", "CRITICAL"],
    ["important", "HIGH"],
    ["high", "HIGH"],
    ["moderate", "MEDIUM"],
    ["medium", "MEDIUM"],
    ["low", "LOW"],
    ["negligible", "NEGLIGIBLE"],
    ["unimportant", "NEGLIGIBLE"],
    ["minimal", "NEGLIGIBLE"],
    ["none", "NEGLIGIBLE"],
    [" Important ", "HIGH"],
  ])("%s is %s", (word, severity) => {
    expect(chooseSeverity({ ...nothing, own: [rating(word)] })?.severity).toBe(severity);
  });

  test.each([
    ["critical", "high"],
    ["high", "medium"],
    ["medium", "low"],
    ["low", "negligible"],
  ])("%s counts before %s, whichever is said first", (worse, better) => {
    const both = [rating(better, "a"), rating(worse, "b")];

    expect(chooseSeverity({ ...nothing, own: both })?.source).toBe("b");
    expect(chooseSeverity({ ...nothing, own: both.toReversed() })?.source).toBe("b");
  });

  test("of equal weight count by the name of who says them", () => {
    const both = [rating("important", "b"), rating("high", "a")];

    expect(chooseSeverity({ ...nothing, own: both })?.source).toBe("a");
    expect(chooseSeverity({ ...nothing, own: both.toReversed() })?.source).toBe("a");
  });
});

describe("vectors", () => {
  test("of a newer version count before older ones, whatever their scores", () => {
    expect(
      chooseSeverity({ ...nothing, advisory: [vector(high2, "a"), vector(high30, "b"), vector(medium31, "c")] }),
    ).toEqual({
      severity: "MEDIUM",
      source: "c",
      because: "MEDIUM by CVSS 3.1 5.3 of c",
    });
  });

  test("of one version count by their score, then by the name of who says them", () => {
    const scored = [vector(medium31, "a"), vector(critical31, "c"), vector(critical31, "b")];

    expect(chooseSeverity({ ...nothing, advisory: scored })?.source).toBe("b");
    expect(chooseSeverity({ ...nothing, advisory: scored.toReversed() })?.source).toBe("b");
  });

  test("without impact are negligible", () => {
    expect(chooseSeverity({ ...nothing, advisory: [vector(none31)] })?.severity).toBe("NEGLIGIBLE");
  });

  test("are listed by version, source and text, each once, with their scores; words and nonsense are none", () => {
    const stated = [
      vector(high2, "b"),
      vector(medium31, "b"),
      vector(critical31, "b"),
      vector(critical31, "a"),
      vector(critical31, "b"),
      rating("high", "c"),
      rating(critical31, "d"),
      vector("CVSS:3.1/AV:X", "c"),
    ];
    const expected = [
      { source: "a", version: "3.1", vector: critical31, score: 9.8 },
      { source: "b", version: "3.1", vector: critical31, score: 9.8 },
      { source: "b", version: "3.1", vector: medium31, score: 5.3 },
      { source: "b", version: "2.0", vector: high2, score: 10 },
    ];

    expect(cvssRatings(stated)).toEqual(expected);
    expect(cvssRatings(stated.toReversed())).toEqual(expected);
    expect(cvssRatings([])).toEqual([]);
  });
});
