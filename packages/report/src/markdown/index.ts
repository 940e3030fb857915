import { checkOptions, findingKinds, optionIs, piecesOf } from "@plimsoll/model";
import type { Vulnerability, Report, Reporter } from "@plimsoll/model";
import { coverageSentence, gapLines } from "../shared/coverage-text.ts";
import { escapeMarkdown, markdownLink } from "../shared/markdown.ts";
import { freshnessText, oldDataLines } from "../shared/freshness.ts";
import { noneFound, notShown } from "../shared/left-out.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { codeLine, codeOf, detailOf, fixOf, otherLists, placeOf } from "../shared/other-findings.ts";
import type { OtherList } from "../shared/other-findings.ts";
import { pageOf, primaryUrl } from "../shared/primary-url.ts";
import { countsText, severityCounts } from "../shared/severity-counts.ts";
import type { ReportFormat } from "../shared/report-format.ts";

export interface MarkdownOptions {
  /** Findings in the table; the rest is counted. GitHub cuts comments at 65,536 characters. Absent: 100. */
  readonly maxFindings?: number | undefined;
}

/** A comment for a pull request: the verdict first, the details folded away. */
export function markdown(options: MarkdownOptions = {}): Reporter {
  checkOptions("markdown", options, { maxFindings: optionIs.count });
  return {
    id: "markdown",
    mediaType: "text/markdown",
    shows: findingKinds,
    render: (report) =>
      piecesOf(function* () {
        yield* comment(yield* orderedReport(report), options.maxFindings ?? 100);
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat<MarkdownOptions>[] = [
  { id: "markdown", make: ({ maxFindings }) => markdown({ maxFindings }) },
];

function* comment(report: Report, maxFindings: number): Iterable<string> {
  const findings = report.vulnerabilities ?? [];
  const others = otherLists(report);
  const title = others.length === 0 ? "Vulnerabilities" : "Findings";
  yield `## ${title} in ${escapeMarkdown(report.artifact.name, 200)}\n\n`;
  if (report.vulnerabilities === undefined) {
    if (others.length === 0) yield "Not scanned for vulnerabilities: no advisories were given.\n\n";
  } else if (findings.length === 0) yield `**${noneFound(report, "vulnerability")}.**\n\n`;
  else {
    yield `**${countsText(findings)}**, ${findings.filter(({ fixedVersion }) => fixedVersion !== undefined).length} of them fixable by upgrading.\n\n`;
    yield* summary(findings);
    yield* details(findings, maxFindings);
  }
  for (const list of others) yield* otherSection(list, report, maxFindings);
  yield `Coverage: ${escapeMarkdown(coverageSentence(report))}\n`;
  const gaps = gapLines(report);
  if (gaps.length > 0)
    yield `\n${gaps
      .slice(0, 20)
      .map((gap) => `* ${escapeMarkdown(gap, 300)}\n`)
      .join("")}`;
  const data = freshnessText(report);
  if (data !== undefined) yield `\nAdvisory data: ${escapeMarkdown(data, 1000)}\n`;
  for (const line of oldDataLines(report)) yield `\n${escapeMarkdown(line, 300)}\n`;
  for (const sentence of notShown(report)) yield `\n${sentence}.\n`;
}

function* summary(findings: readonly Vulnerability[]): Iterable<string> {
  const counts = [...severityCounts(findings)].filter(([, count]) => count > 0);
  yield `| ${counts.map(([severity]) => severity.toLowerCase()).join(" | ")} |\n`;
  yield `|${" ---: |".repeat(counts.length)}\n`;
  yield `| ${counts.map(([, count]) => count).join(" | ")} |\n\n`;
}

function* details(findings: readonly Vulnerability[], maxFindings: number): Iterable<string> {
  const shown = findings.slice(0, maxFindings);
  yield "<details><summary>Details</summary>\n\n";
  yield "| Severity | Vulnerability | Package | Installed | Fixed | Title |\n| --- | --- | --- | --- | --- | --- |\n";
  for (const finding of shown) {
    const { package: pkg, severity, fixedVersion, title, knownExploited } = finding;
    const cells = [
      severity.toLowerCase() + (knownExploited === undefined ? "" : " (exploited)"),
      markdownLink(finding.id, primaryUrl(finding)),
      escapeMarkdown(pkg.name, 100),
      escapeMarkdown(pkg.version, 60),
      escapeMarkdown(fixedVersion ?? finding.status.replaceAll("_", " "), 60),
      escapeMarkdown(title ?? "", 100),
    ];
    yield `| ${cells.join(" | ")} |\n`;
  }
  if (findings.length > shown.length) yield `\nand ${findings.length - shown.length} more.\n`;
  yield "\n</details>\n\n";
}

function* otherSection({ kind, title, findings }: OtherList, report: Report, maxFindings: number): Iterable<string> {
  if (findings.length === 0) {
    yield `**${noneFound(report, kind)}.**\n\n`;
    return;
  }
  yield `### ${title}: ${countsText(findings)}\n\n`;
  yield "| Severity | Id | Where | What |\n| --- | --- | --- | --- |\n";
  for (const finding of findings.slice(0, maxFindings)) {
    const url = pageOf(finding);
    const cells = [
      finding.severity.toLowerCase(),
      url === undefined ? escapeMarkdown(finding.id, 100) : markdownLink(finding.id, url),
      escapeMarkdown(placeOf(finding), 160),
      [
        escapeMarkdown([finding.title, detailOf(finding)].filter((text) => text !== undefined).join(": "), 200),
        ...codeOf(finding, 3).map((line) => escapeMarkdown(codeLine(line), 160)),
        ...[fixOf(finding)].flatMap((fix) => (fix === undefined ? [] : [escapeMarkdown(`fix, ${fix}`, 200)])),
      ].join(" / "),
    ];
    yield `| ${cells.join(" | ")} |\n`;
  }
  if (findings.length > maxFindings) yield `\nand ${findings.length - maxFindings} more.\n`;
  yield "\n";
}
