import type { FindingDifference, Report, ReportDiff } from "@plimsoll/model";
import { hostileReport, hostileTexts, sampleReport } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { diffMarkdown, diffTable } from "./diff-report.ts";

/** A comparison in which every finding of a report is added, fixed and changed. */
function diffOf({ artifact, tool, packages, vulnerabilities: findings = [] }: Report): ReportDiff {
  const side = { name: artifact.name, tool, advisories: artifact.name };
  const [pkg = { name: "", version: "", purl: "" }] = packages;
  const all = findings.map((finding): FindingDifference => ({
    finding,
    causes: ["advisories", "engine"],
    because: artifact.name,
  }));
  return {
    schemaVersion: 2,
    old: side,
    new: side,
    packages: { added: packages, removed: packages, changed: [{ name: pkg.name, from: pkg, to: pkg }] },
    findings: {
      kinds: ["vulnerability"],
      added: all,
      fixed: all,
      changed: all.map((difference) => ({
        ...difference,
        changes: [{ fact: "version", from: pkg.version, to: artifact.name }, { fact: "fixedVersion" }],
      })),
      unchanged: 1,
    },
    notes: [artifact.name],
  };
}

const table = (report: Report): string => [...diffTable(diffOf(report))].join("");
const markdown = (report: Report): string => [...diffMarkdown(diffOf(report))].join("");

/** Line feeds belong to the formats. */
// eslint-disable-next-line no-control-regex
const acting = /[\0-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

describe.each(hostileTexts)("a comparison in which every name is %j", (text) => {
  test("is text on the lines it had", () => {
    const lines = (of: string): number => of.split("\n").length;

    expect(table(hostileReport(text))).not.toMatch(acting);
    expect(lines(table(hostileReport(text)))).toBe(lines(table(hostileReport("calm"))));
  });

  test("is Markdown without foreign markup", () => {
    const comment = markdown(hostileReport(text));

    expect(comment).not.toMatch(acting);
    expect(comment.replaceAll(/\(<https?:[^<>\s]*>\)/g, "")).not.toMatch(/[<>]/);
    expect(comment.split("\n").length).toBe(markdown(hostileReport("calm")).split("\n").length);
  });
});

test("what came, went and changed has signs, causes and changes", () => {
  const text = table(sampleReport);

  expect(text).toContain("+ CRITICAL   CVE-2019-10744 in lodash 4.17.4, fixed in 4.17.12\n");
  expect(text).toContain("- CRITICAL   CVE-2019-10744 in lodash 4.17.4, fixed in 4.17.12\n");
  expect(text).toContain(
    "    version: 1.1.22-r3 → shop:1.0\n    fix: none → none\n    advisories or engine: shop:1.0\n",
  );
  expect(markdown(sampleReport)).toContain("**3 (1 critical, 1 medium, 1 negligible) new.**");
});

test("names of a megabyte are cut", () => {
  const report = hostileReport("<a&\u202e\n".repeat(175_000));

  expect(table(report).length).toBeLessThan(10_000);
  expect(markdown(report).length).toBeLessThan(20_000);
});
