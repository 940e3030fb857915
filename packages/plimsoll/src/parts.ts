// What both entries re-export, by name: the parts of a scan and its nouns.

export { identifyArtifacts } from "./identify-artifacts.ts";
export { inventoryReport, rematch } from "./scan-image.ts";
export { watchStores } from "./watch-stores.ts";
export type { WatchedChange, WatchedInventories, WatchEvent, WatchOptions } from "./watch-stores.ts";
export type { ScanProgress } from "./event-stream.ts";
export { tool } from "./version.ts";

// Images
export { imageArchive, imageFromRegistry, ociLayout } from "@plimsoll/image";

// Ecosystems
export { defineEcosystem, everyEcosystem, versionScheme } from "@plimsoll/ecosystems";

// Advisories
export { buildStore, feeds, memoryStore, openStore } from "@plimsoll/advisories";

// Findings
export { match } from "@plimsoll/matcher";

// Triage
export { compareReports, failAtOrAbove, ignoreFile, triage, vexDocument } from "@plimsoll/triage";

// Reports and SBOMs
export {
  cyclonedx,
  diffMarkdown,
  diffTable,
  everyReporter,
  explanationText,
  json,
  readReport,
  readSbom,
  reporterFor,
  table,
} from "@plimsoll/report";

// Nouns
export { ScanError } from "@plimsoll/model";
export type {
  Advisory,
  AdvisoryKey,
  AdvisoryStore,
  Cache,
  Coverage,
  Diagnostic,
  Digest,
  Distro,
  Ecosystem,
  FileAnalyzer,
  Finding,
  Image,
  ImageSource,
  Inventory,
  Limits,
  Package,
  Platform,
  TriageRule,
  Report,
  ReportDiff,
  Reporter,
  ScanEvent,
  Severity,
  VersionScheme,
  VulnerabilityAccount,
} from "@plimsoll/model";
