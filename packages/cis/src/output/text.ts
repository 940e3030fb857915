import { checkOptions, optionIs } from "@plimsoll/model";
import { orderedControls, totalsOf } from "./kube-bench-json.ts";
import type { KubeBenchControls } from "./kube-bench-json.ts";
import type { Summary } from "./summary.ts";

/** Options of {@link kubeBenchText}. */
export interface KubeBenchTextOptions {
  readonly noResults?: boolean | undefined;
  readonly noRemediations?: boolean | undefined;
  readonly noSummary?: boolean | undefined;
  readonly noTotals?: boolean | undefined;
  /** Show the output that failed checks evaluated. */
  readonly includeTestOutput?: boolean | undefined;
}

/** kube-bench's text: results, remediations, and the summaries. */
export function kubeBenchText(controls: readonly KubeBenchControls[], options: KubeBenchTextOptions = {}): string {
  checkOptions("kubeBenchText", options, {
    noResults: optionIs.flag,
    noRemediations: optionIs.flag,
    noSummary: optionIs.flag,
    noTotals: optionIs.flag,
    includeTestOutput: optionIs.flag,
  });
  const ordered = orderedControls(controls);
  const parts = ordered.map((each) => controlsText(each, options));
  if (options.noTotals !== true) parts.push(summaryText(totalsOf(ordered), "total"));
  return parts.join("");
}

function controlsText(controls: KubeBenchControls, options: KubeBenchTextOptions): string {
  const lines: string[] = [];
  if (options.noResults !== true) {
    lines.push(`[INFO] ${controls.id} ${controls.text}`);
    for (const group of controls.tests) {
      lines.push(`[INFO] ${group.section} ${group.desc}`);
      for (const check of group.results) {
        lines.push(`[${check.status}] ${check.test_number} ${check.test_desc}`);
        if (options.includeTestOutput === true && check.status === "FAIL" && check.actual_value !== "")
          for (const row of check.actual_value.split("\n")) lines.push(`\t ${row}`);
      }
    }
    lines.push("");
  }
  if (options.noRemediations !== true && controls.total_fail + controls.total_warn > 0) {
    lines.push(`== Remediations ${controls.node_type} ==`);
    for (const group of controls.tests)
      for (const check of group.results) {
        if (check.status !== "FAIL" && check.status !== "WARN") continue;
        const broken = check.status === "WARN" && check.reason !== undefined && check.type !== "manual";
        lines.push(
          `${check.test_number} ${broken ? `audit test did not run: ${check.reason ?? ""}` : check.remediation}`,
        );
      }
    lines.push("");
  }
  const summary = {
    pass: controls.total_pass,
    fail: controls.total_fail,
    warn: controls.total_warn,
    info: controls.total_info,
  };
  const head = lines.length === 0 ? "" : `${lines.join("\n")}\n`;
  return options.noSummary === true ? head : head + summaryText(summary, controls.node_type);
}

function summaryText({ pass, fail, warn, info }: Summary, section: string): string {
  return `== Summary ${section} ==\n${pass} checks PASS\n${fail} checks FAIL\n${warn} checks WARN\n${info} checks INFO\n\n`;
}
