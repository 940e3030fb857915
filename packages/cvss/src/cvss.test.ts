import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharedTable } from "@plimsoll/testkit";
import { metricTable } from "./metric-table.ts";
import { formatVector, parseVector, score, severityOf } from "./index.ts";
import type { CvssVersion } from "./index.ts";

describe("scores that the specifications and calculators give", () => {
  test.each([
    ["AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8],
    ["AV:N/AC:L/Au:N/C:C/I:C/A:C", 10],
    ["AV:L/AC:H/Au:M/C:N/I:N/A:N", 0],
    ["CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8],
    ["CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1],
    ["CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:C/C:N/I:N/A:N", 0],
    ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10],
    ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0],
    // An exact tie, 5.65, which must not fall to 5.6.
    ["CVSS:4.0/AV:N/AC:L/AT:P/PR:H/UI:A/VC:N/VI:H/VA:L/SC:N/SI:N/SA:L", 5.7],
  ])("%s is %d", (vector, base) => {
    expect(score(vector)?.base).toBe(base);
  });

  test("3.1 rounds up and weighs modified impact as 3.0 does not", () => {
    const metrics = "AV:L/AC:H/PR:L/UI:N/S:U/C:H/I:N/A:H/MS:C/MC:H/MI:H/MA:H/CR:H";
    expect(score(`CVSS:3.0/${metrics}`)?.environmental).toBe(7.8);
    expect(score(`CVSS:3.1/${metrics}`)?.environmental).toBe(7.9);
  });

  test("2.0 has temporal and environmental scores only where the vector states such metrics", () => {
    expect(score("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C")).toMatchObject({
      base: 7.8,
      temporal: 6.4,
      overall: 6.4,
    });
    expect(score("AV:N/AC:L/Au:N/C:N/I:N/A:C")).not.toHaveProperty("temporal");
  });

  test("a 4.0 vector's threat metric lowers the whole score and leaves the base score", () => {
    const vector = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:L/E:U";
    expect(score(vector)).toMatchObject({ base: 8.7, threat: 6.6, overall: 6.6 });
  });

  test.each([
    ["", "CVSS-B"],
    ["/E:X/MAV:X/S:P", "CVSS-B"],
    ["/E:P", "CVSS-BT"],
    ["/CR:L", "CVSS-BE"],
    ["/E:U/MAV:L/U:Red", "CVSS-BTE"],
  ])("a 4.0 vector with %j is called %s", (metrics, name) => {
    const vector = `CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:L${metrics}`;
    expect(score(vector)?.nomenclature).toBe(name);
  });

  test("a 4.0 vector's environmental metrics count in the whole score alone", () => {
    const vector = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:L/E:U/MVA:N/MSA:N";
    expect(score(vector)).toMatchObject({ base: 8.7, threat: 6.6, overall: 0 });
  });
});

describe("vectors", () => {
  test.each([
    "",
    "/",
    "CVSS:3.1",
    "CVSS:3.1/",
    "CVSS:2.0/AV:N/AC:L/Au:N/C:N/I:N/A:C",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
    "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/__proto__:X",
    "CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/E:A/SA:N",
    "AV:A/AC:L/Au:N/A:C/I:C/C:C",
    "AV:A/AC:L/Au:N/C:C/I:C/A:C/E:F",
  ])("%j is refused", (text) => {
    expect(parseVector(text)).toBeUndefined();
  });

  test("3.x metrics may come in any order and are written back in the specified one", () => {
    const vector = parseVector("CVSS:3.1/AC:L/AV:N/A:N/C:H/I:N/PR:N/S:U/UI:N");
    expect(vector && formatVector(vector)).toBe("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N");
  });

  test("an order that 4.0 forbids is scored all the same", () => {
    const text = "CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/E:A/SA:N";
    expect(parseVector(text)).toBeUndefined();
    expect(score(text)?.overall).toBe(score(text.replace("/E:A", "") + "/E:A")?.overall);
  });

  test("an absurdly long text is refused without being looked at", () => {
    expect(parseVector("AV:N/".repeat(1_000_000))).toBeUndefined();
  });
});

describe("severity", () => {
  test.each([
    [0, "NONE"],
    [0.1, "LOW"],
    [3.9, "LOW"],
    [4, "MEDIUM"],
    [6.9, "MEDIUM"],
    [7, "HIGH"],
    [8.9, "HIGH"],
    [9, "CRITICAL"],
    [10, "CRITICAL"],
    [-1, undefined],
    [10.1, undefined],
    [Number.NaN, undefined],
  ])("of %d is %s", (value, expected) => {
    expect(severityOf(value)).toBe(expected);
  });

  test("2.0 stops at high and has no none", () => {
    expect([0, 4, 7, 10].map((value) => severityOf(value, "2.0"))).toEqual(["LOW", "MEDIUM", "HIGH", "HIGH"]);
  });

  test("of a vector is that of its whole score", () => {
    expect(severityOf("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")).toBe("CRITICAL");
    expect(severityOf("nonsense")).toBeUndefined();
  });
});

describe("for every vector", () => {
  const versions: readonly CvssVersion[] = ["2.0", "3.0", "3.1", "4.0"];
  const vectors = fc.constantFrom(...versions).chain((version) =>
    fc
      .tuple(
        ...metricTable[version].map((rule) =>
          fc.option(fc.constantFrom(...rule.values), { freq: rule.required ? 1e9 : 2 }),
        ),
      )
      .map((values) => {
        const metrics = metricTable[version].flatMap(({ name, required, values: [first] }, index) => {
          const value = values[index] ?? (required ? first : undefined);
          return value === undefined ? [] : [`${name}:${value}`];
        });
        return { version, metrics, prefix: version === "2.0" ? "" : `CVSS:${version}/` };
      }),
  );

  test("the canonical text has the same score, and every score is a tenth within 0 to 10", () => {
    fc.assert(
      fc.property(vectors, fc.infiniteStream(fc.nat()), ({ metrics, prefix }, noise) => {
        const shuffled = metrics.map((metric) => [noise.next().value, metric] as const).toSorted(([a], [b]) => a - b);
        const text = prefix + shuffled.map(([, metric]) => metric).join("/");
        const parsed = parseVector(text, { order: "any" });
        const canonical = prefix + metrics.join("/");

        expect(parsed && formatVector(parsed)).toBe(canonical);
        expect(score(text)).toEqual(score(canonical));
        for (const value of [score(text)?.base, score(text)?.overall]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(10);
          expect(Math.round((value ?? 0) * 10) / 10).toBe(value);
        }
      }),
    );
  });

  test("no text makes parsing throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(() => [parseVector(text), score(`CVSS:4.0/${text}`)]).not.toThrow();
      }),
    );
  });
});

