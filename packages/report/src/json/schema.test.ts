import { readFileSync } from "node:fs";
import { findingKinds, licenseCategories, severities } from "@plimsoll/model";
import type { CoverageVerdict, DiagnosticCode, Misconfiguration, Origin, Report, ScannerId } from "@plimsoll/model";
import { emptyReport, everyKindReport, sampleReport, validatorOf } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { json, reportKeys } from "./index.ts";
import type { Keys } from "./index.ts";

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly string[];
}

const schema = JSON.parse(readFileSync(new URL("report.schema.json", import.meta.url), "utf8")) as Schema;
const problemsOf = validatorOf(schema as Readonly<Record<string, unknown>>);

const definition = (name: string): Schema => schema.$defs?.[name] ?? {};
const written = (report: Report): unknown => JSON.parse([...json().render(report)].join(""));

/** The properties of a schema, with those of the schemas it refers to. */
function propertiesOf(part: Schema): Readonly<Record<string, Schema>> {
  const others = [...(part.allOf ?? []), ...(part.$ref === undefined ? [] : [definition(part.$ref.slice(8))])];
  return Object.assign({}, ...others.map(propertiesOf), part.properties);
}

function itemsOf(part: Schema): Schema {
  const itself = part.$ref === undefined ? part : definition(part.$ref.slice(8));
  return itself.items === undefined ? itself : itemsOf(itself.items);
}

/** Where the keys that are printed and the properties of the schema differ. */
function differences(keys: Keys, part: Schema, path: string): readonly string[] {
  if (keys === "finding") return part.$ref === "#/$defs/finding" ? [] : [`${path} is no finding`];
  const properties = propertiesOf(part);
  const known = keys === true ? {} : keys;
  return [...new Set([...Object.keys(known), ...Object.keys(properties)])].flatMap((name) => {
    const [inner, property] = [known[name], properties[name]];
    if (inner === undefined) return [`${path}/${name} is not printed`];
    if (property === undefined) return [`${path}/${name} is not in the schema`];
    return differences(inner, inner === "finding" ? property : itemsOf(property), `${path}/${name}`);
  });
}

