/**
 * CVSS 2.0, 3.0, 3.1 and 4.0: vectors read and written, scored, and rated.
 * @module
 * @example
 * import { score, severityOf } from "@plimsoll/cvss";
 * score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")?.base; // 9.8
 * severityOf(9.8); // "CRITICAL"
 */
export { formatVector, parseVector } from "./vector.ts";
export type { CvssVector, CvssVersion, ParseVectorOptions } from "./vector.ts";
export { score } from "./score.ts";
export type { CvssScore } from "./score.ts";
export { severityOf } from "./severity.ts";
export type { CvssSeverity } from "./severity.ts";
