import { sharedFile } from "@plimsoll/testkit";
import { everyKindReport } from "@plimsoll/testkit";
import type { Misconfiguration, Report } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { checkIdsByScanner, scannerOfCheck } from "./check-ids.ts";
import { complianceHtml } from "./compliance-html.ts";
import { complianceJson } from "./compliance-json.ts";
import { complianceReport } from "./compliance-report.ts";
import type { ComplianceReport } from "./compliance-report.ts";
import { readComplianceSpec } from "./compliance-spec.ts";
import type { ComplianceSpec } from "./compliance-spec.ts";
import { complianceTable } from "./compliance-table.ts";
import { mapResults } from "./scan-result.ts";
import type { ScanResult } from "./scan-result.ts";
import { complianceSpecs, findComplianceSpec } from "./specs/index.ts";

function shared(name: string): string | undefined {
  return sharedFile(`conformance/compliance/${name}`);
}

function rows<Row>(table: string): readonly Row[] {
  const text = shared(`${table}.json`);
  return text === undefined ? [] : (JSON.parse(text) as readonly Row[]); // as: rows have the form that the README says
}

interface SpecRow {
  readonly id: string;
  readonly file: string;
  readonly title: string;
  readonly version: string;
  readonly platform: string;
  readonly type: string;
  readonly controls: number;
  readonly withChecks: number;
  readonly withCommands: number;
  readonly manual: number;
  readonly defaultStatus: number;
  readonly checkIds: readonly string[];
}

const specRows = rows<SpecRow>("specs");

describe.skipIf(specRows.length === 0)("published specifications are read unchanged", () => {
  test.each(specRows.map((row) => [row.id, row] as const))("%s", (_, row) => {
    const spec = readComplianceSpec(shared(row.file) ?? "");
    const { controls } = spec;

    expect({
      title: spec.title,
      version: spec.version,
      platform: spec.platform,
      type: spec.type,
      controls: controls.length,
      withChecks: controls.filter(({ checks }) => checks.length > 0).length,
      withCommands: controls.filter(({ commands }) => commands.length > 0).length,
      manual: controls.filter(({ name }) => name.includes("Manual")).length,
      defaultStatus: controls.filter(({ defaultStatus }) => defaultStatus !== undefined).length,
      checkIds: [...new Set(controls.flatMap(({ checks }) => checks))].sort(),
    }).toEqual({
      title: row.title,
      version: row.version,
      platform: row.platform,
      type: row.type,
      controls: row.controls,
      withChecks: row.withChecks,
      withCommands: row.withCommands,
      manual: row.manual,
      defaultStatus: row.defaultStatus,
      checkIds: [...row.checkIds].sort(),
    });
  });
});

interface ScannerRow {
  readonly id: string;
  readonly spec?: unknown;
  readonly want?: readonly string[];
  readonly error?: boolean;
  readonly checkIds?: Readonly<Record<string, readonly string[]>>;
  readonly checkId?: string;
  readonly scanner?: string | null;
}

const scannerRows = rows<ScannerRow>("scanners");

describe.skipIf(scannerRows.length === 0)("scanners that specifications need", () => {
  test.each(scannerRows.map((row) => [row.id, row] as const))("%s", (_, row) => {
    if (row.checkId !== undefined) expect(scannerOfCheck(row.checkId) ?? null).toBe(row.scanner);
    else if (row.error === true) expect(() => readComplianceSpec(JSON.stringify(row.spec))).toThrow(TypeError);
    else {
      const ids = checkIdsByScanner(readComplianceSpec(JSON.stringify(row.spec)));
      if (row.want !== undefined) expect(Object.keys(ids).sort()).toEqual([...row.want].sort());
      if (row.checkIds !== undefined) expect(ids).toEqual(row.checkIds);
    }
  });
});

interface MapRow {
  readonly id: string;
  readonly checkIds: Readonly<Record<string, readonly string[]>>;
  readonly result: ScanResult;
  readonly want: Readonly<Record<string, readonly ScanResult[]>>;
}

const mapRows = rows<MapRow>("map-results");

describe.skipIf(mapRows.length === 0)("results by check id", () => {
  test.each(mapRows.map((row) => [row.id, row] as const))("%s", (_, row) => {
    expect(Object.fromEntries(mapResults([row.result], Object.values(row.checkIds).flat()))).toEqual(row.want);
  });
});

interface TrivyReport {
  readonly ID: string;
  readonly Title: string;
  readonly Description?: string;
  readonly Version?: string;
  readonly RelatedResources: readonly string[];
  readonly Results: readonly {
    readonly ID: string;
    readonly Name: string;
    readonly Description?: string;
    readonly Severity: "MEDIUM";
    readonly Results: readonly ScanResult[] | null;
  }[];
}

interface ReportRow {
  readonly id: string;
  readonly spec?: unknown;
  readonly results?: readonly (readonly ScanResult[])[];
  readonly want?: TrivyReport;
  readonly report?: TrivyReport;
  readonly summary?: Readonly<Record<string, unknown>>;
}

const reportRows = rows<ReportRow>("report");

