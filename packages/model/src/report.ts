import type { SourceInfo } from "./advisory.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type {
  Finding,
  FindingKind,
  LicenseFinding,
  Misconfiguration,
  SecretFinding,
  Vulnerability,
} from "./finding.ts";
import type { Artifact } from "./inventory.ts";
import type { Package } from "./package.ts";

/** What looks for findings of one kind, as `--scanners` names it. */
export type ScannerId = "vuln" | "secret" | "license" | "misconfig" | "rbac";

/** What could not be looked at, or not wholly. */
export interface CoverageGap {
  /** Whose gap it is. Absent: it concerns all of them. */
  readonly scanner?: ScannerId;
  /** A diagnostic or look-up gap code. */
  readonly code: string;
  readonly message: string;
  /** How many packages it concerns, where that can be said. */
  readonly packages?: number;
  readonly path?: string;
}

/** `unsupported`: nothing could be looked at. `partial`: something could not. */
export type CoverageVerdict = "complete" | "partial" | "unsupported";

/** Tells "0 findings" from "could not look". */
export interface Coverage {
  /** The worst of the scanners' verdicts. */
  readonly verdict: CoverageVerdict;
  /** How much each scanner that ran could look at. Absent: the report is older than this field. */
  readonly scanners?: Readonly<Partial<Record<ScannerId, CoverageVerdict>>>;
  readonly gaps: readonly CoverageGap[];
}

/** Ids of the plain filters, as `by` of what they left out has them. They choose what a reader wants to see and judge nothing. */
export const filterIds = ["ignore-unfixed", "ignore-status", "package-types", "ignore-paths", "severity"] as const;

/** One of {@link filterIds}. */
export type FilterId = (typeof filterIds)[number];

/** A finding that a rule took out of the results, and what that rule says. */
export interface SuppressedFinding extends Exemption {
  readonly finding: Finding;
}

/** A reason why something that would count against an artifact does not, and how far it goes. */
export interface Exemption {
  /** The rule's origin: `ignorefile`, `vex`, `severity`, or a triage rule's id; `distribution`: left to the advisories of the package that owns the files. */
  readonly by: string;
  readonly reason: string;
  /** What it applies to, for people: `CVE-2020-1 in pkg:npm/left`. */
  readonly scope?: string;
  /** When it ends: a date or RFC 3339, as written. */
  readonly expires?: string;
  /** Where the rule is written: `.trivyignore, line 3`. */
  readonly origin?: string;
}

/** The JSON report: what `scanImage` resolves to and every reporter renders. Plain data. */
export interface Report {
  readonly schemaVersion: 2;
  readonly tool: { readonly name: string; readonly version: string };
  /** When, RFC 3339. Only when asked for: the same input gives the same bytes. */
  readonly createdAt?: string;
  readonly artifact: Artifact;
  /** Absent: no advisories were given. */
  readonly advisories?: {
    readonly revision: string;
    readonly sources: readonly SourceInfo[];
    /** Ids of the sources that may speak of the packages. Absent: the report is older than this field, or nobody looked for vulnerabilities. */
    readonly asked?: readonly string[];
  };
  readonly packages: readonly Package[];
  // Of each list: absent, nobody looked; empty, looked and found nothing. Sorted by severity, id, purl or path.
  readonly vulnerabilities?: readonly Vulnerability[];
  readonly secrets?: readonly SecretFinding[];
  readonly licenses?: readonly LicenseFinding[];
  readonly misconfigurations?: readonly Misconfiguration[];
  readonly suppressed?: readonly SuppressedFinding[];
  readonly coverage: Coverage;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reports that belong together: of the images of a cluster, the platforms of an image, a fleet. Plain data. */
export interface ReportSet {
  readonly schemaVersion: 2;
  readonly kind: "report-set";
  /** What they are of: `{ kind: "image", name: "alpine:3.20" }`. */
  readonly subject: { readonly kind: string; readonly name: string };
  /** Sorted by the name of the artifact, then its platform and digest. */
  readonly reports: readonly Report[];
}

/** Renders a report in one format. */
export interface Reporter {
  /** As `--format` names it. */
  readonly id: string;
  readonly mediaType: string;
  /** The kinds of findings that the format has a place for; all others are left out, and the caller that renders should say so. */
  readonly shows: readonly FindingKind[];
  /**
   * Same report in, same characters out: clock and ids arrive through the report or the reporter's options. What takes long before a piece
   * is told by `Pieces`, so that servers can let others have their turns.
   */
  render(report: Report): Iterable<string>;
  /** Renders reports that belong together as one document. Absent: the format has no place for more than one. */
  renderSet?(set: ReportSet): Iterable<string>;
}

/** What a triage rule says about a finding. */
export type Verdict = { readonly kind: "keep" } | ({ readonly kind: "suppress" } & Exemption);

/** What is being judged. */
export interface TriageRun {
  readonly artifact?: Artifact | undefined;
  readonly packages: readonly Package[];
}

/** Decides about one finding of any kind, without side effects. `judge` returns undefined where the rule does not apply. */
export interface TriageRule {
  readonly id: string;
  /**
   * A copy that has judged nothing yet, for one run over the findings of one artifact: so one rule value can serve many scans.
   * Absent: the rule keeps no count and looks at nothing but the finding.
   */
  start?(run: TriageRun): TriageRule;
  judge(finding: Finding, pkg: Package | undefined): Verdict | undefined;
  /** Called once, after all findings: problems of the rule itself, such as entries that matched nothing or have expired. */
  remarks?(): readonly Diagnostic[];
}
