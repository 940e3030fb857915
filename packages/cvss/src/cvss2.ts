import type { CvssScore } from "./score.ts";
import type { CvssVector } from "./vector.ts";

const weights: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { L: 0.395, A: 0.646, N: 1 },
  AC: { H: 0.35, M: 0.61, L: 0.71 },
  Au: { M: 0.45, S: 0.56, N: 0.704 },
  C: { N: 0, P: 0.275, C: 0.66 },
  I: { N: 0, P: 0.275, C: 0.66 },
  A: { N: 0, P: 0.275, C: 0.66 },
  E: { U: 0.85, POC: 0.9, F: 0.95, H: 1, ND: 1 },
  RL: { OF: 0.87, TF: 0.9, W: 0.95, U: 1, ND: 1 },
  RC: { UC: 0.9, UR: 0.95, C: 1, ND: 1 },
  CDP: { N: 0, L: 0.1, LM: 0.3, MH: 0.4, H: 0.5, ND: 0 },
  TD: { N: 0, L: 0.25, M: 0.75, H: 1, ND: 1 },
  CR: { L: 0.5, M: 1, H: 1.51, ND: 1 },
  IR: { L: 0.5, M: 1, H: 1.51, ND: 1 },
  AR: { L: 0.5, M: 1, H: 1.51, ND: 1 },
};

/** Scores a 2.0 vector; the equations of the CVSS 2.0 guide §3.2. */
export function scoreCvss2(vector: CvssVector): CvssScore {
  const weight = (name: string): number => weights[name]?.[vector.metrics.get(name) ?? "ND"] ?? 0;
  const states = (...names: readonly string[]): boolean => names.some((name) => vector.metrics.has(name));

  const exploitability = 20 * weight("AV") * weight("AC") * weight("Au");
  const impact = 10.41 * (1 - (1 - weight("C")) * (1 - weight("I")) * (1 - weight("A")));
  const temporalFactor = weight("E") * weight("RL") * weight("RC");
  const base = baseEquation(impact, exploitability);
  const temporal = states("E", "RL", "RC") ? tenth(base * temporalFactor) : undefined;
  const environmental = states("CDP", "TD", "CR", "IR", "AR") ? environmentalScore() : undefined;
  return {
    version: "2.0",
    base,
    ...(temporal === undefined ? {} : { temporal }),
    ...(environmental === undefined ? {} : { environmental }),
    overall: environmental ?? temporal ?? base,
    impact: tenth(impact),
    exploitability: tenth(exploitability),
  };

  function environmentalScore(): number {
    const demanded = (impactMetric: string, requirement: string): number =>
      1 - weight(impactMetric) * weight(requirement);
    const adjustedImpact = Math.min(10, 10.41 * (1 - demanded("C", "CR") * demanded("I", "IR") * demanded("A", "AR")));
    const adjustedTemporal = tenth(baseEquation(adjustedImpact, exploitability) * temporalFactor);
    return tenth((adjustedTemporal + (10 - adjustedTemporal) * weight("CDP")) * weight("TD"));
  }
}

function baseEquation(impact: number, exploitability: number): number {
  // Small adjusted impacts take the equation below zero, which is no score.
  return Math.max(0, tenth((0.6 * impact + 0.4 * exploitability - 1.5) * (impact === 0 ? 0 : 1.176)));
}

/** Rounded half up to one decimal; the nudge undoes what binary fractions lose just below a tie. */
function tenth(value: number): number {
  return Math.round(value * 10 + 1e-9) / 10;
}
