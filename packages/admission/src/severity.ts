/** From the least to the worst, as Grafeas orders them; `NEGLIGIBLE`, which Plimsoll's reports say, is its MINIMAL. */
const ranks: ReadonlyMap<string, number> = new Map([
  ["MINIMAL", 1],
  ["NEGLIGIBLE", 1],
  ["LOW", 2],
  ["MEDIUM", 3],
  ["HIGH", 4],
  ["CRITICAL", 5],
]);

/** What a policy allows: every severity up to one, all of them, or none. */
export type Threshold = "ALLOW_ALL" | "BLOCK_ALL" | "MINIMAL" | "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";

/** Names of vulnerabilities whose severity nobody stated. */
const unstated: ReadonlySet<string> = new Set(["UNKNOWN", "SEVERITY_UNSPECIFIED"]);

/** Whether a text is a threshold. */
export function isThreshold(text: string): text is Threshold {
  return text === "ALLOW_ALL" || text === "BLOCK_ALL" || (ranks.has(text) && text !== "NEGLIGIBLE");
}

/** Whether a text is a severity that a vulnerability can have. */
export function isSeverity(text: string): boolean {
  return ranks.has(text) || unstated.has(text);
}

/** Whether a severity is not worse than the threshold. `UNKNOWN` passes `ALLOW_ALL` only. */
export function isWithin(severity: string, maximum: Threshold): boolean {
  if (maximum === "ALLOW_ALL") return true;
  const rank = ranks.get(severity);
  return rank !== undefined && rank <= (ranks.get(maximum) ?? 0);
}

/** The mildest threshold that a severity passes. */
export function mildestFor(severity: string): Threshold {
  const name = severity === "NEGLIGIBLE" ? "MINIMAL" : severity;
  return ranks.has(name) && isThreshold(name) ? name : "ALLOW_ALL";
}
