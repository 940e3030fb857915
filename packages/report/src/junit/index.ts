import type { Vulnerability, Report, Reporter } from "@plimsoll/model";
import { coverageSentence, gapLines } from "../shared/coverage-text.ts";
import { dateOrEpoch } from "../shared/fallback-date.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { primaryUrl } from "../shared/primary-url.ts";
import { targetsOf, type Target } from "../shared/targets.ts";
import { visibleText } from "../shared/visible-text.ts";
import { writeXml, xml, type XmlElement } from "../shared/xml.ts";

/** JUnit's XML, which every CI server shows: a suite per target, a failed test per finding (windyroad JUnit.xsd). */
export function junit(): Reporter {
  return {
    id: "junit",
    mediaType: "application/xml",
    shows: ["vulnerability"],
    render: (report) => writeXml(suites(orderedReport(report))),
  };
}

function suites(report: Report): XmlElement {
  const targets = targetsOf(report).map((target) => suiteOf(target, report));
  const all = [...targets, coverageSuite(report)];
  return xml(
    "testsuites",
    {},
    ...all.map(({ name, cases, failures }, id) =>
      xml(
        "testsuite",
        {
          id,
          package: required(report.artifact.name),
          name: required(name),
          timestamp: dateOrEpoch(report).slice(0, 19),
          hostname: "localhost",
          tests: cases.length,
          failures,
          errors: 0,
          time: 0,
        },
        xml("properties"),
        ...cases,
        xml("system-out"),
        xml("system-err"),
      ),
    ),
  );
}

interface Suite {
  readonly name: string;
  readonly cases: readonly XmlElement[];
  readonly failures: number;
}

function suiteOf(target: Target, report: Report): Suite {
  const name = target.title;
  if (target.findings.length > 0)
    return { name, cases: target.findings.map(failedTest), failures: target.findings.length };
  const passed =
    report.vulnerabilities === undefined
      ? []
      : [testCase(`no vulnerabilities in ${target.packages.length} packages`, name)];
  return { name, cases: passed, failures: 0 };
}

function failedTest(finding: Vulnerability): XmlElement {
  const { package: pkg, fixedVersion } = finding;
  const title = visibleText(`${pkg.name} ${pkg.version}: ${finding.title ?? finding.id}`);
  const lines = [
    fixedVersion === undefined ? `No fixed version (${finding.status})` : `Fixed in ${fixedVersion}`,
    finding.description ?? "",
    primaryUrl(finding),
  ];
  return testCase(
    `[${finding.severity}] ${finding.id}`,
    `${pkg.name}-${pkg.version}`,
    xml("failure", { message: title, type: "vulnerability" }, lines.map(visibleText).filter(Boolean).join("\n")),
  );
}

/** A run that could not look is not a run that passed. */
function coverageSuite(report: Report): Suite {
  const complete = report.vulnerabilities !== undefined && report.coverage.verdict === "complete";
  if (complete)
    return { name: "coverage", cases: [testCase("everything could be looked up", "coverage")], failures: 0 };
  const failure = xml(
    "failure",
    { message: coverageSentence(report), type: "coverage" },
    gapLines(report).map(visibleText).join("\n"),
  );
  return { name: "coverage", cases: [testCase("everything could be looked up", "coverage", failure)], failures: 1 };
}

function testCase(name: string, classname: string, ...children: readonly XmlElement[]): XmlElement {
  return xml("testcase", { name: required(name), classname: required(classname), time: 0 }, ...children);
}

/** The schema wants at least one character that is no space. */
function required(text: string): string {
  return visibleText(text).trim() || "unnamed";
}
