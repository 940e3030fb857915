import { findingsOf } from "@plimsoll/model";
import type { Report } from "@plimsoll/model";
import { everyKindReport } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { compareReports, failAtOrAbove, filterRules, ignoreFile, triage, vexDocument } from "./index.ts";
import type { FilterOptions } from "./index.ts";

const findings = findingsOf(everyKindReport);

function hiddenBy(name: string, text: string): readonly string[] {
  const rules = [ignoreFile(text, { name, now: "2026-01-01" })];
  return triage(findings, rules, everyKindReport.packages).suppressed.map(({ finding }) => finding.id);
}

describe("ignore files mean findings of any kind", () => {
  test.each([
    [".trivyignore", "DS-0002\naws-access-key-id", ["aws-access-key-id", "DS-0002"]],
    [".trivyignore", "AVD-DS-0002", ["DS-0002"]],
    [".trivyignore.yaml", "secrets: [{ id: aws-access-key-id, paths: [srv/app/*] }]", ["aws-access-key-id"]],
    [".trivyignore.yaml", "vulnerabilities: [{ id: aws-access-key-id }]", []],
    [".trivyignore.yaml", "misconfigurations: [{ id: DS-0002, paths: [Dockerfile] }]", ["DS-0002"]],
    [".trivyignore.yaml", "misconfigurations: [{ id: DS-0002, paths: [other/Dockerfile] }]", []],
    [".trivyignore.yaml", "licenses: [{ id: GPL-2.0-only }]", ["GPL-2.0-only"]],
    [".plimsollignore.yaml", "ignore: [{ kind: secret, reason: r }]", ["aws-access-key-id"]],
    [".plimsollignore.yaml", "ignore: [{ package: ssl_client, reason: r }]", ["GPL-2.0-only"]],
    [".plimsollignore.yaml", "ignore: [{ path: Dockerfile, reason: r }]", ["DS-0002", "DS-0026"]],
    [".plimsollignore.yaml", "ignore: [{ kind: secrets, reason: r }]", []],
    ["osv-scanner.toml", '[[PackageOverrides]]\nname = "ssl_client"\nlicense.ignore = true', ["GPL-2.0-only"]],
    ["osv-scanner.toml", '[[PackageOverrides]]\nname = "ssl_client"\nvulnerability.ignore = true', []],
    ["osv-scanner.toml", '[[IgnoredVulns]]\nid = "DS-0002"', []],
    [".grype.yaml", "ignore: [{ package: { name: ssl_client } }]", []],
  ] as const)("%s: %s", (name, text, expected) => {
    expect(hiddenBy(name, text)).toEqual(expected);
  });

  test("VEX speaks of vulnerabilities alone", () => {
    const [, , , secret] = findings;
    const text = JSON.stringify({
      "@context": "https://openvex.dev/ns/v0.2.0",
      statements: [{ vulnerability: { name: secret?.id }, products: [{ "@id": "shop:1.0" }], status: "not_affected" }],
    });

    expect(triage(findings, [vexDocument(text, { name: "v" })], [], everyKindReport.artifact).suppressed).toEqual([]);
  });

  test("what took a finding out is told with its scope, place and end", () => {
    const rules = [ignoreFile("DS-0002 exp:2030-01-01", { name: ".trivyignore", now: "2026-01-01" })];

    expect(triage(findings, rules).suppressed).toMatchObject([
      { by: "ignorefile", scope: "DS-0002", expires: "2030-01-01", origin: ".trivyignore, line 1" },
    ]);
  });
});

describe("filters", () => {
  test.each<[FilterOptions, readonly string[]]>([
    [{ severities: ["CRITICAL"] }, ["CVE-2019-10744", "aws-access-key-id"]],
    [{ ignoreUnfixed: true }, findings.filter(({ id }) => id !== "GHSA-xxxx-yyyy-zzzz").map(({ id }) => id)],
    [{ ignoreStatuses: ["fixed"] }, ["GHSA-xxxx-yyyy-zzzz", "aws-access-key-id", "GPL-2.0-only", "DS-0002", "DS-0026"]],
    [
      { ignorePaths: ["srv/**", "Dockerfile"] },
      findings
        .slice(0, 3)
        .map(({ id }) => id)
        .concat("GPL-2.0-only"),
    ],
    [
      { packageTypes: ["os"], osEcosystems: ["apk"] },
      ["CVE-2020-28928", "aws-access-key-id", "GPL-2.0-only", "DS-0002", "DS-0026"],
    ],
  ])("%j keep what they should", (options, expected) => {
    const kept = triage(findings, filterRules(options), everyKindReport.packages).findings;

    expect(kept.map(({ id }) => id)).toEqual(expected);
  });
});

test("the gate fails for any kind, and not for a check that passed", () => {
  const failures = failAtOrAbove("UNKNOWN").failures(findings);

  expect(failures.map(({ kind }) => kind)).toEqual(
    findings.filter(({ id }) => id !== "DS-0026").map(({ kind }) => kind),
  );
});

