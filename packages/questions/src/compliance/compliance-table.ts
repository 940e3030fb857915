import { visibleText } from "@plimsoll/report";
import type { ComplianceDetail, ComplianceReport, ControlResult, ControlStatus } from "./compliance-report.ts";
import { failureLines } from "./failure-lines.ts";

const statusTexts: Readonly<Record<ControlStatus, string>> = {
  pass: "PASS",
  fail: "FAIL",
  manual: "-",
  unknown: "UNKNOWN",
};

/** A compliance report as a text table: a row for each control; with `all`, its failures below it. */
export function complianceTable({ spec, controls }: ComplianceReport, detail: ComplianceDetail): string {
  const rows = controls.map(({ control, status, results }) => [
    visibleText(control.id),
    control.severity,
    visibleText(control.name),
    statusTexts[status],
    status === "pass" || status === "fail" ? String(results.length) : "-",
  ]);
  const headings = ["ID", "Severity", "Control Name", "Status", "Issues"];
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (left: string, middle: string, right: string): string =>
    `${left}${widths.map((width) => "─".repeat(width + 2)).join(middle)}${right}\n`;
  // Names of controls are read from the left, everything else stands in the middle.
  const drawn = (cells: readonly string[], isHeading: boolean): string =>
    `│ ${cells.map((cell, column) => padded(cell, widths[column] ?? 0, column !== 2 || isHeading)).join(" │ ")} │\n`;
  return [
    `\nSummary Report for compliance: ${visibleText(spec.title)}\n`,
    line("┌", "┬", "┐"),
    drawn(headings, true),
    line("├", "┼", "┤"),
    ...rows.map((row) => drawn(row, false)),
    line("└", "┴", "┘"),
    ...(detail === "all" ? controls.map(failures) : []),
  ].join("");
}

function padded(text: string, width: number, isCentred: boolean): string {
  const room = width - text.length;
  const before = isCentred ? Math.floor(room / 2) : 0;
  return " ".repeat(before) + text + " ".repeat(room - before);
}

function failures({ control, status, results, reason }: ControlResult): string {
  const told = [...results.flatMap(failureLines), ...(reason === undefined ? [] : [reason])];
  if (status === "pass" || told.length === 0) return "";
  return `\n${visibleText(control.id)} ${visibleText(control.name)}: ${statusTexts[status]}\n${told.map((text) => `  ${visibleText(text)}\n`).join("")}`;
}
