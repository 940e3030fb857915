import { describe, expect, test } from "vitest";
import { triage, failAtOrAbove, filterRules } from "./index.ts";
import { finding, pkg } from "./fixtures/literal-findings.ts";
import type { FilterOptions } from "./index.ts";

const apk = pkg("pkg:apk/alpine/musl@1.1");
const lib = pkg("pkg:npm/left@1.0", {
  locations: [{ path: "app/node_modules/left/package.json", evidence: "installed" }],
});
const findings = [
  finding("CVE-1", apk, { severity: "CRITICAL", fixedVersion: "1.2", status: "fixed" }),
  finding("CVE-2", apk, { severity: "LOW", status: "will_not_fix" }),
  finding("CVE-3", lib, { severity: "UNKNOWN" }),
];

describe("filters", () => {
  test.each<[string, FilterOptions, readonly string[], string]>([
    ["severities", { severities: ["CRITICAL", "UNKNOWN"] }, ["CVE-2"], "severity"],
    ["unfixed", { ignoreUnfixed: true }, ["CVE-2", "CVE-3"], "ignore-unfixed"],
    ["statuses", { ignoreStatuses: ["will_not_fix"] }, ["CVE-2"], "ignore-status"],
    ["os packages only", { packageTypes: ["os"], osEcosystems: ["apk"] }, ["CVE-3"], "package-types"],
    ["libraries only", { packageTypes: ["library"], osEcosystems: ["apk"] }, ["CVE-1", "CVE-2"], "package-types"],
    ["paths", { ignorePaths: ["**/node_modules/**"] }, ["CVE-3"], "ignore-paths"],
  ])("by %s take out what they should and say so", (_name, options, expected, by) => {
    const { suppressed, findings: kept } = triage(findings, filterRules(options), [apk, lib]);
    expect(suppressed.map(({ finding: { id } }) => id)).toEqual(expected);
    expect(new Set(suppressed.map((one) => one.by))).toEqual(new Set([by]));
    expect(kept).toHaveLength(findings.length - expected.length);
  });

  test("that are not set are none", () => {
    expect(filterRules({ ignoreUnfixed: false })).toEqual([]);
  });

  test("by path keep a package that is also found elsewhere", () => {
    const both = { ...lib, locations: [...lib.locations, { path: "srv/left", evidence: "installed" as const }] };
    const { suppressed } = triage([finding("CVE-3", both)], filterRules({ ignorePaths: ["app/"] }), [both]);
    expect(suppressed).toEqual([]);
  });
});

describe("several rules", () => {
  test("the first that suppresses is named, and one that keeps changes nothing", () => {
    const rules = [
      { id: "keeper", judge: () => ({ kind: "keep" }) as const },
      ...filterRules({ ignoreUnfixed: true, severities: ["CRITICAL"] }),
    ];
    const { suppressed } = triage(findings, rules, [apk, lib]);
    expect(suppressed.map(({ by }) => by)).toEqual(["ignore-unfixed", "ignore-unfixed"]);
  });

  test("each run starts afresh", () => {
    const counting = (seen: number): { id: string; judge: () => undefined; remarks: () => [] } => ({
      id: `${seen}`,
      judge: () => undefined,
      remarks: () => [],
    });
    let started = 0;
    const rule = { ...counting(0), start: () => counting(++started) };
    triage(findings, [rule]);
    triage(findings, [rule]);
    expect(started).toBe(2);
  });
});

describe("the gate", () => {
  test.each([
    ["CRITICAL", ["CVE-1"]],
    ["high", ["CVE-1"]],
    ["LOW", ["CVE-1", "CVE-2"]],
    ["UNKNOWN", ["CVE-1", "CVE-2", "CVE-3"]],
  ] as const)("at %s fails for %j", (severity, expected) => {
    expect(
      failAtOrAbove(severity)
        .failures(findings)
        .map(({ id }) => id),
    ).toEqual(expected);
  });

  test("refuses a word that is no severity", () => {
    expect(() => failAtOrAbove("grave" as "high")).toThrow("grave is none of CRITICAL");
  });
});