describe("a comparison", () => {
  const without = { ...everyKindReport, secrets: [], licenses: [], misconfigurations: [], suppressed: [] };
  const full: Report = { ...everyKindReport, suppressed: [] };

  test("tells what came of each kind, and why", () => {
    const { findings: compared } = compareReports(
      { ...without, artifact: { ...without.artifact, digest: `sha256:${"0".repeat(64)}` } },
      full,
    );

    expect(compared?.kinds).toEqual(["vulnerability", "secret", "license", "misconfiguration"]);
    expect(compared?.added.map(({ finding, causes }) => [finding.id, causes])).toEqual([
      ["aws-access-key-id", ["inventory"]],
      ["GPL-2.0-only", ["options"]],
      ["DS-0002", ["inventory"]],
    ]);
  });

  test("knows a finding again whose line has moved", () => {
    const moved = full.secrets?.map((finding) => ({ ...finding, locations: [{ path: "srv/app/.env", line: 90 }] }));
    const { findings: compared } = compareReports(full, { ...full, secrets: moved ?? [] });

    expect(compared).toMatchObject({ added: [], fixed: [], changed: [] });
  });

  const digest = `sha256:${"0".repeat(64)}` as const;
  const otherFiles = (report: Report): Report => ({ ...report, artifact: { ...report.artifact, digest } });
  const otherTool = { tool: { name: "plimsoll", version: "0.2.0" } };
  const otherData = { advisories: { revision: "other", sources: [] } };
  const scanned = "the scanner was plimsoll 0.1.0 and is plimsoll 0.2.0";

  test.each<[string, Report, Partial<Report>, readonly (readonly [string, string])[]]>([
    [
      "of the same files with the same scanner comes from options, whatever the advisory data",
      full,
      otherData,
      [
        ["options", "What was scanned and the scanner are the same: the scans had other options"],
        ["options", "What was scanned and the scanner are the same: the scans had other options"],
        ["options", "What was scanned and the scanner are the same: the scans had other options"],
      ],
    ],
    [
      "of the same files with another scanner comes from it",
      full,
      otherTool,
      [
        ["engine", `What was scanned is the same, but ${scanned}`],
        ["engine", `The package is the same, but ${scanned}`],
        ["engine", `What was scanned is the same, but ${scanned}`],
      ],
    ],
    [
      "of other files comes from these",
      otherFiles(full),
      {},
      [
        ["inventory", "The files differ, and aws-access-key-id in srv/app/.env:3 was not there before"],
        ["options", "What was scanned and the scanner are the same: the scans had other options"],
        ["inventory", "The files differ, and DS-0002 in Dockerfile:4 was not there before"],
      ],
    ],
    [
      "of other files with another scanner may come from either",
      otherFiles(full),
      otherTool,
      [
        [
          "inventory, engine",
          `The files differ, and aws-access-key-id in srv/app/.env:3 was not there before; ${scanned}: either can be the cause`,
        ],
        ["engine", `The package is the same, but ${scanned}`],
        [
          "inventory, engine",
          `The files differ, and DS-0002 in Dockerfile:4 was not there before; ${scanned}: either can be the cause`,
        ],
      ],
    ],
  ])("%s", (_name, after, changed, expected) => {
    const { findings: compared } = compareReports(without, { ...after, ...changed });

    expect(compared?.added.map(({ causes, because }) => [causes.join(", "), because])).toEqual(expected);
  });

  test("tells what went from other files", () => {
    const { findings: compared } = compareReports(full, otherFiles(without));

    expect(compared?.fixed.map(({ because }) => because)).toContain(
      "The files differ, and DS-0002 in Dockerfile:4 is not there any more",
    );
  });

  test("does not take reports of which no digest is known for those of the same files", () => {
    const { digest: _, ...artifact } = full.artifact;
    const { findings: compared } = compareReports({ ...without, artifact }, { ...full, artifact });

    expect(compared?.added.map(({ causes }) => causes)).toEqual([["inventory"], ["options"], ["inventory"]]);
  });

  test("tells checks of one file by the resource, and knows those again that are about no file", () => {
    const [check] = full.misconfigurations ?? [];
    const of = (...names: readonly string[]): Report => ({
      ...full,
      misconfigurations: names.map((name) => ({ ...check!, resource: { type: "pod", name }, locations: [] })),
    });
    const { findings: compared } = compareReports(of("a", "b"), otherFiles(of("b", "c")));

    expect(compared).toMatchObject({
      added: [
        {
          finding: { resource: { name: "c" } },
          because: "The files differ, and DS-0002 in pod c was not there before",
        },
      ],
      fixed: [{ finding: { resource: { name: "a" } } }],
      changed: [],
    });
  });

  test("does not take a secret for that of another file, nor one that a layer removed for unchanged", () => {
    const [secret] = full.secrets ?? [];
    const { removedIn, ...kept } = secret!;
    const moved = compareReports(full, { ...full, secrets: [{ ...secret!, locations: [{ path: "other", line: 3 }] }] });
    const removed = compareReports({ ...full, secrets: [kept] }, full);

    expect(moved.findings).toMatchObject({ added: [{}], fixed: [{}], changed: [] });
    expect(removed.findings).toMatchObject({
      added: [],
      fixed: [],
      changed: [{ changes: [{ fact: "removedIn", to: removedIn?.diffId }] }],
    });
  });

  test("leaves out kinds that one side did not look for, and says so", () => {
    const { secrets: _, ...unasked } = full;
    const diff = compareReports(full, unasked);

    expect(diff.findings?.kinds).toEqual(["vulnerability", "license", "misconfiguration"]);
    expect(diff.findings?.fixed).toEqual([]);
    expect(diff.notes).toContain("Not compared, because on one side nobody looked: secrets");

    const { licenses: _licenses, ...neither } = unasked;
    expect(compareReports(neither, full).notes).toContain(
      "Not compared, because on one side nobody looked: secrets, licenses",
    );
  });
});
