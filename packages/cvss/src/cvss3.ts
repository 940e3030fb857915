import { metricTable } from "./metric-table.ts";
import type { MetricRule } from "./metric-table.ts";
import type { CvssScore } from "./score.ts";
import type { CvssVector } from "./vector.ts";

const weights: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
  E: { X: 1, H: 1, F: 0.97, P: 0.94, U: 0.91 },
  RL: { X: 1, U: 1, W: 0.97, T: 0.96, O: 0.95 },
  RC: { X: 1, C: 1, R: 0.96, U: 0.92 },
  CR: { X: 1, H: 1.5, M: 1, L: 0.5 },
  IR: { X: 1, H: 1.5, M: 1, L: 0.5 },
  AR: { X: 1, H: 1.5, M: 1, L: 0.5 },
};

const privileges: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  U: { N: 0.85, L: 0.62, H: 0.27 },
  C: { N: 0.85, L: 0.68, H: 0.5 },
};

/** Scores a 3.0 or 3.1 vector; the equations of the specifications' §7 (3.1) and §8 (3.0). */
export function scoreCvss3(vector: CvssVector): CvssScore {
  const exact = vector.version === "3.0";
  const roundUp = exact ? roundUp30 : roundUp31;
  const stated = (name: string): string | undefined => vector.metrics.get(name);
  const weight = (name: string): number => weights[name]?.[stated(name) ?? "X"] ?? 0;
  // The 3.1 equation for modified impact differs from the base one even where nothing is modified, so it counts only when asked for.
  const states = (group: MetricRule["group"]): boolean =>
    metricTable[vector.version].some((rule) => rule.group === group && vector.metrics.has(rule.name));
  const temporalFactor = weight("E") * weight("RL") * weight("RC");

  const base = baseScore();
  const temporal = roundUp(base.score * temporalFactor);
  const environmental = environmentalScore();
  return {
    version: exact ? "3.0" : "3.1",
    base: base.score,
    temporal,
    environmental,
    overall: states("environmental") ? environmental : states("temporal") ? temporal : base.score,
    impact: Math.round(base.impact * 10) / 10,
    exploitability: Math.round(base.exploitability * 10) / 10,
  };

  function baseScore(): { readonly score: number; readonly impact: number; readonly exploitability: number } {
    const changed = stated("S") === "C";
    const lost = 1 - (1 - weight("C")) * (1 - weight("I")) * (1 - weight("A"));
    const impact = Math.max(0, changed ? 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 : 6.42 * lost);
    const exploitability = 8.22 * weight("AV") * weight("AC") * privilege(stated("PR"), stated("S")) * weight("UI");
    return { score: impact <= 0 ? 0 : roundUp(combine(impact, exploitability, changed)), impact, exploitability };
  }

  /** The modified metrics, or the base metrics where those are not defined. */
  function modified(name: string): string | undefined {
    const value = stated(`M${name}`);
    return value === undefined || value === "X" ? stated(name) : value;
  }

  function modifiedWeight(name: string): number {
    return weights[name]?.[modified(name) ?? ""] ?? 0;
  }

  function environmentalScore(): number {
    const changed = modified("S") === "C";
    const kept = (name: string, requirement: string): number => 1 - modifiedWeight(name) * weight(requirement);
    const lost = Math.min(1 - kept("C", "CR") * kept("I", "IR") * kept("A", "AR"), 0.915);
    const impact = changed ? 7.52 * (lost - 0.029) - changedPenalty(lost) : 6.42 * lost;
    if (impact <= 0) return 0;
    const exploitability =
      8.22 *
      modifiedWeight("AV") *
      modifiedWeight("AC") *
      privilege(modified("PR"), modified("S")) *
      modifiedWeight("UI");
    return roundUp(roundUp(combine(impact, exploitability, changed)) * temporalFactor);
  }

  /** The one equation that 3.1 changed, besides rounding. */
  function changedPenalty(lost: number): number {
    return exact ? 3.25 * (lost - 0.02) ** 15 : 3.25 * (lost * 0.9731 - 0.02) ** 13;
  }
}

function privilege(value: string | undefined, scope: string | undefined): number {
  return privileges[scope ?? "U"]?.[value ?? ""] ?? 0;
}

function combine(impact: number, exploitability: number, changed: boolean): number {
  return Math.min((changed ? 1.08 : 1) * (impact + exploitability), 10);
}

/** CVSS 3.1 appendix A: away from zero to one decimal, blind to anything below the fifth. */
function roundUp31(value: number): number {
  const scaled = Math.round(value * 100_000);
  return scaled % 10_000 === 0 ? scaled / 100_000 : (Math.floor(scaled / 10_000) + 1) / 10;
}

/** CVSS 3.0 §7.4: the smallest number with one decimal that is not less; only the noise of binary fractions is taken off. */
function roundUp30(value: number): number {
  return Math.ceil(value * 10 - 1e-9) / 10;
}
