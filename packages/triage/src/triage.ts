import { filterIds, packageOf, unratedLeftOut } from "@plimsoll/model";
import type { Artifact, Diagnostic, Finding, Package, TriageRule, SuppressedFinding, Verdict } from "@plimsoll/model";

/** Findings after judgement. */
export interface Triaged<F extends Finding = Finding> {
  /** What is left, in the order given. */
  readonly findings: readonly F[];
  /** What was taken out, with who and why, in the order given. */
  readonly suppressed: readonly SuppressedFinding[];
  /** What the rules have to tell: rules that matched nothing or have expired. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Judges every finding by every rule. One that suppresses is enough, whatever the others say; the first in order is named, and what somebody
 * judged goes before what a filter merely does not show.
 * All are asked all the same, so that "matched nothing" is true of a rule and not of its place in the list.
 */
export function triage<F extends Finding>(
  findings: readonly F[],
  rules: readonly TriageRule[],
  packages: readonly Package[] = [],
  artifact?: Artifact,
): Triaged<F> {
  const started = rules.map((rule) => rule.start?.({ artifact, packages }) ?? rule);
  const known = new Map(packages.map((pkg) => [pkg.id, pkg]));
  const kept: F[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of findings) {
    const pkg = known.get(packageOf(finding)?.id ?? "");
    const verdicts = started.map((rule) => rule.judge(finding, pkg));
    const against = verdicts.find(isJudgement) ?? verdicts.find(isSuppression);
    if (against === undefined) kept.push(finding);
    else suppressed.push(suppressedBy(finding, against));
  }
  const remarks = started.flatMap((rule) => rule.remarks?.() ?? []);
  return {
    findings: kept,
    suppressed,
    diagnostics: [...remarks, ...unratedRemark(unratedLeftOut({ suppressed }).length)],
  };
}

function suppressedBy(finding: Finding, { by, reason, scope, expires, origin }: Suppression): SuppressedFinding {
  return {
    finding,
    by,
    reason,
    ...(scope === undefined ? {} : { scope }),
    ...(expires === undefined ? {} : { expires }),
    ...(origin === undefined ? {} : { origin }),
  };
}

type Suppression = Extract<Verdict, { kind: "suppress" }>;

function isSuppression(verdict: Verdict | undefined): verdict is Suppression {
  return verdict?.kind === "suppress";
}

const filters: ReadonlySet<string> = new Set(filterIds);

function isJudgement(verdict: Verdict | undefined): verdict is Suppression {
  return isSuppression(verdict) && !filters.has(verdict.by);
}

function unratedRemark(count: number): readonly Diagnostic[] {
  if (count === 0) return [];
  const message = `${count} unrated ${count === 1 ? "finding" : "findings"} left out: nobody states a severity, so none was chosen by it`;
  return [{ kind: "diagnostic", code: "unrated-findings", effect: "none", message }];
}
