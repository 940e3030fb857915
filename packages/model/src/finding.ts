import type { FixStatus } from "./advisory.ts";
import type { LayerRef } from "./diagnostic.ts";

/** From worst to least, `UNKNOWN` last. */
export const severities = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "NEGLIGIBLE", "UNKNOWN"] as const;

export type Severity = (typeof severities)[number];

/** A CVSS rating as somebody published it. */
export interface CvssRating {
  readonly source: string;
  readonly version: "2.0" | "3.0" | "3.1" | "4.0";
  readonly vector: string;
  /** 0 to 10, of the whole vector. */
  readonly score: number;
}

/** Why a finding is there: enough to check it by hand. */
export interface Explanation {
  /** The namespace and name the package was looked up under. */
  readonly key: { readonly namespace: string; readonly name: string };
  /** The version that was compared: the source package's for most distributions. */
  readonly comparedVersion: string;
  /** Id of the advisory that decided. */
  readonly advisory: string;
  /** The range or list that holds the version, readable: `>= 0, < 1.1.22-r4`. */
  readonly range: string;
  /** Id of the version scheme that compared. */
  readonly scheme: string;
  /** `exact`: package identity and version are certain. `approximate`: one of them is a heuristic. */
  readonly confidence: "exact" | "approximate";
  /** Further steps worth telling: severity choice, ownership, other advisories that agree or disagree. */
  readonly notes?: readonly string[];
}

/** One vulnerability in one package. */
export interface Finding {
  /** CVE id when there is one, else the advisory's. */
  readonly id: string;
  /** Every other id of the same vulnerability, and of the advisories that reported it. Sorted. */
  readonly aliases: readonly string[];
  readonly package: { readonly id: string; readonly name: string; readonly version: string; readonly purl: string };
  /** The nearest version with the fix that is newer than the installed one. */
  readonly fixedVersion?: string;
  /** All fixed versions that advisories name, in version order. */
  readonly fixedVersions: readonly string[];
  readonly status: FixStatus;
  readonly severity: Severity;
  /** Who said so. */
  readonly severitySource?: string;
  /** Sorted by version descending, then source. */
  readonly cvss: readonly CvssRating[];
  readonly epss?: { readonly probability: number; readonly percentile: number; readonly date: string };
  readonly knownExploited?: { readonly dateAdded: string; readonly dueDate?: string; readonly ransomware?: boolean };
  /** 0 to 100; see `riskScore` in the matcher for the formula. */
  readonly risk?: number;
  readonly title?: string;
  readonly description?: string;
  readonly cwes?: readonly string[];
  readonly references: readonly string[];
  readonly published?: string;
  readonly modified?: string;
  /** The layer that introduced the package. */
  readonly layer?: LayerRef & { readonly createdBy?: string };
  readonly explanation: Explanation;
}
