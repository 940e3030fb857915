import { finish } from "@plimsoll/formats";
import type { Steps } from "@plimsoll/formats";
import { callbackFailed, checkOptions, filterIds, inTurns, optionIs, packageOf, unratedLeftOut } from "@plimsoll/model";
import type {
  Artifact,
  CallOptions,
  Diagnostic,
  Finding,
  Package,
  TriageRule,
  SuppressedFinding,
  Verdict,
} from "@plimsoll/model";

/** Findings after judgement. */
export interface Triaged<F extends Finding = Finding> {
  /** What is left, in the order given. */
  readonly findings: readonly F[];
  /** What was taken out, with the rule and the reason, in the order given. */
  readonly suppressed: readonly SuppressedFinding[];
  /** What rules report, such as entries that matched nothing or have expired. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Judges every finding by every rule. One rule that suppresses it is enough, whatever the others answer. The first such rule is named,
 * but a rule that judges goes before a plain filter. Every rule is asked about every finding, so that "matched nothing" does not depend
 * on the order of the rules.
 * @throws TypeError for what is no rule, and for a rule whose answer is no verdict: a promise above all, which would else count as
 * "keep".
 */
export function triage<F extends Finding>(
  findings: readonly F[],
  rules: readonly TriageRule[],
  packages: readonly Package[] = [],
  artifact?: Artifact,
): Triaged<F> {
  return finish(triageSteps(findings, rules, packages, artifact));
}

/** What {@link triageInTurns} is told besides the findings. */
export interface TriageOptions extends Pick<CallOptions, "signal"> {
  /** Packages of the report. Absent: none. */
  readonly packages?: readonly Package[] | undefined;
  /** What was scanned. */
  readonly artifact?: Artifact | undefined;
}

/**
 * The same as {@link triage}, with turns of the event loop for others in between: for servers.
 * @throws TypeError as `triage` does, and for unknown or invalid options; the signal's reason, once it is aborted; all in the promise.
 */
export async function triageInTurns<F extends Finding>(
  findings: readonly F[],
  rules: readonly TriageRule[],
  options: TriageOptions = {},
): Promise<Triaged<F>> {
  checkOptions("triageInTurns", options, {
    packages: optionIs.listOf(optionIs.object),
    artifact: optionIs.object,
    signal: optionIs.signal,
  });
  const { packages = [], artifact, signal } = options;
  return inTurns(triageSteps(findings, rules, packages, artifact), { signal });
}

/** To ask a rule about a finding takes about as long as looking at so many bytes. */
const bytesPerQuestion = 256;

function* triageSteps<F extends Finding>(
  findings: readonly F[],
  rules: readonly TriageRule[],
  packages: readonly Package[],
  artifact: Artifact | undefined,
): Steps<Triaged<F>> {
  const isRule = optionIs.having("judge");
  checkOptions("triage", { rules }, { rules: optionIs.listOf(isRule) });
  const started = rules.map((rule) => asked(rule, () => rule.start?.({ artifact, packages })) ?? rule);
  const known = new Map(packages.map((pkg) => [pkg.id, pkg]));
  const kept: F[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of findings) {
    const pkg = known.get(packageOf(finding)?.id ?? "");
    yield (1 + started.length) * bytesPerQuestion;
    const suppressions = started.flatMap((rule) => {
      const answer = asked(rule, () => rule.judge(finding, pkg));
      return suppressionOf(rule, answer) ?? [];
    });
    const against = suppressions.find(({ by }) => !filters.has(by)) ?? suppressions[0];
    if (against === undefined) kept.push(finding);
    else suppressed.push(suppressedBy(finding, against));
  }
  const remarks = started.flatMap((rule) => asked(rule, () => rule.remarks?.()) ?? []);
  return {
    findings: kept,
    suppressed,
    diagnostics: [...remarks, ...unratedRemark(unratedLeftOut({ suppressed }).length)],
  };
}

/** What a rule answers. A rule that throws has not kept a finding, nor left one out: there is no result without it. */
function asked<T>(rule: TriageRule, ask: () => T): T {
  try {
    return ask();
  } catch (cause) {
    throw callbackFailed(`The triage rule ${String(rule.id)}`, cause);
  }
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

const filters: ReadonlySet<string> = new Set(filterIds);

function unratedRemark(count: number): readonly Diagnostic[] {
  if (count === 0) return [];
  const message = `${count} unrated ${count === 1 ? "finding" : "findings"} left out: nobody states a severity, so none was chosen by it`;
  return [{ kind: "diagnostic", code: "unrated-findings", effect: "none", message }];
}

/** What takes a finding out; undefined where the verdict keeps it. It has to be one: rules may come from callers whom no types have checked. */
function suppressionOf({ id }: TriageRule, answer: unknown): Suppression | undefined {
  if (answer === undefined || answer === null) return undefined;
  const { kind, by, reason, then } = Object(answer) as Readonly<Record<string, unknown>>; // as: any value has members or none
  if (typeof then === "function")
    throw new TypeError(
      `the triage rule ${String(id)} returns a promise; fetch what it needs before the scan, and return the verdict synchronously`,
    );
  if (kind === "keep") return undefined;
  if (kind === "suppress" && typeof by === "string" && typeof reason === "string") return answer as Suppression; // as: just looked at
  throw new TypeError(
    `the triage rule ${String(id)} returned no verdict: { kind: "keep" }, { kind: "suppress", by, reason } or undefined`,
  );
}
