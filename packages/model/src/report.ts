import type { SourceInfo } from "./advisory.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Finding } from "./finding.ts";
import type { Artifact } from "./inventory.ts";
import type { Package } from "./package.ts";

/** What could not be looked at, or not wholly. */
export interface CoverageGap {
  /** A diagnostic or look-up gap code. */
  readonly code: string;
  readonly message: string;
  /** How many packages it concerns, where that can be said. */
  readonly packages?: number;
  readonly path?: string;
}

/** Tells "0 vulnerabilities" from "could not look". */
export interface Coverage {
  /** `unsupported`: nothing could be matched. `partial`: something could not. */
  readonly verdict: "complete" | "partial" | "unsupported";
  readonly gaps: readonly CoverageGap[];
}

/** A finding that a rule took out of the results. */
export interface SuppressedFinding {
  readonly finding: Finding;
  /** The rule's origin: `ignorefile`, `vex`, `severity`, or a triage rule's id; `distribution`: left to the advisories of the package that owns the files. */
  readonly by: string;
  readonly reason: string;
}

/** The JSON report: what `scanImage` resolves to and every reporter renders. Plain data. */
export interface Report {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: string; readonly version: string };
  /** When, RFC 3339. Only when asked for: the same input gives the same bytes. */
  readonly createdAt?: string;
  readonly artifact: Artifact;
  /** Absent: no advisories were given. */
  readonly advisories?: { readonly revision: string; readonly sources: readonly SourceInfo[] };
  readonly packages: readonly Package[];
  /** Absent: nobody looked. Empty: looked, and found nothing. Sorted by severity, id, purl. */
  readonly findings?: readonly Finding[];
  readonly suppressed?: readonly SuppressedFinding[];
  readonly coverage: Coverage;
  readonly diagnostics: readonly Diagnostic[];
}

/** Renders a report in one format. */
export interface Reporter {
  /** As `--format` names it. */
  readonly id: string;
  readonly mediaType: string;
  /** Same report in, same characters out: clock and ids arrive through the report or the reporter's options. */
  render(report: Report): Iterable<string>;
}

/** What a triage rule says about a finding. */
export type Verdict =
  | { readonly kind: "keep" }
  | { readonly kind: "suppress"; readonly by: string; readonly reason: string };

/** What is being judged. */
export interface TriageRun {
  readonly artifact?: Artifact | undefined;
  readonly packages: readonly Package[];
}

/** A pure question about one finding. Undefined: no opinion. */
export interface TriageRule {
  readonly id: string;
  /**
   * A copy that has judged nothing yet, for one run over the findings of one artifact: so one rule value can serve many scans.
   * Absent: the rule keeps no count and looks at nothing but the finding.
   */
  start?(run: TriageRun): TriageRule;
  judge(finding: Finding, pkg: Package | undefined): Verdict | undefined;
  /** Called once after all findings: what the rule wants to tell, such as rules that matched nothing or have expired. */
  remarks?(): readonly Diagnostic[];
}
