import type { Diagnostic, Exemption, Finding, Package, TriageRule } from "@plimsoll/model";
import { momentOf } from "./expiry.ts";
import type { Expiry, Now } from "./expiry.ts";

/** One rule of an ignore file, compiled. */
export interface IgnoreRule {
  /** Which findings it applies to, for people: `CVE-2020-1 in pkg:npm/left`. */
  readonly scope: string;
  /** Where it is written: `line 3`, `vulnerabilities[2]`. */
  readonly place: string;
  /** 1-based, where known. */
  readonly line?: number | undefined;
  readonly reason?: string | undefined;
  readonly expires?: Expiry | undefined;
  matches(finding: Finding, pkg: Package | undefined): boolean;
}

/** An entry that is not applied, and why. */
export interface RuleProblem {
  readonly place: string;
  readonly line?: number | undefined;
  readonly problem: string;
}

/** What was read from an ignore file. */
export interface IgnoreRules {
  readonly rules: readonly IgnoreRule[];
  readonly problems: readonly RuleProblem[];
}

/** How rules of an ignore file are applied. */
export interface IgnoreRulesOptions {
  /** The file, for people and for `location`. */
  readonly name: string;
  /** Absent: expiry cannot be checked, and rules with one are applied, with a diagnostic. */
  readonly now?: Now | undefined;
}

/**
 * A triage rule of ignore rules. Suppresses by `ignorefile`; reports rules that matched nothing, have expired, or could not be read as
 * diagnostics.
 */
export function triageRuleOf({ rules, problems }: IgnoreRules, options: IgnoreRulesOptions): TriageRule {
  const now = momentOf(options.now);
  const expired = rules.filter(({ expires }) => expires !== undefined && now !== undefined && expires.at <= now);
  const inForce = rules.filter((rule) => !expired.includes(rule));
  const fixedRemarks = [
    ...problems.map(({ place, line, problem }) => remark(`${place}: ${problem}; the rule is not applied`, line)),
    ...expired.map(({ place, scope, expires, line }) =>
      remark(`${place}: the rule for ${scope} expired on ${expires?.text ?? ""}`, line),
    ),
    ...(now === undefined && rules.some(({ expires }) => expires !== undefined)
      ? [remark("the expiry of its rules was not checked: no time was given", undefined)]
      : []),
  ];
  const start = (): TriageRule => {
    const used = new Set<IgnoreRule>();
    return {
      id: options.name,
      start,
      judge: (finding, pkg) => {
        // All rules that match count as used, not only the first.
        const matching = inForce.filter((rule) => rule.matches(finding, pkg));
        matching.forEach((rule) => used.add(rule));
        const [rule] = matching;
        return rule && { kind: "suppress", ...exemptionOf(rule) };
      },
      remarks: () => [
        ...fixedRemarks,
        ...inForce
          .filter((rule) => !used.has(rule))
          .map(({ place, scope, line }) => remark(`${place}: the rule for ${scope} matched nothing`, line)),
      ],
    };
  };
  return start();

  function exemptionOf({ place, reason, scope, expires }: IgnoreRule): Exemption {
    const origin = `${options.name}, ${place}`;
    return {
      by: "ignorefile",
      reason: reason === undefined ? origin : `${reason} (${origin})`,
      scope,
      ...(expires === undefined ? {} : { expires: expires.text }),
      origin,
    };
  }

  function remark(text: string, line: number | undefined): Diagnostic {
    return {
      kind: "diagnostic",
      code: "triage",
      effect: "none",
      message: `${options.name}: ${text}`,
      location: { path: options.name, ...(line === undefined ? {} : { line }) },
    };
  }
}