describe("the JSON Schema of the report", () => {
  test.each([
    ["of vulnerabilities", sampleReport],
    ["of all kinds", everyKindReport],
    ["of nothing", emptyReport],
  ])("accepts a report %s", (_, report) => {
    expect(problemsOf(written(report))).toEqual([]);
  });

  test("accepts the golden report", () => {
    const golden = readFileSync(new URL("../../golden/sample.json.json", import.meta.url), "utf8");

    expect(problemsOf(JSON.parse(golden))).toEqual([]);
  });

  test("accepts a set of reports", () => {
    const subject = { kind: "cluster", name: "test" };
    const reports = [everyKindReport, emptyReport];
    const text = [...(json().renderSet?.({ schemaVersion: 2, kind: "report-set", subject, reports }) ?? [])].join("");

    expect(problemsOf(JSON.parse(text))).toEqual([]);
    expect(Object.keys(propertiesOf(definition("reportSet")))).toEqual(Object.keys(JSON.parse(text) as object));
  });

  test("accepts what later versions may add", () => {
    expect(problemsOf({ ...sampleReport, later: true })).toEqual([]);
  });

  const [vulnerability] = everyKindReport.vulnerabilities ?? [];
  const [secret] = everyKindReport.secrets ?? [];
  const [license] = everyKindReport.licenses ?? [];
  const [misconfiguration] = everyKindReport.misconfigurations ?? [];

  test.each<readonly [string, object, string]>([
    ["another version", { schemaVersion: 1 }, "/schemaVersion must be equal to constant"],
    ["a report without coverage", { coverage: undefined }, " must have required property 'coverage'"],
    [
      "an artifact without layers",
      { artifact: { name: "a", kind: "rootfs" } },
      "/artifact must have required property 'layers'",
    ],
    [
      "a severity that nobody has",
      { vulnerabilities: [{ ...vulnerability, severity: "Critical" }] },
      "/vulnerabilities/0/severity must be equal to one of the allowed values",
    ],
    [
      "a vulnerability among the secrets",
      { secrets: [{ ...secret, kind: "vulnerability" }] },
      "/secrets/0/kind must be equal to constant",
    ],
    ["a confidence above one", { licenses: [{ ...license, confidence: 1.5 }] }, "/licenses/0/confidence must be <= 1"],
    [
      "a check that neither failed nor passed",
      { misconfigurations: [{ ...misconfiguration, status: "skipped" }] },
      "/misconfigurations/0/status must be equal to one of the allowed values",
    ],
    [
      "a line zero",
      { misconfigurations: [{ ...misconfiguration, locations: [{ path: "a", line: 0 }] }] },
      "/misconfigurations/0/locations/0/line must be >= 1",
    ],
    [
      "a suppressed finding without its rule",
      { suppressed: [{ finding: secret, reason: "old" }] },
      "/suppressed/0 must have required property 'by'",
    ],
  ])("refuses %s", (_, change, problem) => {
    expect(problemsOf(JSON.parse(JSON.stringify({ ...everyKindReport, ...change })))).toContain(problem);
  });

  test("refuses a set without a subject", () => {
    expect(problemsOf({ schemaVersion: 2, kind: "report-set", reports: [] })).toEqual([
      " must have required property 'subject'",
      ' must match "then" schema',
    ]);
  });

  test("has every key that is printed, and no other", () => {
    expect(differences(reportKeys, definition("report"), "")).toEqual([]);
    expect(differences({ name: true, gone: true }, { properties: { name: {}, more: {} } }, "")).toEqual([
      "/gone is not in the schema",
      "/more is not printed",
    ]);
  });

  test("has every value of the closed lists", () => {
    // The compiler refuses a list here that lacks a value of its type.
    const codes: Record<DiagnosticCode, true> = {
      "malformed-file": true,
      "malformed-version": true,
      "malformed-layer": true,
      "malformed-advisory": true,
      "limit-exceeded": true,
      "unsupported-format": true,
      "unresolved-dependencies": true,
      "unreadable-file": true,
      "unknown-distro": true,
      "unsupported-distro": true,
      "no-advisories": true,
      "unknown-version": true,
      "third-party-package": true,
      "stale-advisories": true,
      "digest-mismatch": true,
      "unresolved-configuration": true,
      "check-failed": true,
      "untrusted-attestation": true,
      "unrated-findings": true,
      "analyzer-failed": true,
      triage: true,
    };
    const origins: Record<Origin, true> = {
      project: true,
      path: true,
      repository: true,
      archive: true,
      manifest: true,
    };
    const engines: Record<Misconfiguration["engine"], true> = {
      checks: true,
      rego: true,
      audit: true,
      gatekeeper: true,
      cis: true,
      probes: true,
    };
    const scanners: Record<ScannerId, true> = { vuln: true, secret: true, license: true, misconfig: true, rbac: true };
    const verdicts: Record<CoverageVerdict, true> = { complete: true, partial: true, unsupported: true };
    const valuesOf = (name: string, property: string): readonly string[] | undefined =>
      propertiesOf(definition(name))[property]?.enum;

    expect(valuesOf("diagnostic", "code")).toEqual(Object.keys(codes));
    expect(valuesOf("package", "origin")).toEqual(Object.keys(origins));
    expect(valuesOf("misconfiguration", "engine")).toEqual(Object.keys(engines));
    expect(valuesOf("license", "category")).toEqual(licenseCategories);
    expect(definition("scanner").enum).toEqual(Object.keys(scanners));
    expect(definition("verdict").enum).toEqual(Object.keys(verdicts));
    expect(definition("severity").enum).toEqual(severities);
    expect(definition("finding").oneOf).toEqual(findingKinds.map((kind) => ({ $ref: `#/$defs/${kind}` })));
  });
});
