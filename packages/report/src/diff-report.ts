import { checkOptions, optionIs, subjectOf } from "@plimsoll/model";
import type { ChangedFinding, DiffSide, Finding, FindingChange, FindingDifference, ReportDiff } from "@plimsoll/model";
import { escapeMarkdown, markdownLink } from "./shared/markdown.ts";
import { pageOf } from "./shared/primary-url.ts";
import { severityWords } from "./shared/severity-counts.ts";
import { visibleStart } from "./shared/visible-text.ts";
import { palette, type Palette } from "./table/paint.ts";

export interface DiffTableOptions {
  /** ANSI colours. Absent: none. */
  readonly color?: boolean | undefined;
}

/** A comparison of two reports as lines for a terminal: `+` marks findings that are new, `-` those that are gone, `~` those that changed. */
export function* diffTable(diff: ReportDiff, options: DiffTableOptions = {}): Iterable<string> {
  checkOptions("diffTable", options, { color: optionIs.flag });
  const paint = palette(options.color ?? false);
  yield `${paint.bold(`${sideText(diff.old)} → ${sideText(diff.new)}`)}\n`;
  yield `Packages: ${packageCounts(diff)}\n`;
  for (const line of packageLines(diff)) yield `  ${line}\n`;
  if (diff.findings !== undefined) {
    const { added, fixed, changed, unchanged } = diff.findings;
    yield* section(`Added: ${counted(added)}`, "+", added, paint);
    yield* section(`Fixed: ${counted(fixed)}`, "-", fixed, paint);
    yield* section(`Changed: ${counted(changed)}`, "~", changed, paint);
    yield `\nUnchanged: ${unchanged}\n`;
  }
  if (diff.notes.length > 0) yield "\n";
  for (const note of diff.notes) yield `Note: ${visibleStart(note, 400)}\n`;
}

/**
 * A comparison of two reports as a Markdown comment for a pull request, new findings first. Lists at most `maxFindings` of each kind; absent: 50.
 */
export function* diffMarkdown(
  diff: ReportDiff,
  options: { readonly maxFindings?: number | undefined } = {},
): Iterable<string> {
  checkOptions("diffMarkdown", options, { maxFindings: optionIs.count });
  const most = options.maxFindings ?? 50;
  const { findings } = diff;
  yield `## Vulnerabilities in ${escapeMarkdown(diff.new.name, 200)} against ${escapeMarkdown(diff.old.name, 200)}\n\n`;
  if (findings !== undefined) {
    const { added, fixed, changed, unchanged } = findings;
    yield added.length === 0 ? "**Nothing new.** " : `**${counted(added)} new.** `;
    yield `${counted(fixed)} fixed, ${changed.length} changed, ${unchanged} unchanged.\n\n`;
    yield* tableOf("New", added, most);
    yield* tableOf("Fixed", fixed, most);
    yield* tableOf("Changed", changed, most);
  }
  yield `Packages: ${packageCounts(diff)}.\n`;
  if (diff.notes.length > 0) yield `\n${diff.notes.map((note) => `* ${escapeMarkdown(note, 400)}\n`).join("")}`;
}

function sideText({ name, advisories, tool }: DiffSide): string {
  const facts = [
    ...(tool === undefined ? [] : [`${tool.name} ${tool.version}`]),
    ...(advisories === undefined ? [] : [`advisories ${advisories.slice(0, 12)}`]),
  ];
  const inParentheses = facts.length === 0 ? "" : ` (${facts.join(", ")})`;
  return visibleStart(`${name}${inParentheses}`, 200);
}

function packageCounts({ packages: { added, removed, changed } }: ReportDiff): string {
  return `${added.length} added, ${removed.length} removed, ${changed.length} changed`;
}

/** Packages beyond this many are counted. */
const mostPackages = 200;

function packageLines({ packages: { added, removed, changed } }: ReportDiff): readonly string[] {
  const lines = [
    ...added.map(({ name, version }) => `+ ${visibleStart(name, 100)} ${visibleStart(version, 80)}`),
    ...removed.map(({ name, version }) => `- ${visibleStart(name, 100)} ${visibleStart(version, 80)}`),
    ...changed.map(
      ({ name, from, to }) =>
        `~ ${visibleStart(name, 100)} ${visibleStart(from.version, 80)} → ${visibleStart(to.version, 80)}`,
    ),
  ];
  const more = lines.length - mostPackages;
  return more > 0 ? [...lines.slice(0, mostPackages), `… and ${more} more`] : lines;
}

function counted(differences: readonly FindingDifference[]): string {
  if (differences.length === 0) return "0";
  return `${differences.length} (${severityWords(differences.map(({ finding }) => finding))})`;
}

function* section(
  title: string,
  sign: string,
  differences: readonly (FindingDifference | ChangedFinding)[],
  paint: Palette,
): Iterable<string> {
  yield `\n${paint.bold(title)}\n`;
  for (const difference of differences) {
    const { finding, because, causes } = difference;
    const { severity } = finding;
    const fixedVersion = fixOf(finding);
    const fix = fixedVersion === undefined ? "" : `, fixed in ${visibleStart(fixedVersion, 80)}`;
    const name = `${visibleStart(finding.id, 60)} in ${visibleStart(subjectOf(finding), 140)}`;
    yield `${sign} ${paint.severity(severity)(severity.padEnd(10))} ${name}${fix}\n`;
    for (const change of changesOf(difference)) yield `    ${changeText(change)}\n`;
    yield `    ${paint.dim(`${causes.join(" or ")}: ${visibleStart(because, 300)}`)}\n`;
  }
}

function changesOf(difference: FindingDifference | ChangedFinding): readonly FindingChange[] {
  return "changes" in difference ? difference.changes : [];
}

const factWords: Readonly<Record<FindingChange["fact"], string>> = {
  version: "version",
  severity: "severity",
  status: "status",
  fixedVersion: "fix",
  knownExploited: "known to be exploited since",
  removedIn: "removed in layer",
  suppressed: "suppressed by",
};

function changeText({ fact, from = "none", to = "none" }: FindingChange): string {
  return `${factWords[fact]}: ${visibleStart(from, 80)} → ${visibleStart(to, 80)}`;
}

function* tableOf(
  title: string,
  differences: readonly (FindingDifference | ChangedFinding)[],
  most: number,
): Iterable<string> {
  if (differences.length === 0) return;
  yield `### ${title}\n\n| Severity | Finding | In | Fixed in | Why |\n| --- | --- | --- | --- | --- |\n`;
  for (const difference of differences.slice(0, most)) {
    const { finding, because } = difference;
    const { severity } = finding;
    const status = finding.kind === "vulnerability" ? finding.status.replaceAll("_", " ") : "";
    const changes = changesOf(difference).map(changeText);
    const cells = [
      severity.toLowerCase(),
      nameInMarkdown(finding),
      escapeMarkdown(subjectOf(finding), 160),
      escapeMarkdown(fixOf(finding) ?? status, 60),
      escapeMarkdown([...changes, because].join("; "), 300),
    ];
    yield `| ${cells.join(" | ")} |\n`;
  }
  if (differences.length > most) yield `\nand ${differences.length - most} more.\n`;
  yield "\n";
}

function fixOf(finding: Finding): string | undefined {
  return finding.kind === "vulnerability" ? finding.fixedVersion : undefined;
}

function nameInMarkdown(finding: Finding): string {
  const url = pageOf(finding);
  return url === undefined ? escapeMarkdown(finding.id, 100) : markdownLink(finding.id, url);
}
