// What all reports for GitLab have in common (gitlab-org/security-products/security-report-schemas, 15.0.7).
import type { Report, Reporter, Severity } from "@plimsoll/model";
import { dateOrEpoch } from "./fallback-date.ts";
import { leftOutSentence, unratedSentence } from "./left-out.ts";
import { visibleStart } from "./visible-text.ts";

/** The version of GitLab's schemas. */
export const gitlabVersion = "15.0.7";

/** The member `scan`: the scanner, the time, and what could not be scanned. */
export function gitlabScan(
  report: Report,
  type: "container_scanning" | "secret_detection",
  reporter: Pick<Reporter, "id" | "shows">,
): Readonly<Record<string, unknown>> {
  const { tool } = report;
  const leftOut = leftOutSentence(report, reporter);
  const time = dateOrEpoch(report).slice(0, 19);
  const scanner = { id: tool.name, name: "Plimsoll", vendor: { name: "Plimsoll" }, version: tool.version };
  return {
    analyzer: scanner,
    scanner,
    type,
    start_time: time,
    end_time: time,
    status: "success",
    messages: [
      ...report.diagnostics
        .filter(({ effect }) => effect === "incomplete")
        .map(({ message }) => ({ level: "warn", value: visibleStart(message, 1000) || "incomplete" })),
      ...[leftOut, unratedSentence(report)].flatMap((value) => (value === undefined ? [] : [{ level: "info", value }])),
    ],
  };
}

/** GitLab's words for severities. */
export const gitlabSeverities: Readonly<Record<Severity, string>> = {
  CRITICAL: "Critical",
  HIGH: "High",
  MEDIUM: "Medium",
  LOW: "Low",
  NEGLIGIBLE: "Info",
  UNKNOWN: "Unknown",
};
