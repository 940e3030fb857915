import { performance } from "node:perf_hooks";
import { loadPolicies, type LoadOptions } from "@plimsoll/gatekeeper";

/** How long policies took, in milliseconds. */
export interface Measured {
  readonly templates: number;
  readonly constraints: number;
  readonly objects: number;
  readonly violations: number;
  readonly loadMilliseconds: number;
  readonly reviewMilliseconds: { readonly median: number; readonly p99: number; readonly total: number };
}

/**
 * Loads the policies among objects, and has every object reviewed `iterations` times against all others.
 * @throws Error for a policy that is wrong.
 */
export function measure(
  objects: readonly Readonly<Record<string, unknown>>[],
  iterations: number,
  options: LoadOptions,
): Measured {
  const started = performance.now();
  const policies = loadPolicies(objects, options);
  const loadMilliseconds = performance.now() - started;
  const [problem] = policies.problems;
  if (problem !== undefined) throw new Error(`${problem.kind} "${problem.name}": ${problem.message}`);
  const times: number[] = [];
  let violations = 0;
  for (let round = 0; round < iterations; round += 1)
    for (const object of objects) {
      const before = performance.now();
      const found = policies.reviewStrictly(object, { enforcementPoint: "gator.gatekeeper.sh", inventory: objects });
      times.push(performance.now() - before);
      violations += found.violations.length;
    }
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    templates: policies.templates.length,
    constraints: policies.constraints.length,
    objects: objects.length,
    violations: violations / iterations,
    loadMilliseconds,
    reviewMilliseconds: { median: at(0.5), p99: at(0.99), total: sorted.reduce((sum, time) => sum + time, 0) },
  };
}

/** A measurement for people, or as JSON. */
export function formatBench(measured: Measured, format: "table" | "json"): string {
  if (format === "json") return `${JSON.stringify(measured, undefined, 2)}\n`;
  const { reviewMilliseconds: review } = measured;
  return [
    `templates ${measured.templates}, constraints ${measured.constraints}, objects ${measured.objects}, violations ${measured.violations}`,
    `load    ${measured.loadMilliseconds.toFixed(1)} ms`,
    `review  median ${review.median.toFixed(3)} ms, p99 ${review.p99.toFixed(3)} ms, all ${review.total.toFixed(0)} ms`,
    "",
  ].join("\n");
}
