import { jsonSchemaValidator, sampleReport, testReporter } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { sarif } from "./index.ts";

interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly Record<string, unknown>[] } };
    readonly results: readonly Record<string, unknown>[];
    readonly [key: string]: unknown;
  }[];
}

const [run] = (JSON.parse([...sarif().render(sampleReport)].join("")) as Log).runs;
const schema = jsonSchemaValidator("conformance/schemas/sarif/sarif-schema-2.1.0.json");

testReporter(sarif(), {
  validate: (text) => {
    const log = JSON.parse(text) as Log;
    expect(schema?.(log) ?? []).toEqual([]);
    for (const { ruleId, ruleIndex } of log.runs[0]?.results ?? [])
      expect(log.runs[0]?.tool.driver.rules[Number(ruleIndex)]?.["id"]).toBe(ruleId);
  },
});

test("a result points at the file in the image that proves it", () => {
  expect(run?.results[1]).toMatchObject({
    ruleId: "CVE-2020-28928",
    level: "warning",
    message: {
      text: expect.stringContaining("musl 1.1.22-r3: CVE-2020-28928 (medium), fixed in 1.1.22-r4.") as unknown,
    },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: "lib/apk/db/installed", uriBaseId: "ROOTPATH" },
          region: { startLine: 1 },
        },
        logicalLocations: [{ fullyQualifiedName: "shop:1.0:musl@1.1.22-r3" }],
      },
    ],
  });
});

test("rules carry help and the score that services sort by", () => {
  expect(run?.tool.driver.rules[0]).toMatchObject({
    id: "CVE-2019-10744",
    shortDescription: { text: "Prototype pollution in lodash" },
    helpUri: "https://nvd.nist.gov/vuln/detail/CVE-2019-10744",
    help: { markdown: expect.stringContaining("|CRITICAL|lodash|4.17.4|4.17.12|") as unknown },
    properties: { "security-severity": "9.1", precision: "very-high" },
  });
});

test("the score agrees with the severity we decided on, even where somebody scored higher", () => {
  const findings = (sampleReport.vulnerabilities ?? []).map((finding) => ({ ...finding, severity: "LOW" as const }));
  const log = JSON.parse([...sarif().render({ ...sampleReport, vulnerabilities: findings })].join("")) as Log;

  expect(
    log.runs[0]?.tool.driver.rules.map(({ properties }) => (properties as Record<string, string>)["security-severity"]),
  ).toEqual(["2.0", "2.1", "2.0", "8.0"]);
});

test("fingerprints survive an upgrade that does not help, and differ between packages", () => {
  const print = (version: string): unknown => {
    const findings = (sampleReport.vulnerabilities ?? []).map((finding) => ({
      ...finding,
      package: { ...finding.package, version },
    }));
    const log = JSON.parse([...sarif().render({ ...sampleReport, vulnerabilities: findings })].join("")) as Log;
    return log.runs[0]?.results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
  };

  expect(print("9")).toEqual(print("10"));
  expect(new Set(print("9") as string[]).size).toBe(4);
});

test("what somebody judged is there, suppressed; what a filter hides is not", () => {
  expect(run?.results.filter(({ suppressions }) => suppressions !== undefined)).toMatchObject([
    { ruleId: "CVE-2019-14697", suppressions: [{ kind: "external", justification: /^vex: not_affected/ }] },
  ]);
  const suppressed = (sampleReport.suppressed ?? []).map((it) => ({ ...it, by: "severity" }));
  const log = JSON.parse([...sarif().render({ ...sampleReport, suppressed })].join("")) as Log;
  expect(log.runs[0]?.results.some(({ ruleId }) => ruleId === "CVE-2019-14697")).toBe(false);
});

test("what could not be read is a notification", () => {
  expect(run?.["invocations"]).toMatchObject([
    { toolExecutionNotifications: [{ level: "warning", descriptor: { id: "malformed-file" } }] },
  ]);
});
