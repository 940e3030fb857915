import { findingsOf } from "@plimsoll/model";
import type { Misconfiguration, Report } from "@plimsoll/model";
import { scannerOfCheck } from "./check-ids.ts";
import { isManual } from "./compliance-spec.ts";
import type { ComplianceControl, ComplianceSpec } from "./compliance-spec.ts";
import { isNamed, mapResults, resultsOf } from "./scan-result.ts";
import type { ScanResult } from "./scan-result.ts";

/** `manual`: a person has to look. `unknown`: nothing that was scanned can tell. */
export type ControlStatus = "pass" | "fail" | "manual" | "unknown";

/** The result of one control. */
export interface ControlResult {
  readonly control: ComplianceControl;
  readonly status: ControlStatus;
  /** The failures, with the member names of Trivy's JSON. */
  readonly results: readonly ScanResult[];
  /** Why the status is `unknown`, or `fail` without any results. */
  readonly reason?: string;
}

/** A compliance report: the result of every control of a specification. Plain data. */
export interface ComplianceReport {
  readonly spec: Omit<ComplianceSpec, "controls">;
  /** In the order of the specification. */
  readonly controls: readonly ControlResult[];
}

/** `summary`: only the number of failures of each control; `all`: the failures too. */
export type ComplianceDetail = "summary" | "all";

/**
 * Evaluates a specification on reports. A control fails if one of its checks failed. It passes if each of its checks ran on something and none
 * failed, which needs reports that include passed checks (`includePasses`). Otherwise its `defaultStatus` applies if the reports have results of
 * checks; without one it is unknown, with the reason.
 */
export function complianceReport(spec: ComplianceSpec, reports: readonly Report[]): ComplianceReport {
  const { controls, ...head } = spec;
  const ids = [...new Set(controls.flatMap(asked))];
  const results = mapResults(
    reports.flatMap((report) => resultsOf(report, ids)),
    ids,
  );
  const evidence = new Evidence(reports, ids);
  return {
    spec: head,
    controls: controls.map((control) => {
      const failed = asked(control).flatMap((id) => results.get(id) ?? []);
      return { control, ...statusOf(control, failed, evidence), results: failed };
    }),
  };
}

/** Ids that a control needs answers for: those of its checks, else those of its commands, which collect facts from a node. */
function asked({ checks, commands }: ComplianceControl): readonly string[] {
  return checks.length > 0 ? checks : commands;
}

function statusOf(
  control: ComplianceControl,
  failed: readonly ScanResult[],
  evidence: Evidence,
): Pick<ControlResult, "status" | "reason"> {
  if (isManual(control)) return { status: "manual" };
  if (failed.length > 0) return { status: "fail" };
  const open = asked(control).flatMap((id) => evidence.gap(id) ?? []);
  if (asked(control).length > 0 && open.length === 0) return { status: "pass" };
  const { defaultStatus } = control;
  if (defaultStatus === "FAIL" && evidence.hasConfigurations)
    return {
      status: "fail",
      reason: "nothing shows that it is met, and its defaultStatus is FAIL",
    };
  if (defaultStatus === "PASS" && evidence.hasConfigurations) return { status: "pass" };
  return { status: "unknown", reason: open[0] ?? "the specification names no checks for it" };
}

/** Tells for which ids the reports have an answer. */
class Evidence {
  readonly hasConfigurations: boolean;
  readonly #reports: readonly Report[];
  /** Whether everything could be judged that a check is about, by the check's id. */
  readonly #judged = new Map<string, boolean>();

  constructor(reports: readonly Report[], ids: readonly string[]) {
    this.#reports = reports;
    const checked = reports.flatMap((report) =>
      findingsOf(report).filter((finding): finding is Misconfiguration => finding.kind === "misconfiguration"),
    );
    this.hasConfigurations = checked.length > 0;
    for (const finding of checked)
      for (const id of ids)
        if (isNamed(finding, id)) {
          const isJudged = finding.status === "pass" || finding.status === "fail";
          this.#judged.set(id, isJudged && this.#judged.get(id) !== false);
        }
  }

  /** Why there is no answer for an id; undefined where there is one. */
  gap(id: string): string | undefined {
    const scanner = scannerOfCheck(id);
    if (scanner === "vuln")
      return this.#reports.some(isVulnerabilityScan) ? undefined : "it was not scanned for vulnerabilities";
    if (scanner === "secret")
      return this.#reports.some(({ secrets }) => secrets !== undefined) ? undefined : "it was not scanned for secrets";
    const judged = this.#judged.get(id);
    if (judged === undefined) return `nothing was scanned that ${id} applies to`;
    return judged ? undefined : `${id} could not be evaluated everywhere`;
  }
}

function isVulnerabilityScan({ vulnerabilities, coverage }: Report): boolean {
  return vulnerabilities !== undefined && coverage.scanners?.vuln !== "unsupported";
}
