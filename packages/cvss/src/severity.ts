import { score } from "./score.ts";
import type { CvssVersion } from "./vector.ts";

/** The qualitative ratings of CVSS. */
export type CvssSeverity = "CRITICAL" | "HIGH" | "MEDIUM" | "LOW" | "NONE";

/**
 * The rating of a score, or of the whole score of a vector's text; undefined when the vector is not valid or the number is
 * not within 0 to 10. 3.x and 4.0: specification §5 and §6. 2.0 has no ratings of its own and gets those of the NVD, which know
 * neither "critical" nor "none".
 */
export function severityOf(scoreOrVector: number | string, version: CvssVersion = "3.1"): CvssSeverity | undefined {
  if (typeof scoreOrVector === "string") {
    const scored = score(scoreOrVector);
    return scored && severityOf(scored.overall, scored.version);
  }
  if (!(scoreOrVector >= 0 && scoreOrVector <= 10)) return undefined;
  if (version === "2.0") return scoreOrVector >= 7 ? "HIGH" : scoreOrVector >= 4 ? "MEDIUM" : "LOW";
  if (scoreOrVector >= 9) return "CRITICAL";
  if (scoreOrVector >= 7) return "HIGH";
  if (scoreOrVector >= 4) return "MEDIUM";
  return scoreOrVector > 0 ? "LOW" : "NONE";
}
