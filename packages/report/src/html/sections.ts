import { compareText, isProblem, subjectOf } from "@plimsoll/model";
import type { Report, Severity, SuppressedFinding, Vulnerability } from "@plimsoll/model";
import { coverageSentence, gapLines, isSound } from "../shared/coverage-text.ts";
import {
  codeLine,
  codeOf,
  detailOf,
  fixOf,
  kindWords,
  licenseSums,
  otherLists,
  placeOf,
  problemsOf,
  remedyOf,
} from "../shared/other-findings.ts";
import type { OtherFinding, OtherList } from "../shared/other-findings.ts";
import { groupBy } from "../shared/group-by.ts";
import { freshnessText, hasEnded, oldDataLines } from "../shared/freshness.ts";
import { noneFound, notShown, unratedSentence } from "../shared/left-out.ts";
import { countsText, severityWords } from "../shared/severity-counts.ts";
import { stepsText, upgradeAdvice } from "../shared/upgrade-advice.ts";
import type { CompareVersions, UpgradeAdvice } from "../shared/upgrade-advice.ts";
import { fixChart, layerPicture, severityChart } from "./charts.ts";
import { escapeHtml } from "./escape-html.ts";
import { plainTable } from "./plain-table.ts";

/** The artifact, the time and the tool of the scan. */
export function headerSection(report: Report): string {
  const { artifact, advisories, createdAt } = report;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Kind", artifact.kind === "container-image" ? "container image" : artifact.kind],
    ["Digest", artifact.digest],
    ["Platform", artifact.platform],
    ["System", artifact.distro?.prettyName ?? artifact.distro?.id],
    [hasEnded(report) ? "Support ended" : "Support ends", artifact.distro?.endOfLife],
    ["Packages", String(report.packages.length)],
    ["Advisory data", freshnessText(report)],
    ["Revision of the advisory data", advisories?.revision],
    ["Made", createdAt],
  ];
  const items = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`],
  );
  return `<header><h1>${escapeHtml(artifact.name) || "Unnamed"}</h1><dl class="facts">${items.join("")}</dl></header>`;
}

/** How many findings there are, and whether everything could be scanned. */
export function verdictSection(report: Report): string {
  const { vulnerabilities: findings } = report;
  const sound = isSound(report);
  const unrated = unratedSentence(report);
  const others = otherLists(report);
  const headline =
    findings === undefined
      ? others.length === 0
        ? "Not scanned for vulnerabilities"
        : ""
      : findings.length === 0
        ? noneFound(report, "vulnerability")
        : `${findings.length} ${findings.length === 1 ? "vulnerability" : "vulnerabilities"}: ${severityWords(findings)}`;
  const exploited = (findings ?? []).filter(({ knownExploited }) => knownExploited !== undefined).length;
  const worst = problemsOf(report).some(({ severity }) => severity === "CRITICAL" || severity === "HIGH");
  const tone = worst ? " worst" : problemsOf(report).length > 0 ? " found" : "";
  const gaps = gapLines(report)
    .slice(0, 50)
    .map((gap) => `<li>${escapeHtml(gap)}</li>`);
  return [
    `<section class="verdict${tone}" aria-labelledby="verdict"><h2 id="verdict">${[headline, ...others.map((list) => countOf(list, report))].filter(Boolean).join("; ")}</h2>`,
    exploited === 0
      ? ""
      : `<p class="alarm"><strong>${exploited}</strong> known to be exploited in the wild (CISA KEV).</p>`,
    `<p class="coverage ${sound ? "sound" : "unsound"}"><strong>Coverage.</strong> ${escapeHtml(coverageSentence(report))}</p>`,
    gaps.length === 0 ? "" : `<ul>${gaps.join("")}</ul>`,
    ...oldDataLines(report).map((line) => `<p class="coverage unsound">${escapeHtml(line)}</p>`),
    unrated === undefined ? "" : `<p class="coverage unsound"><strong>Not shown.</strong> ${unrated}.</p>`,
    ...leftOutBy(report).map((line) => `<p class="coverage"><strong>Left out.</strong> ${escapeHtml(line)}</p>`),
    "</section>",
  ].join("");
}

/** Filters and rules that took something out, by name, each with how much it was; those that took out most first. */
function leftOutBy({ suppressed = [] }: Report): readonly string[] {
  const counts = [...groupBy(suppressed, ({ by }) => by)].map(([by, list]) => [by, list.length] as const);
  const shown = counts.sort(([a, most], [b, more]) => more - most || compareText(a, b)).slice(0, mostNames);
  return shown.length === 0 ? [] : [`${shown.map(([by, count]) => `${by}: ${count}`).join(", ")}.`];
}

/** How many names are listed; all are in the table of suppressed findings. */
const mostNames = 10;

/** Charts, and where the vulnerabilities came from. */
export function overviewSection(report: Report, compare: CompareVersions | undefined): string {
  const { vulnerabilities: findings } = report;
  if (findings === undefined || findings.length === 0) return "";
  const layers = layerPicture(report);
  return [
    `<section class="overview" aria-labelledby="overview"><h2 id="overview">Overview</h2><div class="charts">${severityChart(findings)}${fixChart(findings)}</div></section>`,
    layers === ""
      ? ""
      : `<section aria-labelledby="layers"><h2 id="layers">Where they came from</h2>${layers}</section>`,
    upgradeSection(report, compare),
  ].join("");
}

/** What to upgrade, what removes most first; `compare` is needed to know which version has the fixes of others. */
function upgradeSection({ vulnerabilities: findings = [] }: Report, compare: CompareVersions | undefined): string {
  const advice = upgradeAdvice(findings, compare).slice(0, 10);
  if (advice.length === 0) return "";
  const table = plainTable<UpgradeAdvice>(
    [
      { label: "Package", isHeading: true, markup: ({ name }) => escapeHtml(name) },
      { label: "Installed", markup: ({ installed }) => escapeHtml(installed) },
      { label: "Upgrade to", markup: (each) => escapeHtml(stepsText(each)) },
      { label: "Found", markup: (each) => escapeHtml(countsText(each.findings)) },
    ],
    advice,
  );
  return `<section aria-labelledby="upgrades"><h2 id="upgrades">Upgrade these first</h2>${[...table].join("")}</section>`;
}

/** How many rows are shown; the others are counted. */
const mostRows = 2000;

/** The findings as a plain table, for readers without scripts: what filters and pages is the script's. */
function* plainFindings(findings: readonly Vulnerability[]): Iterable<string> {
  const rows = findings.slice(0, mostRows);
  const rest = findings.length > rows.length ? `<p>and ${findings.length - rows.length} more</p>` : "";
  const table = plainTable<Vulnerability>(
    [
      { label: "Severity", markup: ({ severity }) => badge(severity) },
      { label: "Vulnerability", isHeading: true, markup: ({ id }) => escapeHtml(id) },
      { label: "Package", markup: (each) => escapeHtml(each.package.name) },
      { label: "Installed", markup: (each) => escapeHtml(each.package.version) },
      { label: "Fixed", markup: ({ fixedVersion }) => escapeHtml(fixedVersion ?? "") },
      { label: "What", markup: ({ title }) => escapeHtml(title ?? "") },
      { label: "Layer", markup: ({ layer }) => String(layer?.index ?? "") },
    ],
    rows,
  );
  yield "<p>Filters, pages and details need JavaScript; this is the list without it.</p>";
  yield* table;
  yield rest;
}

function badge(severity: Severity): string {
  return `<span class="badge ${severity}">${severity.charAt(0)}${severity.slice(1).toLowerCase()}</span>`;
}

/** The frame of the table of findings. A script makes the rows from the data in the page. */
export function* findingsSection({ vulnerabilities: findings, artifact }: Report): Iterable<string> {
  if (findings === undefined || findings.length === 0) return;
  const heading = (key: string, label: string): string =>
    `<th scope="col" data-key="${key}"><button type="button">${label}<span aria-hidden="true"></span></button></th>`;
  const layers = artifact.layers.map(({ index }) => `<option value="${index}">layer ${index}</option>`).join("");
  yield `<section aria-labelledby="findings"><h2 id="findings">Findings</h2>
