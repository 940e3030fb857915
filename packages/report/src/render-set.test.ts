import { ScanError } from "@plimsoll/model";
import type { ReportSet } from "@plimsoll/model";
import { emptyReport, everyKindReport, parseCsv } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { renderReports, reporterFor } from "./index.ts";
import { everyReporter } from "./reporters.ts";

const set: ReportSet = {
  schemaVersion: 2,
  kind: "report-set",
  subject: { kind: "cluster", name: "test" },
  reports: [everyKindReport, emptyReport],
};
const options = { template: "{{ report.artifact.name }}: {{ total }}" };
const render = (id: string, reports = set): string => [...renderReports(reporterFor(id, options), reports)].join("");

describe.each([...everyReporter.keys()])("%s of several reports", (id) => {
  test("has them all, in the order of their names, or is refused by name", () => {
    let text: string;
    try {
      text = render(id);
    } catch (error) {
      expect(error).toBeInstanceOf(ScanError);
      expect(String(error)).toContain(`"${id}" cannot hold the 2 reports of cluster test`);
      return;
    }
    expect(text).toContain("CVE-2019-10744".slice(0, id === "template" ? 0 : 14));
    expect(text).toBe(render(id, { ...set, reports: set.reports.toReversed() }));
  });

  test("of one report is that report", () => {
    const reporter = reporterFor(id, options);

    expect([...renderReports(reporter, everyKindReport)].join("")).toBe([...reporter.render(everyKindReport)].join(""));
  });
});

test("formats for programs stay one document", () => {
  const json = JSON.parse(render("json")) as ReportSet;
  const sarif = JSON.parse(render("sarif")) as { readonly runs: readonly unknown[] };
  const rows = parseCsv(render("csv"));

  expect(json).toMatchObject({ schemaVersion: 2, kind: "report-set", subject: set.subject });
  expect(json.reports.map(({ artifact }) => artifact.name)).toEqual(["scratch", "shop:1.0"]);
  expect(sarif.runs).toHaveLength(2);
  expect(rows.filter(([first]) => first === "Vulnerability")).toHaveLength(1);
});
