import { describe, expect, test } from "vitest";
import { coverageOf } from "./coverage.ts";
import type { CoverageFacts } from "./coverage.ts";

const facts: CoverageFacts = { packages: 1, covered: 1, gaps: [], diagnostics: [] };
const problem = { kind: "diagnostic", code: "malformed-file", message: "not JSON" } as const;

describe("the verdict", () => {
  test.each([
    [facts, "complete"],
    [{ ...facts, covered: 0 }, "unsupported"],
    [{ ...facts, gaps: [{ scanner: "vuln", code: "a", message: "b" }] }, "partial"],
    [{ ...facts, diagnostics: [{ ...problem, effect: "incomplete" }] }, "partial"],
    [{ ...facts, diagnostics: [{ ...problem, effect: "none" }] }, "complete"],
    [{ ...facts, packages: 0, covered: 0 }, "unsupported"],
  ] as const)("of %j is %s", (given, verdict) => {
    expect(coverageOf(given)).toMatchObject({ verdict, scanners: { vuln: verdict } });
  });
});

describe("gaps", () => {
  test("say that there was nothing to match", () => {
    expect(coverageOf({ ...facts, packages: 0, covered: 0 }).gaps).toEqual([
      { scanner: "vuln", code: "no-packages", message: "No packages were found: there was nothing to match" },
    ]);
  });

  test("are sorted by code, message and place, each told once", () => {
    const incomplete = { ...problem, effect: "incomplete" } as const;
    const { gaps } = coverageOf({
      ...facts,
      gaps: [
        { scanner: "vuln", code: "no-advisories", message: "of b" },
        { scanner: "vuln", code: "no-advisories", message: "of a" },
      ],
      diagnostics: [
        { ...incomplete, location: { path: "b" } },
        incomplete,
        { ...incomplete, location: { path: "A" } },
        incomplete,
        { ...incomplete, location: { path: "b" } },
      ],
    });

    expect(gaps.map(({ code, message, path }) => [code, message, path])).toEqual([
      ["malformed-file", "not JSON", undefined],
      ["malformed-file", "not JSON", "A"],
      ["malformed-file", "not JSON", "b"],
      ["no-advisories", "of a", undefined],
      ["no-advisories", "of b", undefined],
    ]);
  });
});
