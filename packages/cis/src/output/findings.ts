import { compareText, fingerprintOf, checkOptions, optionIs } from "@plimsoll/model";
import type { CoverageGap, Misconfiguration } from "@plimsoll/model";
import type { BenchmarkResult, CheckResult } from "../run-benchmark.ts";
import { everyCheckResult } from "./summary.ts";

/** A benchmark's result in the form of a report. */
export interface BenchmarkFindings {
  readonly misconfigurations: readonly Misconfiguration[];
  /** Checks whose result is unknown, by what was missing. */
  readonly gaps: readonly CoverageGap[];
}

/** Options of {@link benchmarkFindings}. */
export interface FindingsOptions {
  /** Name of the node. Absent: the origin of its facts. */
  readonly node?: string | undefined;
  /** Include passed checks. */
  readonly includePassed?: boolean | undefined;
}

/** A benchmark's result as misconfigurations of a node. Skipped checks are left out; unknown ones are also coverage gaps. */
export function benchmarkFindings(result: BenchmarkResult, options: FindingsOptions = {}): BenchmarkFindings {
  checkOptions("benchmarkFindings", options, { node: optionIs.text, includePassed: optionIs.flag });
  const node = options.node ?? result.origin;
  const results = everyCheckResult(result);
  const gaps = new Map<string, number>();
  for (const { status, shape } of results)
    if (status === "unknown") gaps.set(shape ?? "unknown", (gaps.get(shape ?? "unknown") ?? 0) + 1);
  return {
    misconfigurations: results.flatMap((each) => findingOf(each, result.benchmark, node, options)),
    gaps: [...gaps]
      .toSorted(([a], [b]) => compareText(a, b))
      .map(([shape, count]) => ({
        scanner: "misconfig",
        code: "unknown-fact",
        message: `${count} ${count === 1 ? "check" : "checks"} of ${result.benchmark} could not be evaluated: ${shape}`,
      })),
  };
}

function findingOf(
  { check, status, expected, reason }: CheckResult,
  benchmark: string,
  node: string,
  options: FindingsOptions,
): readonly Misconfiguration[] {
  if (status === "skipped" || (status === "pass" && options.includePassed !== true)) return [];
  const notes = [...(check.audit === "" ? [] : [`audit: ${check.audit.trim()}`]), ...(reason === "" ? [] : [reason])];
  return [
    {
      kind: "misconfiguration",
      engine: "cis",
      subject: "node",
      id: check.id,
      ...(check.aliases === undefined ? {} : { aliases: check.aliases }),
      // The benchmark scores what it asks of everybody.
      severity: check.scored ? "HIGH" : "MEDIUM",
      status,
      title: check.text,
      message: messageOf(status, expected, reason),
      ...(check.remediation === "" ? {} : { resolution: check.remediation.trim() }),
      references: [],
      resource: { type: "node", name: node },
      locations: [],
      fingerprint: fingerprintOf("misconfiguration", benchmark, check.id, node),
      explanation: {
        rule: expected === "" ? `${benchmark} ${check.id}` : expected,
        ...(notes.length === 0 ? {} : { notes }),
      },
    },
  ];
}

function messageOf(status: CheckResult["status"], expected: string, reason: string): string {
  if (status === "manual") return "A person has to look.";
  if (status === "unknown") return reason;
  const wanted = expected === "" ? reason : expected;
  return status === "pass" ? `As expected: ${wanted}` : `Not as expected: ${wanted}`;
}
