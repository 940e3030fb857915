import type { AdvisorySeverity } from "@plimsoll/model";

/** A vector as a severity, by its own prefix; version 2 vectors have none. Undefined for a text that is no vector. */
export function severityOfVector(value: string | undefined, source: string): AdvisorySeverity | undefined {
  if (value === undefined) return undefined;
  const version = /^CVSS:(3\.0|3\.1|4\.0)\//.exec(value)?.[1];
  if (version !== undefined) return { system: `cvss-${version as "3.0" | "3.1" | "4.0"}`, value, source }; // as: matched
  return /^\(?AV:[LAN]\/AC:[HML]\/Au:/.test(value) ? { system: "cvss-2.0", value, source } : undefined;
}

/** CWE ids in the order of their first mention. */
export function cweIds(texts: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== undefined && /^CWE-\d+$/.test(text)))] as string[]; // as: filtered
}
