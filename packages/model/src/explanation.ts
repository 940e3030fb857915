import type { Finding, PackageRef } from "./finding.ts";
import type { SuppressedFinding } from "./report.ts";

/** One step from a file in the artifact to a finding. */
export interface ExplanationStep {
  readonly step:
    | "evidence"
    | "package"
    | "key"
    | "advisory"
    | "range"
    | "rule"
    | "resource"
    | "severity"
    | "fix"
    | "filters";
  /** One sentence for people. */
  readonly text: string;
}

/** A finding, and step by step why it is there. */
export interface ExplainedFinding {
  readonly finding: Finding;
  /** Who took it out of the results, and why. Absent: it is among the results. */
  readonly suppressed?: Pick<SuppressedFinding, "by" | "reason">;
  readonly steps: readonly ExplanationStep[];
}

/** What kind of reason a {@link RuledOut} gives. */
export type RuledOutCode =
  /** No package that an advisory names is installed. */
  | "not-installed"
  /** Such a package is there under another namespace than the advisory speaks of: another release, another packaging world. */
  | "other-namespace"
  /** The version lies in no affected range. */
  | "not-affected"
  /** The version, or a bound of the advisory, cannot be read: neither affected nor not. */
  | "version-unknown"
  /** The package has no version. */
  | "unversioned"
  /** The entry does not mean this package: another architecture, another module stream. */
  | "rejected"
  /** The package belongs to one of the distribution, whose advisories decide. */
  | "left-to-owner"
  /** The advisory states no vulnerability, such as `unmaintained`. */
  | "informational"
  /** The publisher took the advisory back. */
  | "withdrawn"
  /** The database holds nothing under the id. */
  | "no-advisory"
  /** Packages could not be looked up: distribution, release or ecosystem is not covered. */
  | "not-covered"
  /** These advisories do find it, so the report was made with others or another version of the program. */
  | "found-now"
  /** No advisories were given to look in. */
  | "no-advisories";

/** One reason why something is not among the findings. */
export interface RuledOut {
  readonly code: RuledOutCode;
  /** One sentence for people. */
  readonly message: string;
  readonly advisory?: string;
  readonly package?: PackageRef;
}

/** Why something is among the findings of a report, or why not. Plain data. */
export interface Explanation {
  readonly schemaVersion: 2;
  /** The id that was asked for. */
  readonly id: string;
  readonly artifact: string;
  /** `suppressed`: found, and wholly taken out by rules. */
  readonly verdict: "found" | "suppressed" | "not-found";
  readonly findings: readonly ExplainedFinding[];
  /** Why it is not in other packages, or in none. */
  readonly ruledOut: readonly RuledOut[];
  /** What could not be looked at. Where this is not empty, "not-found" does not prove that it is not there. */
  readonly gaps: readonly string[];
}
