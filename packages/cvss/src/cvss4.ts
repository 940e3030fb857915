import { cvssLookup_globalV4, maxComposed, maxSeverityV4 } from "cvss4";
import { metricTable } from "./metric-table.ts";
import type { CvssScore } from "./score.ts";
import type { CvssVector } from "./vector.ts";

/** How far each value is from the worst one of its metric, in steps; CVSS 4.0 §8.3. */
const steps: Readonly<Record<string, string>> = {
  AV: "NALP",
  PR: "NLH",
  UI: "NPA",
  AC: "LH",
  AT: "NP",
  VC: "HLN",
  VI: "HLN",
  VA: "HLN",
  SC: "SHLN",
  SI: "SHLN",
  SA: "SHLN",
  CR: "HML",
  IR: "HML",
  AR: "HML",
};

type Levels = readonly [number, number, number, number, number, number];

/** The metrics whose distances each equivalence class adds up; EQ3 and EQ6 are one, EQ5 has no distance within. */
const members = {
  eq1: ["AV", "PR", "UI"],
  eq2: ["AC", "AT"],
  eq3eq6: ["VC", "VI", "VA", "CR", "IR", "AR"],
  eq4: ["SC", "SI", "SA"],
} as const;

/**
 * Scores a 4.0 vector by interpolating between MacroVectors, CVSS 4.0 specification §8. The tables are those of the cvss4
 * package; the arithmetic is ours because the package rounds ties such as 5.65 down.
 */
export function scoreCvss4(vector: CvssVector): CvssScore {
  const base = scoreMetrics(only(vector, (name) => baseMetrics.has(name)));
  const threat = scoreMetrics(only(vector, (name) => baseMetrics.has(name) || name === "E"));
  const overall = scoreMetrics(vector.metrics);
  return { version: "4.0", base, threat, nomenclature: nomenclatureOf(vector), overall };
}

function only(vector: CvssVector, wanted: (name: string) => boolean): ReadonlyMap<string, string> {
  return new Map([...vector.metrics].filter(([name]) => wanted(name)));
}

/** Metrics that are stated as not defined say nothing; supplemental ones never count. */
function nomenclatureOf(vector: CvssVector): NonNullable<CvssScore["nomenclature"]> {
  const defined = new Set([...vector.metrics].filter(([, value]) => value !== "X").map(([name]) => name));
  const environment = metricTable["4.0"].some(({ name, group }) => group === "environmental" && defined.has(name));
  if (defined.has("E")) return environment ? "CVSS-BTE" : "CVSS-BT";
  return environment ? "CVSS-BE" : "CVSS-B";
}

const baseMetrics: ReadonlySet<string> = new Set("AV AC AT PR UI VC VI VA SC SI SA".split(" "));

function scoreMetrics(stated: ReadonlyMap<string, string>): number {
  const value = (name: string): string => effective(stated, name);
  if (["VC", "VI", "VA", "SC", "SI", "SA"].every((name) => value(name) === "N")) return 0;
  const levels = macroVector(value);
  const top = lookup(levels) ?? 0;

  const [eq1, eq2, eq3, eq4, eq5, eq6] = levels;
  const distances = severityDistances(levels, value);
  // Each class: how much the score falls to the next lower MacroVector, and how much of that way this vector has gone.
  const falls: readonly (readonly [next: number | undefined, distance: number, depth: number])[] = [
    [lookup([eq1 + 1, eq2, eq3, eq4, eq5, eq6]), distances.eq1, depth("eq1", eq1)],
    [lookup([eq1, eq2 + 1, eq3, eq4, eq5, eq6]), distances.eq2, depth("eq2", eq2)],
    [nextBelowEq3Eq6(levels), distances.eq3eq6, depthEq3Eq6(eq3, eq6)],
    [lookup([eq1, eq2, eq3, eq4 + 1, eq5, eq6]), distances.eq4, depth("eq4", eq4)],
    [lookup([eq1, eq2, eq3, eq4, eq5 + 1, eq6]), 0, 1],
  ];
  const existing = falls.flatMap(([next, distance, classDepth]) =>
    next === undefined ? [] : [((top - next) * distance) / classDepth],
  );
  const mean = existing.length === 0 ? 0 : existing.reduce((sum, fall) => sum + fall, 0) / existing.length;
  // The nudge keeps exact ties from falling to binary fractions; it is the reference calculator's.
  return Math.round((Math.min(10, Math.max(0, top - mean)) + 1e-6) * 10) / 10;
}

