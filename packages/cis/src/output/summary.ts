import type { BenchmarkResult, CheckResult } from "../run-benchmark.ts";

/** How many checks have each of kube-bench's states. */
export interface Summary {
  readonly pass: number;
  readonly fail: number;
  readonly warn: number;
  readonly info: number;
}

export function summarize(results: Iterable<CheckResult>): Summary {
  const counts = { PASS: 0, FAIL: 0, WARN: 0, INFO: 0 };
  for (const { state } of results) counts[state]++;
  return { pass: counts.PASS, fail: counts.FAIL, warn: counts.WARN, info: counts.INFO };
}

/** Every check of a result, in order. */
export function everyCheckResult(result: Pick<BenchmarkResult, "controls">): readonly CheckResult[] {
  return result.controls.flatMap((controls) => controls.groups.flatMap((group) => group.results));
}

/** kube-bench's exit code: `whenFailed` if a check failed, else 0. */
export function exitCodeOf(result: Pick<BenchmarkResult, "controls">, whenFailed: number): number {
  return everyCheckResult(result).some(({ state }) => state === "FAIL") ? whenFailed : 0;
}