describe.skipIf(reportRows.length === 0)("reports of results", () => {
  test.each(reportRows.map((row) => [row.id, row] as const))(
    "%s",
    (_, { spec, results = [], want, report, summary }) => {
      if (want !== undefined) {
        const read = readComplianceSpec(JSON.stringify(spec));
        const mapped = mapResults(
          results.flat(),
          read.controls.flatMap(({ checks }) => checks),
        );
        const held = read.controls.map(({ checks }) => checks.flatMap((id) => mapped.get(id) ?? []));

        expect(held.map((each) => (each.length === 0 ? null : each))).toEqual(want.Results.map((each) => each.Results));
        expect(JSON.parse(complianceJson(ofResults(read, held), "all"))).toMatchObject(
          JSON.parse(JSON.stringify(want)) as object,
        );
      }
      if (report !== undefined)
        expect({ SchemaVersion: 0, ...(JSON.parse(complianceJson(ofTrivy(report), "summary")) as object) }).toEqual(
          summary,
        );
    },
  );
});

interface RenderRow {
  readonly id: string;
  readonly report: TrivyReport;
  readonly kind: "summary" | "all";
  readonly format: string;
  readonly golden: string;
}

const renderRows = rows<RenderRow>("render");

describe.skipIf(renderRows.length === 0)("reports as published", () => {
  test.each(renderRows.map((row) => [row.id, row] as const))("%s", (_, { report, kind, format, golden }) => {
    expect(format).toBe("json");
    expect(JSON.parse(complianceJson(ofTrivy(report), kind))).toEqual(JSON.parse(shared(golden) ?? ""));
  });

  test("the summary for people has the published form", () => {
    const [row] = renderRows;
    if (row === undefined) throw new Error("no row");

    expect(complianceTable(ofTrivy(row.report), "summary")).toBe(shared("golden/table_summary.txt"));
  });
});

interface FindRow {
  readonly id: string;
  readonly name?: string;
  readonly file?: string;
  readonly text?: string;
  readonly specId?: string;
  readonly controls?: number;
  readonly error?: boolean;
}

const findRows = rows<FindRow>("find-spec");

/** Clouds are not scanned yet, so that their specifications do not come with this package; the files are read. */
const notShipped = ["aws-cis-1.2"];

describe.skipIf(findRows.length === 0)("specifications are found by name and by text", () => {
  test.each(findRows.map((row) => [row.id, row] as const))("%s", (_, { name, file, text, specId, controls, error }) => {
    if (error === true) expect(() => readComplianceSpec(text ?? "")).toThrow(TypeError);
    else if (text !== undefined) {
      const spec = readComplianceSpec(text);
      expect([spec.id, spec.controls.length]).toEqual([specId, controls]);
    } else if (name !== undefined) {
      expect(readComplianceSpec(shared(file ?? "") ?? "").id).toBe(name);
      if (!notShipped.includes(name)) expect(findComplianceSpec(name)?.id).toBe(name);
    }
  });

  test.each(complianceSpecs.map((spec) => [spec.id, spec] as const))(
    "%s asks what the published one asks",
    (id, spec) => {
      const published = readComplianceSpec(shared(`specs/${id}.yaml`) ?? "");
      const facts = (each: ComplianceSpec): readonly unknown[] =>
        each.controls.map(({ id: number, severity, checks, defaultStatus, name }) => [
          number,
          severity,
          // Ours asks for all three namespaces of the node, as the policy does.
          checks.filter((check) => number !== "2" || check === "KSV-0008"),
          defaultStatus,
          name.includes("Manual"),
        ]);

      expect(facts(spec)).toEqual(facts(published));
    },
  );
});

/** A report of results that somebody else has put together. */
function ofResults(spec: ComplianceSpec, results: readonly (readonly ScanResult[])[]): ComplianceReport {
  const { controls, ...head } = spec;
  return {
    spec: head,
    controls: controls.map((control, index) => {
      const held = results[index] ?? [];
      return { control, status: held.length > 0 ? "fail" : "pass", results: held };
    }),
  };
}

function ofTrivy(report: TrivyReport): ComplianceReport {
  const spec: ComplianceSpec = {
    id: report.ID,
    title: report.Title,
    description: report.Description ?? "",
    version: report.Version ?? "",
    relatedResources: report.RelatedResources,
    platform: "",
    type: "",
    controls: report.Results.map(({ ID, Name, Description = "", Severity }) => ({
      id: ID,
      name: Name,
      description: Description,
      severity: Severity,
      checks: [],
      commands: [],
    })),
  };
  return ofResults(
    spec,
    report.Results.map(({ Results }) => Results ?? []),
  );
}

function misconfiguration(id: string, status: Misconfiguration["status"], path = "a.yaml"): Misconfiguration {
  return {
    kind: "misconfiguration",
    engine: "checks",
    subject: "file",
    id,
    aliases: [`AVD-${id}`],
    severity: "HIGH",
    status,
    title: id,
    message: `about ${id} <script>`,
    references: [],
    resource: { type: "Pod", name: "a" },
    location: { path, line: 3 },
    locations: [{ path, line: 3 }],
    fingerprint: `${id} ${status}`,
    explanation: { rule: id },
  };
}