/** Rows whose published score cannot follow from the vector, by vector, each with the reason. */
const provablyWrong: ReadonlyMap<string, string> = new Map([
  [
    "CVSS:4.0/AV:N/AC:L/AT:P/PR:H/UI:N/VC:N/VI:N/VA:N/SC:H/SI:H/SA:N/RE:L/U:Green",
    "the exact value is 5.05, which rounds to 5.1; an early calculator lost the tie to binary fractions",
  ],
  ...["3.0", "3.1"].map(
    (version) =>
      [
        `CVSS:${version}/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/E:U/RL:T/RC:U/CR:L/IR:L/AR:H/MAV:P/MAC:H/MPR:H/MUI:R/MS:C/MC:H/MI:H/MA:H`,
        "10.0 is the base score; the table holds the most specific one, and this vector states environmental metrics",
      ] as const,
  ),
]);

const versionFiles = ["v2.0", "v3.0", "v3.1", "v4.0"].map(
  (name) => [name, sharedTable(`conformance/cvss/${name}.csv`)] as const,
);

describe.skipIf(versionFiles[0]?.[1] === undefined)("published score tables", () => {
  test.each(versionFiles)("%s agree with every row", (_name, rows = []) => {
    const wrong = rows.filter(({ vector = "", base, temporal, environmental }) => {
      const scored = score(vector);
      const value = scored?.version === "4.0" ? scored.overall : scored?.base;
      return (
        value !== Number(base) ||
        (temporal !== "" && scored?.temporal !== Number(temporal)) ||
        (environmental !== "" && scored?.environmental !== Number(environmental))
      );
    });
    expect(wrong.map((row) => [row, score(row["vector"] ?? "")])).toEqual([]);
  });

  test("the most specific score is the overall one", () => {
    const rows = sharedTable("conformance/cvss/overall.csv") ?? [];
    const wrong = rows.filter(
      ({ vector = "", base }) => !provablyWrong.has(vector) && score(vector)?.overall !== Number(base),
    );
    expect(wrong).toEqual([]);
  });

  test("subscores agree", () => {
    const rows = sharedTable("conformance/cvss/base-exploitability-impact.csv") ?? [];
    const wrong = rows.filter(({ vector = "", ...row }) => {
      const scored = score(vector);
      return (
        [scored?.base, scored?.exploitability, scored?.impact].join() !==
        [row["base"], row["exploitability"], row["impact"]].join()
      );
    });
    expect(wrong).toEqual([]);
  });

  test("ratings agree", () => {
    const rows = sharedTable("conformance/cvss/severity.csv") ?? [];
    const wrong = rows.filter(({ vector = "", base_severity, temporal_severity, environmental_severity }) => {
      const scored = score(vector);
      if (scored === undefined) return true;
      const rate = (value: number | undefined): string =>
        (value === undefined ? undefined : severityOf(value, scored.version)) ?? "NONE";
      const base = scored.version === "4.0" ? scored.overall : scored.base;
      return (
        rate(base) !== base_severity?.toUpperCase() ||
        (temporal_severity !== "" && rate(scored.temporal) !== temporal_severity?.toUpperCase()) ||
        (environmental_severity !== "" && rate(scored.environmental) !== environmental_severity?.toUpperCase())
      );
    });
    expect(wrong).toEqual([]);
  });

  test("validity agrees", () => {
    const rows = sharedTable("conformance/cvss/valid.csv") ?? [];
    const wrong = rows.filter(({ version = "", vector = "", valid }) => {
      const parsed = parseVector(vector);
      return (parsed?.version.startsWith(version.slice(1)) ?? false) !== (valid === "true");
    });
    expect(wrong).toEqual([]);
  });

  test("vectors print back unchanged", () => {
    const rows = sharedTable("conformance/cvss/roundtrip.csv") ?? [];
    const wrong = rows.filter(({ vector = "" }) => {
      const parsed = parseVector(vector);
      return parsed === undefined || formatVector(parsed) !== vector;
    });
    expect(wrong).toEqual([]);
  });
});

