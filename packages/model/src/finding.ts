import type { FixStatus } from "./advisory.ts";
import type { LayerRef, Location } from "./diagnostic.ts";

/** From worst to least, `UNKNOWN` last. */
export const severities = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "NEGLIGIBLE", "UNKNOWN"] as const;

/** How bad a finding is, from {@link severities}. */
export type Severity = (typeof severities)[number];

/** What kind of thing is wrong, in the order of the lists of a report. */
export const findingKinds = ["vulnerability", "secret", "license", "misconfiguration"] as const;

/** One of {@link findingKinds}. */
export type FindingKind = (typeof findingKinds)[number];

/** One thing that is wrong with an artifact; `kind` tells which of the four it is. */
export type Finding = Vulnerability | SecretFinding | LicenseFinding | Misconfiguration;

/** What findings of every kind say. */
export interface FindingHead {
  /** Id of the vulnerability, the rule, the licence or the check. */
  readonly id: string;
  readonly severity: Severity;
  /** A title of one line. */
  readonly title?: string;
  /** The first of `locations`; absent where there is none. */
  readonly location?: Location;
  /** The places where it was seen; empty where it is in no file. */
  readonly locations: readonly Location[];
  /** Equal for the same finding in another report, also when lines or versions have moved; see `fingerprintOf`. */
  readonly fingerprint: string;
}

/** A CVSS rating as somebody published it. */
export interface CvssRating {
  readonly source: string;
  readonly version: "2.0" | "3.0" | "3.1" | "4.0";
  readonly vector: string;
  /** The score of the whole vector, 0 to 10. */
  readonly score: number;
}

/** Why a vulnerability is said to be there: enough to check it by hand. */
export interface MatchExplanation {
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

/** A package as a finding names it; `id` leads to the package of the report. */
export interface PackageRef {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  /** Id of the ecosystem that found it. Absent: the report is older than this field, and does not list the package. */
  readonly ecosystem?: string;
  /** Where it was found first. */
  readonly path?: string;
}

/** One vulnerability in one package. */
export interface Vulnerability extends FindingHead {
  readonly kind: "vulnerability";
  /** CVE id when there is one, else the advisory's. */
  readonly id: string;
  /** Every other id of the same vulnerability, and of the advisories that reported it. Sorted. */
  readonly aliases: readonly string[];
  readonly package: PackageRef;
  /** The nearest version with the fix that is newer than the installed one. */
  readonly fixedVersion?: string;
  /** All fixed versions that advisories name, in version order. */
  readonly fixedVersions: readonly string[];
  readonly status: FixStatus;
  /** Who stated the severity. */
  readonly severitySource?: string;
  /** Sorted by version descending, then source. */
  readonly cvss: readonly CvssRating[];
  readonly epss?: { readonly probability: number; readonly percentile: number; readonly date: string };
  readonly knownExploited?: { readonly dateAdded: string; readonly dueDate?: string; readonly ransomware?: boolean };
  /** 0 to 100; see `riskScore` in the matcher for the formula. */
  readonly risk?: number;
  readonly description?: string;
  readonly cwes?: readonly string[];
  readonly references: readonly string[];
  readonly published?: string;
  readonly modified?: string;
  /** The layer that introduced the package. */
  readonly layer?: LayerRef & { readonly createdBy?: string };
  readonly explanation: MatchExplanation;
}

/** A password, key or token in a file. Never holds the secret itself. */
export interface SecretFinding extends FindingHead {
  readonly kind: "secret";
  /** Id of the rule: `aws-access-key-id`. */
  readonly id: string;
  /** Ids that other scanners give the same rule. */
  readonly aliases?: readonly string[];
  /** Whose secret it is: `AWS`. */
  readonly category: string;
  readonly title: string;
  /** The layer that removed or replaced the file; the secret can be read in the layers below all the same. */
  readonly removedIn?: LayerRef & { readonly createdBy?: string };
  /** The line, with every character of the secret replaced by `*`. */
  readonly match: string;
  readonly explanation: {
    /** Id of the rule. */
    readonly rule: string;
    /** The word that made the rule look closer. */
    readonly keyword?: string;
    readonly notes?: readonly string[];
  };
}

/** What a licence asks of those who use the software, from strictest to least; `unknown`: nobody has said. */
export const licenseCategories = [
  "forbidden",
  "restricted",
  "reciprocal",
  "notice",
  "permissive",
  "unencumbered",
  "unknown",
] as const;

/** One of {@link licenseCategories}. */
export type LicenseCategory = (typeof licenseCategories)[number];

/** A licence that a package or a file is under, where it matters. */
export interface LicenseFinding extends FindingHead {
  readonly kind: "license";
  /** SPDX id or expression; `LicenseRef-…` for licences that have none. */
  readonly id: string;
  readonly category: LicenseCategory;
  /** 0 to 1: how sure it is that the text is this licence; 1 for what a package states. */
  readonly confidence: number;
  /** Whose licence it is. Absent: that of a file which belongs to no package. */
  readonly package?: PackageRef;
  /** Lines of the file that say whose work it is; at most 50. */
  readonly copyrights?: readonly string[];
  readonly explanation: {
    /** `statement`: the package states it. `text`: a file has its text. */
    readonly source: "statement" | "text";
    /** The statement as it was written. */
    readonly statement?: string;
    readonly notes?: readonly string[];
  };
}

/** The result of a check, a policy or a benchmark for one setting. */
export interface Misconfiguration extends FindingHead {
  readonly kind: "misconfiguration";
  /** What evaluated it. */
  readonly engine: "checks" | "rego" | "audit" | "gatekeeper" | "cis" | "probes";
  /** What the check looked at. */
  readonly subject: "file" | "image-config" | "object" | "node" | "endpoint" | "cloud";
  /** Id of the check: `DS-0002`. */
  readonly id: string;
  /** Ids that other scanners give the same check. */
  readonly aliases?: readonly string[];
  /** `manual`: a person has to look. `unknown`: it could not be told, which is a gap of the coverage too. */
  readonly status: "fail" | "pass" | "manual" | "unknown";
  /** How the audit of workloads rates it. Absent for other engines. */
  readonly level?: "error" | "warning" | "info";
  readonly title: string;
  /** What is wrong here, in one sentence. */
  readonly message: string;
  /** What the check is about. */
  readonly description?: string;
  /** What to do about it. */
  readonly resolution?: string;
  readonly references: readonly string[];
  /** What it is about: a Dockerfile, an object of a cluster, a bucket. */
  readonly resource: { readonly type: string; readonly name: string; readonly namespace?: string };
  /** The lines it is about, with secrets replaced by `*`. */
  readonly snippet?: readonly SnippetLine[];
  /** Edits of the file that mend it. */
  readonly fix?: { readonly edits: readonly TextEdit[] };
  readonly explanation: {
    /** The rule in words, or the query that decided: `data.builtin.dockerfile.DS002.deny`. */
    readonly rule: string;
    readonly notes?: readonly string[];
  };
}

/** A line of a file. */
export interface SnippetLine {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
  /** Whether it is among those that cause the finding. */
  readonly cause?: boolean;
}

/** A place in a text; both numbers are 1-based, columns count UTF-16 code units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Replaces what is from `start` (inclusive) to `end` (exclusive) by `text`. */
export interface TextEdit {
  readonly path: string;
  readonly start: TextPosition;
  readonly end: TextPosition;
  readonly text: string;
}
