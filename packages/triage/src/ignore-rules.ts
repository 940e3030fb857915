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

/** A rule, and its place among all. */
interface Placed {
  readonly at: number;
  readonly rule: IgnoreRule;
}

/**
 * The rules that may match a finding, in their order: a list of ten thousand ids is not gone through for every finding. Findings to whose ids no
 * rule belongs get one list: to make one takes longer than to ask its rules.
 */
export function rulesById(rules: readonly IgnoreRule[]): (finding: Finding) => readonly Placed[] {
  const ofAny: Placed[] = [];
  const ofId = new Map<string, Placed[]>();
  for (const [at, rule] of rules.entries()) {
    const placed = { at, rule };
    if (rule.ids === undefined) ofAny.push(placed);
    else
      for (const id of new Set(rule.ids.map((each) => each.toLowerCase()))) {
        const known = ofId.get(id);
        if (known === undefined) ofId.set(id, [placed]);
        else known.push(placed);
      }
  }
  return (finding) => {
    const lists = new Set(namesOf(finding).map((name) => ofId.get(name.toLowerCase()) ?? []));
    const [first = [], ...more] = [...lists].filter(({ length }) => length > 0);
    const own = more.length === 0 ? first : [...new Set([first, ...more].flat())].sort((a, b) => a.at - b.at);
    if (own.length === 0) return ofAny;
    return ofAny.length === 0 ? own : merged(ofAny, own);
  };
}

/** Two lists in their order as one. */
function merged(some: readonly Placed[], others: readonly Placed[]): readonly Placed[] {
  const all: Placed[] = [];
  let next = 0;
  for (const placed of some) {
    for (let other = others[next]; other !== undefined && other.at < placed.at; other = others[++next]) all.push(other);
    all.push(placed);
  }
  return next === others.length ? all : all.concat(others.slice(next));
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
  const candidatesFor = rulesById(inForce);
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
        const matching = candidatesFor(finding).filter(({ rule }) => rule.matches(finding, pkg));
        for (const { rule } of matching) used.add(rule);
        const [first] = matching;
        return first && { kind: "suppress", ...exemptionOf(first.rule) };
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