<noscript>`;
  yield* plainFindings(findings);
  yield `</noscript>
<div id="interactive" hidden>
<form class="filters" role="search" aria-label="Filter findings">
<label>Search <input type="search" id="query" autocomplete="off" placeholder="id, package, title, path"></label>
<fieldset id="severities"><legend>Severity</legend></fieldset>
<label><input type="checkbox" id="fixable"> fixable only</label>
<label><input type="checkbox" id="exploited"> exploited only</label>
<label>Layer <select id="layer"><option value="">all</option>${layers}</select></label>
</form>
<p id="status" role="status" aria-live="polite"></p>
<div class="scroll"><table id="table" class="stacked"><caption class="hidden">Findings; headings sort, the button of a row shows its details</caption><thead><tr>${[
    heading("severity", "Severity"),
    heading("id", "Vulnerability"),
    heading("name", "Package"),
    heading("version", "Installed"),
    heading("fixed", "Fixed"),
    heading("score", "Score"),
    heading("epss", "EPSS"),
    heading("layer", "Layer"),
  ].join("")}</tr></thead><tbody id="rows"></tbody></table></div>
<nav class="pages" aria-label="Pages of findings"><button type="button" id="previous">Previous</button><span id="page"></span><button type="button" id="next">Next</button></nav>
</div>
</section>`;
}

function countOf({ kind, findings }: OtherList, report: Report): string {
  const [one, many] = kindWords[kind];
  const problems = findings.filter(isProblem);
  if (problems.length === 0) return lowerFirst(noneFound(report, kind));
  return `${problems.length} ${problems.length === 1 ? one : many}: ${severityWords(problems)}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Secrets, licences and misconfigurations, each in a table that needs no script. */
