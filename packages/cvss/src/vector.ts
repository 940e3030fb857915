import { metricTable } from "./metric-table.ts";
import type { MetricRule } from "./metric-table.ts";

/** The versions this package scores. */
export type CvssVersion = "2.0" | "3.0" | "3.1" | "4.0";

/** A valid vector taken apart. */
export interface CvssVector {
  readonly version: CvssVersion;
  /** The metrics that the text states, in canonical order. Metrics left out are absent, not "not defined". */
  readonly metrics: ReadonlyMap<string, string>;
}

/** How strictly {@link parseVector} reads. */
export interface ParseVectorOptions {
  /**
   * `specified` (default): as the version's specification demands; 2.0 and 4.0 fix the order of metrics, and 2.0 takes the
   * temporal and environmental groups whole or not at all. `any`: whatever order, groups as given; published data needs it.
   */
  readonly order?: "specified" | "any" | undefined;
}

/** No valid vector is longer; what is, is not looked at. */
const maxLength = 1024;

const prefixes: readonly (readonly [prefix: string, version: CvssVersion])[] = [
  ["CVSS:3.1/", "3.1"],
  ["CVSS:3.0/", "3.0"],
  ["CVSS:4.0/", "4.0"],
];

/**
 * Reads a vector of any version; undefined when it is not valid: unknown, repeated or missing metrics, values that the metric
 * does not have, another order than the specification's. 2.0 vectors carry no prefix.
 */
export function parseVector(text: string, options: ParseVectorOptions = {}): CvssVector | undefined {
  if (text.length > maxLength) return undefined;
  const [prefix, version] = prefixes.find(([start]) => text.startsWith(start)) ?? (["", "2.0"] as const);
  const stated = statedMetrics(text.slice(prefix.length), metricTable[version]);
  if (stated === undefined) return undefined;
  if (options.order !== "any" && !followsSpecification(version, stated)) return undefined;
  const metrics = new Map<string, string>();
  for (const { name } of metricTable[version]) {
    const value = stated.get(name);
    if (value !== undefined) metrics.set(name, value);
  }
  return { version, metrics };
}

/** The canonical text of a vector: prefix, specified order, exactly the metrics that were stated. */
export function formatVector(vector: CvssVector): string {
  const prefix = vector.version === "2.0" ? [] : [`CVSS:${vector.version}`];
  const metrics = metricTable[vector.version].flatMap(({ name }) => {
    const value = vector.metrics.get(name);
    return value === undefined ? [] : [`${name}:${value}`];
  });
  return [...prefix, ...metrics].join("/");
}

function statedMetrics(text: string, table: readonly MetricRule[]): ReadonlyMap<string, string> | undefined {
  const stated = new Map<string, string>();
  for (const part of text.split("/")) {
    const colon = part.indexOf(":");
    const name = part.slice(0, Math.max(colon, 0));
    const value = part.slice(colon + 1);
    const rule = table.find((candidate) => candidate.name === name);
    if (rule === undefined || stated.has(name) || !rule.values.includes(value)) return undefined;
    stated.set(name, value);
  }
  return table.every(({ name, required }) => !required || stated.has(name)) ? stated : undefined;
}

function followsSpecification(version: CvssVersion, stated: ReadonlyMap<string, string>): boolean {
  // CVSS 3.0 and 3.1 §6: "metrics may be written in any order".
  if (version === "3.0" || version === "3.1") return true;
  const table = metricTable[version];
  const canonical = table.filter(({ name }) => stated.has(name));
  const ordered = [...stated.keys()].every((name, index) => canonical[index]?.name === name);
  return ordered && (version === "4.0" || groupsAreWhole(table, stated));
}

/** CVSS 2.0 guide §2.4 knows the vectors of base, base and temporal, and so on: each group with all of its metrics. */
function groupsAreWhole(table: readonly MetricRule[], stated: ReadonlyMap<string, string>): boolean {
  return (["temporal", "environmental"] as const).every((group) => {
    const members = table.filter((rule) => rule.group === group);
    const count = members.filter(({ name }) => stated.has(name)).length;
    return count === 0 || count === members.length;
  });
}