const published = sharedTable("data/cvss/cvss.csv");

describe.skipIf(published === undefined)("scores published with CVE records", () => {
  test("are the base scores of their vectors, but for the rows known to be suspect", () => {
    const key = (row: Record<string, string>): string => [row["cve"], row["vector"], row["baseScore"]].join();
    const suspect = new Set((sharedTable("data/cvss/suspect.csv") ?? []).map(key));
    const wrong = (published ?? []).filter((row) => {
      const scored = score(row["vector"] ?? "");
      const value = scored?.version === "4.0" ? scored.overall : scored?.base;
      return !suspect.has(key(row)) && !provablyWrong.has(row["vector"] ?? "") && value !== Number(row["baseScore"]);
    });
    expect(wrong.map((row) => [key(row), score(row["vector"] ?? "")])).toEqual([]);
  });

  test("of the suspect rows are what their reasons say: the temporal score, or not the formula's", () => {
    const suspect = sharedTable("data/cvss/suspect.csv") ?? [];
    const wrong = suspect.filter(({ vector = "", baseScore, computed, why = "" }) => {
      const scored = score(vector);
      if (scored === undefined) return true;
      if (scored.version === "4.0") return false;
      if (scored.base !== Number(computed)) return true;
      return why.includes("temporal") ? scored.temporal !== Number(baseScore) : scored.base === Number(baseScore);
    });

    expect(suspect.length).toBeGreaterThan(0);
    expect(wrong.map((row) => [row, score(row["vector"] ?? "")])).toEqual([]);
  });
});