const base: Report = {
  schemaVersion: 2,
  tool: { name: "plimsoll", version: "0" },
  artifact: { name: "a", kind: "filesystem", layers: [] },
  packages: [],
  coverage: { verdict: "complete", scanners: { misconfig: "complete" }, gaps: [] },
  diagnostics: [],
};

function statuses(spec: ComplianceSpec, reports: readonly Report[]): Readonly<Record<string, string>> {
  const { controls } = complianceReport(spec, reports);
  return Object.fromEntries(controls.map(({ control, status }) => [control.id, status]));
}

const spec = readComplianceSpec(
  JSON.stringify({
    spec: {
      id: "own",
      title: "Own <b>",
      controls: [
        { id: "1", name: "one", severity: "high", checks: [{ id: "KSV-0017" }] },
        { id: "2", name: "two", severity: "LOW", checks: [{ id: "avd-ksv-0001" }, { id: "KSV-0002" }] },
        { id: "3", name: "three (Manual)", severity: "LOW", checks: [{ id: "KSV-0017" }] },
        { id: "4", name: "four", severity: "LOW", checks: [{ id: "KSV-0040" }], defaultStatus: "FAIL" },
        { id: "5", name: "five", severity: "LOW", checks: [{ id: "VULN-CRITICAL" }] },
        { id: "6", name: "six", severity: "LOW", checks: [{ id: "SECRET-HIGH" }] },
        { id: "7", name: "seven", severity: "LOW", commands: [{ id: "CMD-0001" }] },
        { id: "8", name: "eight", severity: "LOW" },
      ],
    },
  }),
);

describe("a control", () => {
  test("that nobody could look at is unknown, never met", () => {
    expect(statuses(spec, [])).toEqual({
      1: "unknown",
      2: "unknown",
      3: "manual",
      4: "unknown",
      5: "unknown",
      6: "unknown",
      7: "unknown",
      8: "unknown",
    });
    expect(statuses(spec, [{ ...base, vulnerabilities: [], secrets: [] }])).toMatchObject({ 5: "pass", 6: "pass" });
    const unsupported = { verdict: "unsupported", scanners: { vuln: "unsupported" }, gaps: [] } as const;
    expect(statuses(spec, [{ ...base, vulnerabilities: [], coverage: unsupported }])).toMatchObject({ 5: "unknown" });
  });

  test("passes where everything that it asks was judged, and fails where anything failed", () => {
    const judged = (...found: readonly Misconfiguration[]): Readonly<Record<string, string>> =>
      statuses(spec, [{ ...base, misconfigurations: found }]);

    expect(judged(misconfiguration("KSV-0017", "pass"), misconfiguration("KSV-0001", "pass"))).toMatchObject({
      1: "pass",
      2: "unknown",
      4: "fail",
    });
    expect(judged(misconfiguration("KSV-0001", "pass"), misconfiguration("KSV-0002", "pass"))).toMatchObject({
      2: "pass",
    });
    expect(judged(misconfiguration("KSV-0001", "pass"), misconfiguration("KSV-0002", "unknown"))).toMatchObject({
      2: "unknown",
    });
    expect(judged(misconfiguration("KSV-0001", "fail"), misconfiguration("KSV-0002", "unknown"))).toMatchObject({
      2: "fail",
    });
    expect(judged({ ...misconfiguration("1.1.1", "pass"), aliases: ["CMD-0001"] })).toMatchObject({ 7: "pass" });
  });

  test("tells what fails, of every kind, in all forms", () => {
    const report = complianceReport(spec, [
      { ...base, ...everyKindReport, misconfigurations: [misconfiguration("KSV-0017", "fail")] },
    ]);

    expect(report.controls[0]?.results).toMatchObject([{ Target: "a.yaml", Misconfigurations: [{ ID: "KSV-0017" }] }]);
    expect(complianceTable(report, "all")).toContain(
      "1 one: FAIL\n  a.yaml:3 · KSV-0017 HIGH · about KSV-0017 <script>\n",
    );
    const html = complianceHtml(report, "all");
    expect(html).toContain("about KSV-0017 &lt;script&gt;");
    expect(html).not.toMatch(/<script|<b>/);
    expect(complianceHtml(report, "summary")).not.toContain("about KSV-0017");
    expect(JSON.parse(complianceJson(report, "summary"))).toMatchObject({
      SummaryControls: [
        { TotalFail: 1 },
        { Status: "UNKNOWN" },
        { Status: "MANUAL" },
        { Status: "FAIL", TotalFail: 0 },
        {},
        {},
        {},
        {},
      ],
    });
  });
});

test.each([
  ["nothing", ""],
  ["no mapping", "- 1"],
  ["no controls", "spec: {id: a}"],
  ["a control that is none", "spec: {controls: [1]}"],
  ["ids that no scanner knows", "spec: {controls: [{id: 1, checks: [{id: NOPE-1}]}]}"],
  ["broken YAML", "spec: ["],
])("%s is no specification", (_, text) => {
  expect(() => readComplianceSpec(text)).toThrow(TypeError);
});
