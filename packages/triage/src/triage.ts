import type { Artifact, Diagnostic, Finding, Package, TriageRule, SuppressedFinding, Verdict } from "@plimsoll/model";

/** Findings after judgement. */
export interface Triaged {
  /** What is left, in the order given. */
  readonly findings: readonly Finding[];
  /** What was taken out, with who and why, in the order given. */
  readonly suppressed: readonly SuppressedFinding[];
  /** What the rules have to tell: rules that matched nothing or have expired. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Judges every finding by every rule. One that suppresses is enough, whatever the others say; the first in order is named.
 * All are asked all the same, so that "matched nothing" is true of a rule and not of its place in the list.
 */
export function triage(
  findings: readonly Finding[],
  rules: readonly TriageRule[],
  packages: readonly Package[] = [],
  artifact?: Artifact,
): Triaged {
  const started = rules.map((rule) => rule.start?.({ artifact, packages }) ?? rule);
  const packageOf = new Map(packages.map((pkg) => [pkg.id, pkg]));
  const kept: Finding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of findings) {
    const pkg = packageOf.get(finding.package.id);
    const verdicts = started.map((rule) => rule.judge(finding, pkg));
    const against = verdicts.find(isSuppression);
    if (against === undefined) kept.push(finding);
    else suppressed.push({ finding, by: against.by, reason: against.reason });
  }
  return { findings: kept, suppressed, diagnostics: started.flatMap((rule) => rule.remarks?.() ?? []) };
}

function isSuppression(verdict: Verdict | undefined): verdict is Extract<Verdict, { kind: "suppress" }> {
  return verdict?.kind === "suppress";
}
