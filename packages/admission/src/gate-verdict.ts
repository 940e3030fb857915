import { imagesOf, podTemplateOf, pointerOf } from "@plimsoll/kubernetes";
import { findingKinds, findingsOf, kindsLookedFor, severities } from "@plimsoll/model";
import type { Finding, FindingKind, Report, Severity } from "@plimsoll/model";
import { failAtOrAbove } from "@plimsoll/triage";
import { pinned } from "./evidence.ts";
import type { DecisionReason, Judged, PartialVerdict } from "./evidence.ts";
import { ReasonList } from "./reason-list.ts";
import { additions } from "./json-patch.ts";
import { gapsOf, reportOf } from "./report-of.ts";

/** The findings that the reports of an object's images must not have. */
export interface ReportGate {
  /** Findings of this severity or worse refuse; `UNKNOWN` refuses for any finding. */
  readonly severity: Severity;
  /** Kinds of findings that count. Absent: all. */
  readonly kinds?: readonly FindingKind[] | undefined;
  /** Whether only vulnerabilities that have a fix count. Absent: false. */
  readonly onlyFixed?: boolean | undefined;
}

/** Checks a gate. @throws {TypeError} for unknown members and values. */
export function checkGate(gate: ReportGate): void {
  const unknown = Object.keys(gate).find((name) => !["severity", "kinds", "onlyFixed"].includes(name));
  if (unknown !== undefined) throw new TypeError(`gate: unknown member ${unknown}`);
  if (!severities.includes(gate.severity))
    throw new TypeError(`gate: severity must be one of ${severities.join(", ")}, not ${String(gate.severity)}`);
  const odd = gate.kinds?.find((kind) => !findingKinds.includes(kind));
  if (odd !== undefined)
    throw new TypeError(`gate: kinds must be some of ${findingKinds.join(", ")}, not ${String(odd)}`);
}

/**
 * Evaluates the gate on the reports of an object's images. An image without a report was not scanned and is refused; so is one whose report has no list
 * of findings, or none of a kind that the gate names. A report with gaps gives a warning.
 */
export function judgeByGate(judged: Judged): PartialVerdict {
  const { object, evidence, changed } = judged;
  const { gate } = evidence;
  if (gate === undefined || podTemplateOf(object) === undefined) return { reasons: [] };
  checkGate(gate);
  const policy = `gate ${gate.severity}`;
  const reasons = new ReasonList();
  const warnings: string[] = [];
  for (const use of imagesOf(object)) {
    const image = pinned(use.image, evidence.digests);
    const place = { policy, path: pointerOf(use.path.slice(object.path.length)), image };
    const report = reportOf(evidence.reports, image);
    const lacking = report === undefined ? "" : lackingIn(report, gate);
    if (report === undefined || lacking !== "") {
      const fact = report === undefined ? `${image} has no report` : `the report of ${image} has no list of ${lacking}`;
      reasons.add(policy, () => ({
        ...place,
        rule: "reports",
        id: "not scanned",
        fact,
        change: `a report of ${image}`,
        ...exemption("not scanned", image, policy),
      }));
      continue;
    }
    warnings.push(...gapsOf(report, image));
    for (const finding of failuresOf(findingsOf(report), gate)) {
      const { id, severity } = finding;
      const fact = `${subjectOf(finding)} is ${severity}`;
      const change = `${fixOf(finding)}an exemption of ${id} for ${image}`;
      reasons.add(policy, () => ({ ...place, rule: "severity", id, fact, change, ...exemption(id, image, policy) }));
    }
  }
  return { reasons: reasons.all, warnings: [...new Set(warnings)] };

  function exemption(id: string, image: string, of: string): Pick<DecisionReason, "flip"> {
    const { exemptions = [] } = changed.evidence;
    const added = { by: "gate", reason: "accepted", policy: of, id, image };
    const patch = additions({ exemptions }, ["exemptions"], [...exemptions, added]);
    changed.evidence = { ...changed.evidence, exemptions: [...exemptions, added] };
    return { flip: { of: "evidence", patch } };
  }
}

/** The kinds of findings that a gate is about, and that nobody looked for. */
function lackingIn(report: Report, { kinds }: ReportGate): string {
  const known = kindsLookedFor(report);
  if (kinds === undefined) return known.length === 0 ? "findings of any kind" : "";
  return kinds.filter((kind) => !known.includes(kind)).join(", ");
}

function failuresOf(findings: Iterable<Finding>, { severity, kinds, onlyFixed }: ReportGate): readonly Finding[] {
  const counted = [...findings].filter(
    (finding) =>
      (kinds === undefined || kinds.includes(finding.kind)) &&
      (onlyFixed !== true || finding.kind !== "vulnerability" || finding.fixedVersions.length > 0),
  );
  const seen = new Set<string>();
  return failAtOrAbove(severity)
    .failures(counted)
    .filter((finding) => !seen.has(subjectOf(finding)) && seen.add(subjectOf(finding)));
}

function subjectOf(finding: Finding): string {
  if (finding.kind === "vulnerability") return `${finding.id} in ${finding.package.name} ${finding.package.version}`;
  return finding.location === undefined ? finding.id : `${finding.id} in ${finding.location.path}`;
}

function fixOf(finding: Finding): string {
  if (finding.kind !== "vulnerability" || finding.fixedVersion === undefined) return "";
  return `${finding.package.name} ${finding.fixedVersion}, or `;
}
