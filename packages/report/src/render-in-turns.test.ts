import { stepsOf } from "@plimsoll/model";
import type { Report } from "@plimsoll/model";
import { countTurns, everyKindReport } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { renderInTurns } from "./render-in-turns.ts";
import { renderReports } from "./render-set.ts";
import { everyReporter, reporterFor } from "./reporters.ts";

const template = "{% for finding in findings %}{{ finding.id }}\n{% endfor %}";

test.each([...everyReporter.keys()])("%s is the same in turns", async (id) => {
  const reporter = reporterFor(id, { template });

  expect(await renderInTurns(reporter, everyKindReport)).toBe([...reporter.render(everyKindReport)].join(""));
});

function large(times: number): Report {
  const copies = Array.from({ length: times }, (_, at) => at);
  return {
    ...everyKindReport,
    packages: copies.flatMap((at) => everyKindReport.packages.map((pkg) => ({ ...pkg, id: `${at}${pkg.id}` }))),
    vulnerabilities: copies.flatMap(() => everyKindReport.vulnerabilities ?? []),
  };
}

test.each(["json", "sarif", "cosign-vuln"])(
  "others have their turn while a large report is written as %s",
  async (id) => {
    const turns = countTurns();
    const text = await renderInTurns(reporterFor(id), large(100));
    turns.stop();

    // Twice as many characters as there are in a turn, but for what other tests left undone.
    expect(turns.count).toBeGreaterThanOrEqual(Math.floor(text.length / (256 * 1024)));
  },
);

test.each([...everyReporter.keys()])("no piece of %s is the whole document", (id) => {
  // A template is the caller's.
  if (id === "template") return;
  let total = 0;
  let longest = 0;
  for (const { length } of renderReports(reporterFor(id), large(15))) {
    total += length;
    longest = Math.max(longest, length);
  }

  expect(longest).toBeLessThan(Math.max(30_000, total / 10));
});

const perPackage = ["cyclonedx", "cyclonedx-xml", "spdx", "spdx-json", "spdx3-json"];
const perFinding = ["sarif", "openvex", "junit", "gitlab"];

test.each([...perPackage, ...perFinding])("of %s no more than one entry is worked out at a time", (id) => {
  const report = large(20);
  const { packages, vulnerabilities = [] } = report;
  let before = 0;
  for (const step of stepsOf(reporterFor(id).render(report))) {
    if (typeof step === "string") break;
    before++;
  }

  const entries = perPackage.includes(id)
    ? packages
    : id === "openvex"
      ? new Set(vulnerabilities.map(({ id: name }) => name))
      : vulnerabilities;
  expect(before).toBeGreaterThanOrEqual("size" in entries ? entries.size : entries.length);
});
