import {
  checkOptions,
  compareSeverity,
  type Finding,
  type Severity,
  findingKinds,
  isProblem,
  kindsLookedFor,
  listOfKind,
  optionIs,
  piecesOf,
  subjectOf,
  unratedLeftOut,
  type OptionChecks,
  type Report,
  type Reporter,
} from "@plimsoll/model";
import { coverageSentence, gapLines, isSound } from "../shared/coverage-text.ts";
import { freshnessText, hasEnded, oldDataLines } from "../shared/freshness.ts";
import { groupBy } from "../shared/group-by.ts";
import { noneFound, notShown } from "../shared/left-out.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { countsText } from "../shared/severity-counts.ts";
import {
  codeLine,
  codeOf,
  detailOf,
  fixOf,
  licenseSums,
  otherLists,
  placeOf,
  type OtherFinding,
  type OtherList,
} from "../shared/other-findings.ts";
import { targetsOf, type Target } from "../shared/targets.ts";
import { stepsText, upgradeAdvice, type CompareVersions } from "../shared/upgrade-advice.ts";
import { visibleStart, visibleText } from "../shared/visible-text.ts";
import { dependencyTrees } from "./dependency-tree.ts";
import { wrapText } from "./display-width.ts";
import { vulnerabilityGrid } from "./findings-grid.ts";
import { drawGrid, rowsOf } from "./grid.ts";
import { palette, type Palette } from "./paint.ts";
import type { ReportFormat } from "../shared/report-format.ts";

export interface TableOptions {
  /** Columns of the terminal. Absent: 120. */
  readonly width?: number | undefined;
  /** ANSI colours. Absent: none. */
  readonly color?: boolean | undefined;
  /** List every package, not only those with findings. */
  readonly listAllPackages?: boolean | undefined;
  /** Show which packages depend on the vulnerable ones. */
  readonly dependencyTree?: boolean | undefined;
  /** List suppressed findings, with the reason. */
  readonly showSuppressed?: boolean | undefined;
  /** Make ids links (OSC 8) to the page about them. Absent: the addresses are listed below the grid. */
  readonly links?: boolean | undefined;
  /** Orders two versions, for the advice on upgrades; see `versionScheme`. Absent: no two different versions are known to be in order. */
  readonly compareVersions?: CompareVersions | undefined;
}

const tableChecks: OptionChecks<TableOptions> = {
  width: optionIs.count,
  color: optionIs.flag,
  listAllPackages: optionIs.flag,
  dependencyTree: optionIs.flag,
  showSuppressed: optionIs.flag,
  links: optionIs.flag,
  compareVersions: optionIs.call,
};

/**
 * The report as tables for a terminal.
 * @throws TypeError for an option, or a value of one, that does not exist.
 */
