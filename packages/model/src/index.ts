/**
 * The nouns of Plimsoll and its extension points: plain data and small interfaces. What every package asks of other machines goes through its
 * {@link request}, by a `fetch` that callers may replace.
 * @module
 * @example
 * import { compareText, defineVersionScheme } from "@plimsoll/model";
 * const lexical = defineVersionScheme({ id: "lexical", parse: (text) => text, compare: compareText });
 */

// Bytes and calls
export {
  byteStream,
  bytesInMemory,
  isByteInput,
  isByteStream,
  isDigest,
  randomAccess,
  collectBytes,
  firstBytes,
} from "./bytes.ts";
export type { ByteInput, ByteStream, CallOptions, Digest, RandomAccessBytes, WebBlob, WebStream } from "./bytes.ts";
export {
  Patience,
  bodyChunks,
  maxAnswerBytes,
  reasonOf,
  request,
  requestBytes,
  retryAfter,
  transportChecks,
} from "./request.ts";
export type { OutgoingRequest, TransportOptions } from "./request.ts";
export { inTurns, sortedInTurns, sortedSteps, workDone } from "./turns.ts";
export { piecesOf, stepsOf, textInTurns } from "./pieces.ts";
export type { Pieces } from "./pieces.ts";
export { bytesPerStep, WorkBudget } from "./work-budget.ts";
export type { WorkBudgetOptions } from "./work-budget.ts";
export { defaultLimits } from "./limits.ts";
export type { Limits } from "./limits.ts";

// Images
export { formatPlatform, parsePlatform } from "./image.ts";
export type {
  ArtifactKind,
  EntriesOptions,
  EntryAttributes,
  Image,
  ImageConfiguration,
  ImageHistoryEntry,
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
export { isOfRegistry, withTypedFacts } from "./package.ts";
export type { Distro, Evidence, FoundPackage, Origin, Package, PackageLocation } from "./package.ts";
export type { Artifact, ConfigFile, Inventory, InventorySecret, LayerInfo, LicenseText } from "./inventory.ts";

// Detectors, of which ecosystems are one kind: how packages and other things are found, named, ordered and looked up
export { keysOfPackage } from "./ecosystem.ts";
export { compileMatchers, matcherKey } from "./file-matching.ts";
export type { CompiledMatchers } from "./file-matching.ts";
export type {
  AnalyzedFile,
  FileEngine,
  FileRanges,
  KeptRanges,
  ScratchSpace,
  NestedBudget,
  Analyzer,
  DetectedData,
  Detector,
  DetectorObservation,
  DistroObservation,
  Ecosystem,
  FileAnalyzer,
  FileMatcher,
  ForeignDirectory,
  InventoryParts,
  LocatedObservation,
  LookupGap,
  Observation,
  OwnershipObservation,
  PackageObservation,
  PartDetector,
  RetainedFiles,
  Applicability,
  Precedence,
  TreeAnalyzer,
} from "./ecosystem.ts";
export { defineVersionScheme, satisfiesOperators } from "./version.ts";
export type { RangeBound, VersionGrammar, VersionScheme } from "./version.ts";
export { formatVers, parseVers, versContains, versFromNative } from "./vers.ts";
export type { VersConstraint, VersRange } from "./vers.ts";

// Advisories
export { fixStatuses } from "./advisory.ts";
export type {
  Advisory,
  AdvisoryFeed,
  AdvisoryKey,
  AdvisorySeverity,
  AdvisoryStore,
  AffectedPackage,
  AffectedImport,
  AffectedQualifiers,
  AffectedRange,
  Enrichment,
  FeedDocument,
  FeedRecord,
  FixStatus,
  SourceInfo,
} from "./advisory.ts";

// Findings and reports
export { isCve } from "./cve.ts";
export { signalAfter } from "./deadline.ts";
export { findingKinds, licenseCategories, severities } from "./finding.ts";
export type {
  CvssRating,
  Finding,
  FindingHead,
  FindingKind,
  LicenseCategory,
  LicenseFinding,
  MatchExplanation,
  Misconfiguration,
  PackageRef,
  SecretFinding,
  Severity,
  SnippetLine,
  TextEdit,
  TextPosition,
  Vulnerability,
} from "./finding.ts";
export {
  compareFindings,
  compareSeverity,
  findingsOf,
  goesBy,
  isProblem,
  kindsLookedFor,
  listFindings,
  listOfKind,
  located,
  namesOf,
  packageOf,
  scoreOfSeverity,
  subjectOf,
  unratedLeftOut,
} from "./finding-lists.ts";
export type { FindingLists } from "./finding-lists.ts";
export { fingerprintOf, keyedFingerprint } from "./fingerprint.ts";
export { filterIds } from "./report.ts";
export type {
  Coverage,
  CoverageGap,
  CoverageVerdict,
  Exemption,
  FilterId,
  TriageRule,
  TriageRun,
  Report,
  Reporter,
  ReportSet,
  ScannerId,
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
export type { ExplainedFinding, Explanation, ExplanationStep, RuledOut, RuledOutCode } from "./explanation.ts";

// Caches, events, problems
export type { Cache } from "./cache.ts";

// Stores
export type { Attestation, AttestationStore, ReportStore } from "./stores.ts";
export { emitEvent } from "./scan-event.ts";
export type { ScanEvent, ScanListener } from "./scan-event.ts";
export type { Diagnostic, DiagnosticCode, LayerRef, Location } from "./diagnostic.ts";
export { callbackFailed, ScanError, describeFailure } from "./scan-error.ts";
export type { Failure } from "./scan-error.ts";

// Options
export { callChecks, checkOptions, optionIs } from "./option-checks.ts";
export type { OptionCheck, OptionChecks } from "./option-checks.ts";

// Order
export { compareBy, compareText } from "./order.ts";