/** The value that counts: modified over base, and "not defined" read as the worst case, §4.1 and §4.2. */
function effective(stated: ReadonlyMap<string, string>, name: string): string {
  const own = stated.get(name);
  if (name === "E") return own === undefined || own === "X" ? "A" : own;
  if (name === "CR" || name === "IR" || name === "AR") return own === undefined || own === "X" ? "H" : own;
  const modified = stated.get(`M${name}`);
  return modified === undefined || modified === "X" ? (own ?? "N") : modified;
}

/** The level of each of the six equivalence classes, 0 is the worst; tables 24 to 29 of the specification. */
function macroVector(value: (name: string) => string): Levels {
  const is = (name: string, wanted: string): boolean => value(name) === wanted;
  const reach = [is("AV", "N"), is("PR", "N"), is("UI", "N")];
  const eq1 = reach.every(Boolean) ? 0 : reach.some(Boolean) && !is("AV", "P") ? 1 : 2;
  const eq2 = is("AC", "L") && is("AT", "N") ? 0 : 1;
  const eq3 = is("VC", "H") && is("VI", "H") ? 0 : is("VC", "H") || is("VI", "H") || is("VA", "H") ? 1 : 2;
  const eq4 = is("SI", "S") || is("SA", "S") ? 0 : is("SC", "H") || is("SI", "H") || is("SA", "H") ? 1 : 2;
  const eq5 = is("E", "A") ? 0 : is("E", "P") ? 1 : 2;
  const demanded = (["C", "I", "A"] as const).some((letter) => is(`${letter}R`, "H") && is(`V${letter}`, "H"));
  return [eq1, eq2, eq3, eq4, eq5, demanded ? 0 : 1];
}

function lookup(levels: Levels): number | undefined {
  const table: Readonly<Record<string, number>> = cvssLookup_globalV4;
  return table[levels.join("")];
}

/** EQ3 and EQ6 fall together; where two MacroVectors lie below, the higher score counts. */
function nextBelowEq3Eq6([eq1, eq2, eq3, eq4, eq5, eq6]: Levels): number | undefined {
  const at = (third: number, sixth: number): number | undefined => lookup([eq1, eq2, third, eq4, eq5, sixth]);
  if (eq3 === 0 && eq6 === 0) return Math.max(at(0, 1) ?? 0, at(1, 0) ?? 0);
  if (eq3 === 1 && eq6 === 0) return at(1, 1);
  return at(eq3 + 1, eq6);
}

function severityDistances(
  levels: Levels,
  value: (name: string) => string,
): Readonly<Record<keyof typeof members, number>> {
  const distanceTo = (worst: ReadonlyMap<string, string>, names: readonly string[]): number | undefined => {
    let sum = 0;
    for (const name of names) {
      const order = steps[name] ?? "";
      const distance = order.indexOf(value(name)) - order.indexOf(worst.get(name) ?? "");
      if (distance < 0) return undefined;
      sum += distance;
    }
    return sum;
  };
  // A class has several worst vectors; the first one that this vector does not exceed is measured from.
  const nearest = (worstVectors: readonly string[], names: readonly string[]): number => {
    for (const text of worstVectors) {
      const distance = distanceTo(metricsOf(text), names);
      if (distance !== undefined) return distance;
    }
    return 0;
  };
  const [eq1, eq2, eq3, eq4, , eq6] = levels;
  const maxima: WorstVectors = maxComposed;
  return {
    eq1: nearest(maxima.eq1[eq1] ?? [], members.eq1),
    eq2: nearest(maxima.eq2[eq2] ?? [], members.eq2),
    eq3eq6: nearest(maxima.eq3[eq3]?.[eq6] ?? [], members.eq3eq6),
    eq4: nearest(maxima.eq4[eq4] ?? [], members.eq4),
  };
}

interface WorstVectors {
  readonly eq1: Readonly<Record<number, readonly string[]>>;
  readonly eq2: Readonly<Record<number, readonly string[]>>;
  readonly eq3: Readonly<Record<number, Readonly<Record<number, readonly string[]>>>>;
  readonly eq4: Readonly<Record<number, readonly string[]>>;
}

function metricsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .split("/")
      .filter((part) => part !== "")
      .map((part) => {
        const [name = "", value = ""] = part.split(":");
        return [name, value] as const;
      }),
  );
}

interface Depths {
  readonly eq1: Readonly<Record<number, number>>;
  readonly eq2: Readonly<Record<number, number>>;
  readonly eq3eq6: Readonly<Record<number, Readonly<Record<number, number>>>>;
  readonly eq4: Readonly<Record<number, number>>;
}

const depths: Depths = maxSeverityV4;

function depth(name: "eq1" | "eq2" | "eq4", level: number): number {
  return depths[name][level] ?? 1;
}

function depthEq3Eq6(eq3: number, eq6: number): number {
  return depths.eq3eq6[eq3]?.[eq6] ?? 1;
}
