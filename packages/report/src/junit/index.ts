import type { Steps } from "@plimsoll/formats";
import { findingKinds, isProblem, piecesOf, unratedLeftOut } from "@plimsoll/model";
import type { Vulnerability, Report, Reporter } from "@plimsoll/model";
import { coverageSentence, gapLines, isSound } from "../shared/coverage-text.ts";
import { dateOrEpoch } from "../shared/fallback-date.ts";
import { items } from "../shared/items.ts";
import { freshnessText } from "../shared/freshness.ts";
import { unratedSentence } from "../shared/left-out.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import {
  codeLine,
  codeOf,
  detailOf,
  fixOf,
  headlineOf,
  otherLists,
  placeOf,
  remedyOf,
} from "../shared/other-findings.ts";
import type { OtherList } from "../shared/other-findings.ts";
import { pageOf, primaryUrl } from "../shared/primary-url.ts";
import { targetsOf, type Target } from "../shared/targets.ts";
import { visibleText } from "../shared/visible-text.ts";
import { writeXml, xml, type XmlElement } from "../shared/xml.ts";
import type { ReportFormat } from "../shared/report-format.ts";

/** JUnit's XML, which every CI server shows: a suite per target, a failed test per finding (windyroad JUnit.xsd). */
export function junit(): Reporter {
  return {
    id: "junit",
    mediaType: "application/xml",
    shows: findingKinds,
    render: (report) =>
      piecesOf(function* () {
        yield* writeXml(yield* suites(yield* orderedReport(report)));
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat[] = [{ id: "junit", make: () => junit() }];

function* suites(report: Report): Steps<XmlElement> {
  const all: Suite[] = [];
  for (const target of targetsOf(report)) all.push(yield* suiteOf(target, report));
  for (const list of otherLists(report)) all.push(yield* otherSuite(list, report));
  all.push(...unratedSuites(report), coverageSuite(report));
  return xml(
    "testsuites",
    {},
    ...all.map(({ name, cases, failures, output = "" }, id) =>
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
        output === "" ? xml("system-out") : xml("system-out", {}, output),
        xml("system-err"),
      ),
    ),
  );
}

interface Suite {
  readonly name: string;
  readonly cases: readonly XmlElement[];
  readonly failures: number;
  readonly output?: string;
}

function* suiteOf(target: Target, report: Report): Steps<Suite> {
  const name = target.title;
  if (target.findings.length > 0)
    return { name, cases: yield* items(target.findings, failedTest), failures: target.findings.length };
  const unrated = unratedLeftOut(report).some(({ kind }) => kind === "vulnerability");
  const passed =
    report.vulnerabilities === undefined
      ? []
      : [testCase(`no ${unrated ? "rated " : ""}vulnerabilities in ${target.packages.length} packages`, name)];
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

/** A suite of the findings of one kind: a failed test for each finding, a passed one for each check that passed. */
function* otherSuite({ kind, title, findings }: OtherList, report: Report): Steps<Suite> {
  if (findings.length === 0) {
    const unrated = unratedLeftOut(report).some((finding) => finding.kind === kind);
    return {
      name: title,
      cases: [testCase(`no ${unrated ? "rated " : ""}${title.toLowerCase()}`, title)],
      failures: 0,
    };
  }
  const cases = yield* items(findings, (finding) => {
    const name = `[${finding.severity}] ${finding.id}`;
    if (!isProblem(finding)) return testCase(name, placeOf(finding));
    const fix = fixOf(finding);
    const lines = [
      detailOf(finding),
      ...codeOf(finding, 12).map(codeLine),
      remedyOf(finding) ?? "",
      fix === undefined ? "" : `fix, ${fix}`,
      pageOf(finding) ?? "",
    ];
    const message = visibleText(`${placeOf(finding)}: ${headlineOf(finding)}`);
    const text = lines.map(visibleText).filter(Boolean).join("\n");
    return testCase(name, placeOf(finding), xml("failure", { message, type: finding.kind }, text));
  });
  return { name: title, cases, failures: findings.filter(isProblem).length };
}

/** What nobody has rated, and a choice of severities therefore left out, is neither passed nor failed. */
function unratedSuites(report: Report): readonly Suite[] {
  const sentence = unratedSentence(report);
  if (sentence === undefined) return [];
  return [{ name: "unrated", cases: [testCase(sentence, "unrated", xml("skipped", {}))], failures: 0 }];
}

/** A suite of one test about coverage, which fails when there are gaps: a scan that could not look at everything did not pass. */
function coverageSuite(report: Report): Suite {
  const data = freshnessText(report);
  const output = data === undefined ? "" : visibleText(`Advisory data: ${data}`);
  if (isSound(report))
    return { name: "coverage", cases: [testCase("everything could be looked up", "coverage")], failures: 0, output };
  const failure = xml(
    "failure",
    { message: coverageSentence(report), type: "coverage" },
    gapLines(report).map(visibleText).join("\n"),
  );
  return {
    name: "coverage",
    cases: [testCase("everything could be looked up", "coverage", failure)],
    failures: 1,
    output,
  };
}

function testCase(name: string, classname: string, ...children: readonly XmlElement[]): XmlElement {
  return xml("testcase", { name: required(name), classname: required(classname), time: 0 }, ...children);
}

/** The text, or `unnamed` where it is blank: the schema requires a character that is no space. */
function required(text: string): string {
  return visibleText(text).trim() || "unnamed";
}
