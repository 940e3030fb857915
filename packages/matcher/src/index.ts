/**
 * Packages and advisories to findings: which are affected, by what, how badly, and what fixes them. Knows no ecosystem by name.
 * @module
 * @example
 * import { match } from "@plimsoll/matcher";
 * const { vulnerabilities, coverage } = await match(inventory, store, { ecosystems });
 */
export { match } from "./match.ts";
export type { MatchOptions, MatchResult } from "./match.ts";

// Why not
export { ruleOut } from "./rule-out.ts";

// The steps, for tools that need one alone
export { describeRange, judgeVersion } from "./affected.ts";
export type { AffectedVerdict } from "./affected.ts";
export { nearestFix } from "./fixes.ts";
export { chooseSeverity } from "./severity.ts";
export type { ChosenSeverity, StatedSeverities } from "./severity.ts";
export { riskScore } from "./risk.ts";
export { packageRefOf } from "./vulnerability.ts";
export { withEndOfLife } from "./end-of-life.ts";
export { joinById, spokenOf } from "./vulnerability-ids.ts";
export type { AdvisoryIdentity, SpokenOf } from "./vulnerability-ids.ts";
