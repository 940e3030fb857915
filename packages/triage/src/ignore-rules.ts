import { namesOf } from "@plimsoll/model";
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
  /** It matches only findings that go by one of these ids, in any case. Absent: others, too. */
  readonly ids?: readonly string[] | undefined;
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

/** The rules that may match a finding, in their order: a list of ten thousand ids is not gone through for every finding. */
function byIds(rules: readonly IgnoreRule[]): (finding: Finding) => readonly IgnoreRule[] {
  const ofAny: number[] = [];
  const ofId = new Map<string, number[]>();
  for (const [at, { ids }] of rules.entries())
    if (ids === undefined) ofAny.push(at);
    else
      for (const id of new Set(ids.map((each) => each.toLowerCase()))) {
        const known = ofId.get(id);
        if (known === undefined) ofId.set(id, [at]);
        else known.push(at);
      }
  return (finding) => {
    const own = namesOf(finding).flatMap((name) => ofId.get(name.toLowerCase()) ?? []);
    const places = own.length === 0 ? ofAny : [...new Set([...ofAny, ...own])].sort((a, b) => a - b);
    return places.flatMap((at) => rules[at] ?? []);
  };
}

/**
 * A triage rule of ignore rules. Suppresses by `ignorefile`; reports rules that matched nothing, have expired, or could not be read as
 * diagnostics.
 */
export function triageRuleOf({ rules, problems }: IgnoreRules, options: IgnoreRulesOptions): TriageRule {
  const now = momentOf(options.now);
  const isExpired = ({ expires }: IgnoreRule): boolean =>
    expires !== undefined && now !== undefined && expires.at <= now;
  const expired = rules.filter(isExpired);
  const inForce = rules.filter((rule) => !isExpired(rule));
  const candidatesFor = byIds(inForce);
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
        const matching = candidatesFor(finding).filter((rule) => rule.matches(finding, pkg));
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
