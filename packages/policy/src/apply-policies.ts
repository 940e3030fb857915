import type { Artifact, Diagnostic, Finding, Package, Policy, SuppressedFinding, Verdict } from "@plimsoll/model";

/** Findings after judgement. */
export interface Judgement {
  /** What is left, in the order given. */
  readonly findings: readonly Finding[];
  /** What was taken out, with who and why, in the order given. */
  readonly suppressed: readonly SuppressedFinding[];
  /** What the policies have to tell: rules that matched nothing or have expired. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Judges every finding by every policy. One that suppresses is enough, whatever the others say; the first in order is named.
 * All are asked all the same, so that "matched nothing" is true of a rule and not of its place in the list.
 */
export function applyPolicies(
  findings: readonly Finding[],
  policies: readonly Policy[],
  packages: readonly Package[] = [],
  artifact?: Artifact,
): Judgement {
  const started = policies.map((policy) => policy.start?.({ artifact, packages }) ?? policy);
  const packageOf = new Map(packages.map((pkg) => [pkg.id, pkg]));
  const kept: Finding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of findings) {
    const pkg = packageOf.get(finding.package.id);
    const verdicts = started.map((policy) => policy.judge(finding, pkg));
    const against = verdicts.find(isSuppression);
    if (against === undefined) kept.push(finding);
    else suppressed.push({ finding, by: against.by, reason: against.reason });
  }
  return { findings: kept, suppressed, diagnostics: started.flatMap((policy) => policy.remarks?.() ?? []) };
}

function isSuppression(verdict: Verdict | undefined): verdict is Extract<Verdict, { kind: "suppress" }> {
  return verdict?.kind === "suppress";
}
