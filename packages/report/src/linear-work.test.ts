import type { Report } from "@plimsoll/model";
import { everyKindReport, growthProblem } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { everyReporter, reporterFor } from "./reporters.ts";

const template = "{% for finding in findings %}{{ finding.kind }} {{ finding.id }}\n{% endfor %}";
const names = [...new Set(everyKindReport.packages.map(({ name }) => name))];

/** The report with all that is in its lists so many times, each time about packages and places of other names. */
function grown(times: number): Report {
  const lists = Object.entries(everyKindReport).map(([key, value]: [string, unknown]) => [
    key,
    Array.isArray(value) && key !== "diagnostics" ? copies(value, times) : value,
  ]);
  return Object.fromEntries(lists) as Report; // as: the same members, longer
}

function copies(list: readonly unknown[], times: number): unknown[] {
  const text = JSON.stringify(list);
  return Array.from({ length: times }, (_, at) => {
    const named = names.reduce((all, name) => all.replaceAll(name, `${name}${at}`), text);
    const copied: unknown = JSON.parse(named.replaceAll('"fingerprint":"', `"fingerprint":"${at}`));
    return copied as readonly unknown[]; // as: a list was written
  }).flat();
}

const reports = new Map([1, 2, 4].map((times) => [times, grown(40 * times)]));
const sized = (times: number): Report => reports.get(times) ?? everyKindReport;

test.each([...everyReporter.keys()])("%s takes about twice the work for twice the report", async (id) => {
  const reporter = reporterFor(id, { template, showSuppressed: true });

  expect(
    await growthProblem((times) => {
      for (const _ of reporter.render(sized(times)));
    }),
  ).toBeUndefined();
});
