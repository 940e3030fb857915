/**
 * The nouns of Plimsoll and its extension points: plain data and small interfaces, no I/O.
 * @module
 * @example
 * import { compareText, defineVersionScheme } from "@plimsoll/model";
 * const lexical = defineVersionScheme({ id: "lexical", parse: (text) => text, compare: compareText });
 */

// Bytes and calls
export type { ByteStream, CallOptions, Digest, RandomAccessBytes } from "./bytes.ts";
export { defaultLimits } from "./limits.ts";
export type { Limits } from "./limits.ts";

// Images
export { formatPlatform, parsePlatform } from "./image.ts";
export type {
  ArtifactKind,
  EntriesOptions,
  Image,
  ImageSource,
  Layer,
  LayerEntry,
  LayerFile,
  OpenOptions,
  Platform,
} from "./image.ts";

// Files
export type { FileTree, TreeEntry } from "./file-tree.ts";

// Packages and inventories
export type { Distro, Evidence, FoundPackage, Package, PackageLocation } from "./package.ts";
export type { Artifact, Inventory, LayerInfo } from "./inventory.ts";

// Ecosystems: how packages are found, named, ordered and looked up
export type {
  AnalyzedFile,
  Analyzer,
  DistroObservation,
  Ecosystem,
  FileAnalyzer,
  FileMatcher,
  ForeignDirectory,
  ImageAnalyzer,
  LocatedObservation,
  LookupGap,
  Observation,
  OwnershipObservation,
  PackageObservation,
  RetainedFiles,
} from "./ecosystem.ts";
export { defineVersionScheme, satisfiesOperators } from "./version.ts";
export type { RangeBound, VersionGrammar, VersionScheme } from "./version.ts";
export { formatVers, parseVers, versContains, versFromNative } from "./vers.ts";
export type { VersConstraint, VersRange } from "./vers.ts";

// Advisories
export type {
  Advisory,
  AdvisoryFeed,
  AdvisoryKey,
  AdvisorySeverity,
  AdvisoryStore,
  AffectedPackage,
  AffectedRange,
  Enrichment,
  FeedDocument,
  FeedRecord,
  FixStatus,
  SourceInfo,
} from "./advisory.ts";

// Findings and reports
export { severities } from "./finding.ts";
export type { CvssRating, Explanation, Finding, Severity } from "./finding.ts";
export type {
  Coverage,
  CoverageGap,
  TriageRule,
  TriageRun,
  Report,
  Reporter,
  SuppressedFinding,
  Verdict,
} from "./report.ts";

// What is told about reports
export type {
  ChangedFinding,
  DiffCause,
  DiffSide,
  FindingChange,
  FindingDifference,
  PackageName,
  ReportDiff,
} from "./report-diff.ts";
export type { AccountStep, FindingAccount, RuledOut, RuledOutCode, VulnerabilityAccount } from "./account.ts";

// Caches, events, problems
export type { Cache } from "./cache.ts";
export type { ScanEvent, ScanListener } from "./scan-event.ts";
export type { Diagnostic, DiagnosticCode, LayerRef, Location } from "./diagnostic.ts";
export { ScanError, describeFailure } from "./scan-error.ts";
export type { Failure } from "./scan-error.ts";

// Order
export { compareBy, compareText } from "./order.ts";
