import type { Vulnerability, Reporter } from "@plimsoll/model";
import { orderedReport } from "../shared/ordered-report.ts";
import { primaryUrl } from "../shared/primary-url.ts";
import { visibleText } from "../shared/visible-text.ts";

/** What each column says of a finding. */
const columns: readonly (readonly [string, (finding: Vulnerability) => string | number | undefined])[] = [
  ["Vulnerability", ({ id }) => id],
  ["Severity", ({ severity }) => severity],
  ["Score", ({ cvss }) => cvss[0]?.score],
  ["Package", ({ package: pkg }) => pkg.name],
  ["Installed", ({ package: pkg }) => pkg.version],
  ["Fixed", ({ fixedVersion }) => fixedVersion],
  ["Status", ({ status }) => status],
  ["Title", ({ title }) => title],
  ["EPSS", ({ epss }) => epss?.probability],
  ["Known exploited", ({ knownExploited }) => knownExploited?.dateAdded],
  ["Package URL", ({ package: pkg }) => pkg.purl],
  ["Layer", ({ layer }) => layer?.diffId],
  ["Aliases", ({ aliases }) => aliases.join(" ")],
  ["URL", (finding) => primaryUrl(finding)],
];

/** One line per finding (RFC 4180). Text that a spreadsheet would run as a formula is quoted with an apostrophe. */
export function csv(): Reporter {
  return {
    id: "csv",
    mediaType: "text/csv",
    shows: ["vulnerability"],
    *render(report) {
      yield `${columns.map(([name]) => cell(name)).join(",")}\r\n`;
      for (const finding of orderedReport(report).vulnerabilities ?? [])
        yield `${columns.map(([, valueOf]) => cell(valueOf(finding))).join(",")}\r\n`;
    },
  };
}

function cell(value: string | number | undefined): string {
  if (typeof value === "number") return String(value);
  const visible = visibleText(value ?? "");
  const inert = /^\s*[=+\-@|%]/.test(visible) ? `'${visible}` : visible;
  return /[",\s]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
