import type { Digest } from "./bytes.ts";
import type { Finding, FindingKind } from "./finding.ts";
import type { Coverage } from "./report.ts";

/** What made a finding come, go or change. */
export type DiffCause =
  /** The packages or the files differ: one was added, removed or updated, or is known by other facts. */
  | "inventory"
  /** The advisory data has another revision. */
  | "advisories"
  /** The scanner has another version. */
  | "engine"
  /** A filter, an ignore rule or a VEX statement. */
  | "rules"
  /** Something that reports do not contain, such as the options of the two scans. */
  | "options";

/** A finding that only one of two reports has. */
export interface FindingDifference {
  readonly finding: Finding;
  /** Never empty. Several: the reports alone cannot tell which of them it was. */
  readonly causes: readonly DiffCause[];
  /** One sentence for people. */
  readonly because: string;
}

/** A fact about a finding that both reports have. */
export interface FindingChange {
  readonly fact: "version" | "severity" | "status" | "fixedVersion" | "knownExploited" | "removedIn" | "suppressed";
  /** Absent: there was none. */
  readonly from?: string;
  readonly to?: string;
}

/** A finding of both reports about which they say different things; `finding` is the newer one. */
export interface ChangedFinding extends FindingDifference {
  readonly changes: readonly FindingChange[];
}

/** A package as a comparison names it. */
export interface PackageName {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
}

/** One of the two results that are compared. */
export interface DiffSide {
  readonly name: string;
  readonly digest?: Digest;
  /** Absent: an inventory. */
  readonly tool?: { readonly name: string; readonly version: string };
  /** Revision of the advisory data; absent: nobody looked for vulnerabilities. */
  readonly advisories?: string;
  readonly coverage?: Coverage["verdict"];
}

/** What came, went and changed between two results. Plain data. */
export interface ReportDiff {
  readonly schemaVersion: 2;
  readonly old: DiffSide;
  readonly new: DiffSide;
  /** Sorted by purl. */
  readonly packages: {
    readonly added: readonly PackageName[];
    readonly removed: readonly PackageName[];
    readonly changed: readonly { readonly name: string; readonly from: PackageName; readonly to: PackageName }[];
  };
  /** Findings of the kinds that both sides looked for. Sorted by kind, severity, id, purl or path. Absent: there is no such kind. */
  readonly findings?: {
    readonly kinds: readonly FindingKind[];
    readonly added: readonly FindingDifference[];
    readonly fixed: readonly FindingDifference[];
    readonly changed: readonly ChangedFinding[];
    readonly unchanged: number;
  };
  /** One sentence each: why the comparison is to be taken with care. */
  readonly notes: readonly string[];
}
