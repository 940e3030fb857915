import { findingKinds, findingsOf, namesOf, packageOf, piecesOf } from "@plimsoll/model";
import type { Finding, Misconfiguration, Reporter, Vulnerability } from "@plimsoll/model";
import { unratedSentence } from "../shared/left-out.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { codeLine, codeOf, detailOf, fixOf } from "../shared/other-findings.ts";
import type { OtherFinding } from "../shared/other-findings.ts";
import { pageOf, primaryUrl } from "../shared/primary-url.ts";
import { visibleText } from "../shared/visible-text.ts";
import type { ReportFormat } from "../shared/report-format.ts";

type Cell = string | number | undefined;

/** What each column says of a vulnerability, and of findings of other kinds, where it can say anything of those. */
const columns: readonly (readonly [string, (finding: Vulnerability) => Cell, ((finding: OtherFinding) => Cell)?])[] = [
  ["Vulnerability", ({ id }) => id, ({ id }) => id],
  ["Severity", ({ severity }) => severity, ({ severity }) => severity],
  ["Score", ({ cvss }) => cvss[0]?.score],
  ["Package", ({ package: pkg }) => pkg.name, (finding) => packageOf(finding)?.name],
  ["Installed", ({ package: pkg }) => pkg.version, (finding) => packageOf(finding)?.version],
  ["Fixed", ({ fixedVersion }) => fixedVersion],
  ["Status", ({ status }) => status, (finding) => (finding.kind === "misconfiguration" ? finding.status : undefined)],
  ["Title", ({ title }) => title, ({ title }) => title],
  ["EPSS", ({ epss }) => epss?.probability],
  ["Known exploited", ({ knownExploited }) => knownExploited?.dateAdded],
  ["Package URL", ({ package: pkg }) => pkg.purl, (finding) => packageOf(finding)?.purl],
  ["Layer", ({ layer }) => layer?.diffId, ({ location }) => location?.layer?.diffId],
  ["Aliases", ({ aliases }) => aliases.join(" "), (finding) => namesOf(finding).slice(1).join(" ")],
  ["URL", (finding) => primaryUrl(finding), (finding) => pageOf(finding)],
  ["Kind", ({ kind }) => kind, ({ kind }) => kind],
  ["Path", ({ location }) => location?.path, ({ location }) => location?.path],
  ["Line", ({ location }) => location?.line, ({ location }) => location?.line],
  ["Detail", () => undefined, detailOf],
  ["Resource", () => undefined, (finding) => (finding.kind === "misconfiguration" ? resourceText(finding) : undefined)],
  ["Code", () => undefined, (finding) => codeOf(finding, 12).map(codeLine).join(" / ") || undefined],
  ["Fix", () => undefined, fixOf],
];

function resourceText({ resource: { type, name, namespace } }: Misconfiguration): string {
  return `${type} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

function row(finding: Finding): string {
  const cells = columns.map(([, ofVulnerability, ofOther]) =>
    cell(finding.kind === "vulnerability" ? ofVulnerability(finding) : ofOther?.(finding)),
  );
  return `${cells.join(",")}\r\n`;
}

/** A last line that is no finding, and says so in its column Kind. */
function note(sentence: string): string {
  const cells = columns.map(([name]) => (name === "Kind" ? "note" : name === "Detail" ? cell(sentence) : ""));
  return `${cells.join(",")}\r\n`;
}

/**
 * One row per finding (RFC 4180), and one row of kind `note` when unrated findings were left out. A cell that a spreadsheet would run as a formula
 * gets an apostrophe in front.
 */
export function csv(): Reporter {
  return {
    id: "csv",
    mediaType: "text/csv",
    shows: findingKinds,
    render: (report) =>
      piecesOf(function* () {
        yield `${columns.map(([name]) => cell(name)).join(",")}\r\n`;
        for (const finding of findingsOf(yield* orderedReport(report))) yield row(finding);
        const unrated = unratedSentence(report);
        if (unrated !== undefined) yield note(unrated);
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat[] = [{ id: "csv", make: () => csv() }];

function cell(value: Cell): string {
  if (typeof value === "number") return String(value);
  const visible = visibleText(value ?? "");
  const inert = /^\s*[=+\-@|%]/.test(visible) ? `'${visible}` : visible;
  return /[",\s]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
