import { describe, expect, test } from "vitest";
import {
  failAtOrAbove,
  filterRules,
  onlyPackageTypes,
  onlySeverities,
  triage,
  withoutPaths,
  withoutStatuses,
} from "./index.ts";
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

  test.each<[FilterOptions, string]>([
    [{ severities: ["CRITICAL", "HIGH"] }, "LOW is not among CRITICAL, HIGH"],
    [{ ignoreUnfixed: true }, "No version fixes it"],
    [{ ignoreStatuses: ["will_not_fix"] }, "Its status is will_not_fix"],
    [{ packageTypes: ["library"], osEcosystems: ["apk"] }, "Its package is of type os"],
    [{ ignorePaths: ["lib/**", "srv/", "db"] }, "It was found only under db, srv/"],
  ])("%j say why", (options, reason) => {
    const found = { ...apk, locations: [...apk.locations, { path: "srv/db", evidence: "installed" as const }] };
    const [, low] = findings;

    expect(triage([low!], filterRules(options), [found]).suppressed).toEqual([
      { finding: low, by: expect.any(String), reason },
    ]);
  });

  test("have ids, and that of severities is asked last: what it alone leaves out may count as unrated", () => {
    const rules = filterRules({
      severities: ["HIGH"],
      ignorePaths: ["a"],
      packageTypes: ["os"],
      ignoreStatuses: ["fixed"],
      ignoreUnfixed: true,
    });

    expect(rules.map(({ id }) => id)).toEqual([
      "ignore-unfixed",
      "ignore-status",
      "package-types",
      "ignore-paths",
      "severity",
    ]);
  });

  // as: what comes from callers without types
  test.each([
    [() => filterRules({ severity: ["HIGH"] } as FilterOptions), 'filterRules has no option "severity"'],
    [() => filterRules({ severities: ["high" as "HIGH"] }), 'filterRules: severities: "high" is none of CRITICAL'],
    [() => onlySeverities(["high" as "HIGH"]), 'onlySeverities: severities: "high" is none of CRITICAL'],
    [() => withoutStatuses(["open" as "affected"]), 'withoutStatuses: statuses: "open" is none of'],
    [() => onlyPackageTypes(["lib" as "library"], []), 'onlyPackageTypes: types: "lib" is none of os, library'],
    [() => withoutPaths([1 as unknown as string]), "withoutPaths: globs: 1 is no text"],
  ])("that do not exist are refused: %s", (make, message) => {
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  test("by package type take a package that the report does not list for a library", () => {
    const { suppressed } = triage(findings, filterRules({ packageTypes: ["os"], osEcosystems: ["apk"] }));
    expect(suppressed.map(({ finding: { id } }) => id)).toEqual(["CVE-1", "CVE-2", "CVE-3"]);
  });

  test("by path keep what was found nowhere", () => {
    const nowhere = finding("CVE-3", { ...lib, locations: [] });
    expect(triage([nowhere], filterRules({ ignorePaths: ["**"] })).suppressed).toEqual([]);
  });

  test("by path keep a package that is also found elsewhere", () => {
    const both = { ...lib, locations: [...lib.locations, { path: "srv/left", evidence: "installed" as const }] };
    const { suppressed } = triage([finding("CVE-3", both)], filterRules({ ignorePaths: ["app/"] }), [both]);
    expect(suppressed).toEqual([]);
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

  test("is told by its severity", () => {
    expect([failAtOrAbove("HIGH").id, failAtOrAbove("high").id]).toEqual(Array(2).fill("fail-at-or-above-high"));
  });

  test("refuses a word that is no severity", () => {
    expect(() => failAtOrAbove("grave" as "high")).toThrow(
      new TypeError("failAtOrAbove: grave is none of CRITICAL, HIGH, MEDIUM, LOW, NEGLIGIBLE, UNKNOWN"),
    );
  });
});