export function table(options: TableOptions = {}): Reporter {
  checkOptions("table", options, tableChecks);
  return {
    id: "table",
    mediaType: "text/plain",
    shows: findingKinds,
    render: (report) =>
      piecesOf(function* () {
        yield* renderTable(yield* orderedReport(report), options);
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat<TableOptions>[] = [
  {
    id: "table",
    make: ({ width, color, links, listAllPackages, dependencyTree, showSuppressed, compareVersions }) =>
      table({ width, color, links, listAllPackages, dependencyTree, showSuppressed, compareVersions }),
  },
];

function* renderTable(report: Report, options: TableOptions): Iterable<string> {
  const width = Math.max(40, options.width ?? 120);
  const paint = palette(options.color ?? false);
  yield* heading(report, paint);
  for (const { section } of sections(report, width, paint, options)) yield* section;
  yield* layerSection(report, paint);
  if (options.showSuppressed === true) yield* suppressedSection(report, paint);
  yield* closing(report, paint, options.width === undefined ? undefined : width);
}

/** The sections with findings, the worst first; those that are equally bad in the order of a report. */
function sections(
  report: Report,
  width: number,
  paint: Palette,
  options: TableOptions,
): readonly { readonly findings: readonly Finding[]; readonly section: Iterable<string> }[] {
  const all = [
    ...targetsOf(report).map((target) => ({
      findings: target.findings,
      section: targetSection(target, report, width, paint, options),
    })),
    ...otherLists(report).map((list) => ({
      findings: list.findings.filter(isProblem),
      section: otherSection(list, width, paint),
    })),
  ];
  const worst = (findings: readonly Finding[]): Severity | undefined =>
    findings.map(({ severity }) => severity).toSorted(compareSeverity)[0];
  return all.toSorted(({ findings: a }, { findings: b }) => {
    const [first, second] = [worst(a), worst(b)];
    if (first === undefined || second === undefined) return Number(first === undefined) - Number(second === undefined);
    return compareSeverity(first, second);
  });
}

function* heading(report: Report, paint: Palette): Iterable<string> {
  const { artifact } = report;
  const facts = [
    artifact.kind === "container-image" ? "container image" : artifact.kind,
    artifact.platform,
    artifact.distro?.prettyName ?? artifact.distro?.id,
  ].filter((fact) => fact !== undefined);
  yield `${paint.bold(visibleStart(artifact.name, 200))} (${visibleStart(facts.join(", "), 200)})\n`;
  if (artifact.distro?.endOfLife !== undefined)
    yield `Security support of this distribution ${paint.bold(`${hasEnded(report) ? "ended" : "ends"} on ${visibleStart(artifact.distro.endOfLife, 20)}`)}\n`;
  const packages = targetsOf(report)
    .filter((target) => target.packages.length > 0)
    .map((target) => `${target.packages.length} ${target.class === "os" ? "OS" : visibleStart(target.ecosystem, 40)}`);
  yield `Packages: ${report.packages.length}${packages.length > 0 ? ` (${mergeCounts(packages)})` : ""}\n`;
  if (report.vulnerabilities !== undefined)
    yield `Vulnerabilities: ${paint.bold(countsText(report.vulnerabilities))}\n`;
  for (const { title, findings } of otherLists(report))
    yield `${title}: ${paint.bold(countsText(findings.filter(isProblem)))}\n`;
}

/** Several targets of one ecosystem count as one: `3 npm`, not `1 npm, 2 npm`. */
function mergeCounts(counts: readonly string[]): string {
  const totals = new Map<string, number>();
  for (const count of counts) {
    const cut = count.indexOf(" ");
    const name = count.slice(cut + 1);
    totals.set(name, (totals.get(name) ?? 0) + Number(count.slice(0, cut)));
  }
  return [...totals].map(([name, count]) => `${count} ${name}`).join(", ");
}

function* targetSection(
  target: Target,
  report: Report,
  width: number,
  paint: Palette,
  options: TableOptions,
): Iterable<string> {
  const listed = options.listAllPackages === true && target.packages.length > 0;
  if (target.findings.length === 0 && !listed) return;
  const title = visibleStart(target.title, width);
  yield `\n${paint.bold(title)}\n${"=".repeat([...title].length)}\n`;
  if (target.findings.length > 0) {
    yield `Total: ${countsText(target.findings)}\n\n`;
    yield* vulnerabilityGrid(target, { width, paint, links: options.links === true });
    yield* fixSection(target, { paint, compareVersions: options.compareVersions });
    if (options.dependencyTree === true) yield* dependencyTrees(target, report.packages, paint);
  } else if (report.vulnerabilities !== undefined) yield `${noneFound(report, "vulnerability")}.\n`;
  if (listed) yield* packageList(target, width);
}

const otherColumns = [
  { heading: "Severity", minimum: 8, maximum: 12 },
  { heading: "Id", minimum: 10, maximum: 30 },
  { heading: "Where", minimum: 14, maximum: 60 },
  { heading: "What", minimum: 20, maximum: 80 },
];

/** Secrets, licences or misconfigurations, worst first. */
function* otherSection({ title, findings }: OtherList, width: number, paint: Palette): Iterable<string> {
  if (findings.length === 0) return;
  yield `\n${paint.bold(title)}\n${"=".repeat(title.length)}\nTotal: ${countsText(findings)}\n`;
  for (const sum of licenseSums(findings)) yield `${visibleStart(sum, 1000)}\n`;
  yield "\n";
  const rows = rowsOf(findings, (finding) => ({
    continued: 0,
    cells: [
      [{ text: finding.severity, paint: paint.severity(finding.severity) }],
      [{ text: visibleStart(finding.id, 80) }],
      [{ text: visibleStart(placeOf(finding), 200) }],
      [
        ...(finding.title === undefined ? [] : [{ text: visibleStart(finding.title, 160) }]),
        { text: visibleStart(detailOf(finding), 240), paint: paint.dim },
        ...moreOf(finding).map((text) => ({ text: visibleStart(text, 160), paint: paint.dim })),
      ],
    ],
  }));
  yield* drawGrid(otherColumns, rows, width);
}

/** Lines of the file, and what mends them. */
function moreOf(finding: OtherFinding): readonly string[] {
  const fix = fixOf(finding);
  return [...codeOf(finding, 5).map(codeLine), ...(fix === undefined ? [] : [`fix, ${fix}`])];
}

function* packageList(target: Target, width: number): Iterable<string> {
  yield `\nAll ${target.packages.length} packages\n`;
  const rows = rowsOf(target.packages, ({ name, version, licenses, locations, source }) => ({
    continued: 0,
    cells: [
      name,
      version,
      source === undefined || source.name === name ? "" : `${source.name} ${source.version}`,
      licenses?.join(", ") ?? "",
      locations[0]?.path ?? "",
    ].map((text) => [{ text: visibleStart(text, 160) }]),
  }));
  const column = (heading: string, minimum: number, maximum: number) => ({ heading, minimum, maximum });
  yield* drawGrid(
    [
      column("Package", 10, 50),
      column("Version", 8, 40),
      column("Source", 6, 40),
      column("Licenses", 8, 40),
      column("Found in", 10, 80),
    ],
    rows,
    width,
  );
}

/** What to upgrade, package by package: the smallest version that mends everything, and where less is enough for the worst. */
function* fixSection(target: Target, { paint, compareVersions }: FixOptions): Iterable<string> {
  const advice = upgradeAdvice(target.findings, compareVersions);
  if (advice.length === 0) {
    yield "No fixed version is known for any of them.\n";
    return;
  }
  const fixable = target.findings.filter((finding) => finding.fixedVersion !== undefined);
  yield `\n${paint.good(`${fixable.length} of ${target.findings.length} can be fixed by upgrading:`)}\n`;
  for (const each of advice)
    yield `  ${visibleStart(each.name, 80)} ${visibleStart(each.installed, 60)} → ${visibleStart(stepsText(each), 200)}\n`;
}

interface FixOptions extends Pick<TableOptions, "compareVersions"> {
  readonly paint: Palette;
}

/** Which instruction of the Dockerfile brought how much. */
function* layerSection(report: Report, paint: Palette): Iterable<string> {
  const { layers } = report.artifact;
  const findings = report.vulnerabilities ?? [];
  if (layers.length < 2 || findings.length === 0) return;
  yield `\n${paint.bold("Where they come from")}\n`;
  const byLayer = groupBy(findings, ({ layer }) => layer?.index);
  for (const layer of layers) {
    const here = byLayer.get(layer.index);
    if (here === undefined) continue;
    const base = layer.base === true ? " (base image)" : "";
    yield `  layer ${layer.index}${base}: ${countsText(here)}  ${paint.dim(visibleStart(layer.createdBy ?? layer.diffId, 80))}\n`;
  }
}

function* suppressedSection(report: Report, paint: Palette): Iterable<string> {
  const suppressed = report.suppressed ?? [];
  if (suppressed.length === 0) return;
  yield `\n${paint.bold(`Suppressed: ${suppressed.length}`)}\n`;
  for (const { finding, by, reason } of suppressed)
    yield `  ${visibleStart(finding.id, 60)} in ${visibleStart(subjectOf(finding), 140)}: ${visibleText(by)}, ${visibleStart(reason, 200)}\n`;
}

/** Its sentences are broken at a width that was told; a file keeps each in one line, to be searched for. */
function* closing(report: Report, paint: Palette, width: number | undefined): Iterable<string> {
  const broken = (text: string, indent: string): string =>
    width === undefined ? text : wrapText(text, width - indent.length).join(`\n${indent}`);
  yield "\n";
  for (const kind of kindsLookedFor(report)) {
    if (report[listOfKind[kind]]?.length !== 0) continue;
    const none = `${noneFound(report, kind)}.`;
    yield `${report.coverage.verdict === "complete" && unratedLeftOut(report).length === 0 ? paint.good(none) : none}\n`;
  }
  for (const sentence of notShown(report)) yield `${sentence}.\n`;
  const data = freshnessText(report);
  if (data !== undefined) yield `${broken(`Advisory data: ${visibleStart(data, 1000)}`, "  ")}\n`;
  for (const line of oldDataLines(report)) yield `  - ${broken(visibleStart(line, 400), "    ")}\n`;
  const sentence = coverageSentence(report);
  const verdict = broken(`Coverage: ${sentence}`, "  ").slice("Coverage: ".length);
  yield `Coverage: ${isSound(report) ? verdict : paint.bad(verdict)}\n`;
  for (const line of gapLines(report)) yield `  - ${broken(visibleStart(line, 400), "    ")}\n`;
}