export function* otherSections(report: Report): Iterable<string> {
  for (const { kind, title, findings } of otherLists(report)) {
    if (findings.length === 0) continue;
    const rows = findings.slice(0, mostRows);
    const table = plainTable<OtherFinding>(
      [
        { label: "Severity", markup: ({ severity }) => badge(severity) },
        { label: "Id", isHeading: true, markup: ({ id }) => escapeHtml(id) },
        { label: "Where", markup: (finding) => escapeHtml(placeOf(finding)) },
        {
          label: "What",
          markup: (finding) =>
            `<span>${escapeHtml(finding.title ?? "")}<span class="place">${escapeHtml(detailOf(finding))}</span>${codeBlock(finding)}</span>`,
        },
        { label: "What to do", markup: (finding) => `${escapeHtml(remedyOf(finding) ?? "")}${fixBlock(finding)}` },
      ],
      rows,
    );
    const rest = findings.length > rows.length ? `<p>and ${findings.length - rows.length} more</p>` : "";
    const sums = licenseSums(findings)
      .map((sum) => `<p>${escapeHtml(sum)}</p>`)
      .join("");
    yield `<section aria-labelledby="kind-${kind}"><h2 id="kind-${kind}">${title}</h2>${sums}`;
    yield* table;
    yield `${rest}</section>`;
  }
}

/** The lines of the file that a finding is about. Those that cause it are marked. */
function codeBlock(finding: OtherFinding): string {
  return codeOf(finding, 12)
    .map((line) => {
      const text = `<code>${escapeHtml(codeLine(line))}</code>`;
      return `<span class="place">${line.cause === true ? `<strong>${text}</strong>` : text}</span>`;
    })
    .join("");
}

function fixBlock(finding: OtherFinding): string {
  const fix = fixOf(finding);
  return fix === undefined ? "" : `<span class="place">fix, ${escapeHtml(fix)}</span>`;
}

/** The findings that VEX, ignore rules and filters suppressed, with the reasons. */
export function* suppressedSection(report: Report): Iterable<string> {
  const { suppressed = [] } = report;
  if (suppressed.length === 0) return;
  const shown = suppressed.slice(0, 500);
  const table = plainTable<SuppressedFinding>(
    [
      { label: "Finding", isHeading: true, markup: ({ finding }) => escapeHtml(finding.id) },
      { label: "Where", markup: ({ finding }) => escapeHtml(subjectOf(finding)) },
      { label: "By", markup: ({ by }) => escapeHtml(by) },
      { label: "Reason", markup: ({ reason }) => escapeHtml(reason) },
    ],
    shown,
  );
  const rest = suppressed.length > shown.length ? `<p>and ${suppressed.length - shown.length} more</p>` : "";
  yield `<section><details><summary>${notShown(report).join("; ")}</summary>`;
  yield* table;
  yield `${rest}</details></section>`;
}
