// What both entries re-export, by name: the parts of a scan and its nouns.

export { identifyArtifacts } from "./identify-artifacts.ts";
export { attestedEvidence } from "./attested-evidence.ts";
export type { AttestedEvidence } from "./attested-evidence.ts";
export type { AttestedOption, AttestedOptions } from "./attested-option.ts";
export { inventoryReport, rematch } from "./scan-image.ts";
export { everyScanner } from "./scanners.ts";
export type { ReportOf, Scanned, Scanner } from "./scanners.ts";
export { checkTree } from "./misconfig/scan-configs.ts";
export type { CheckTreeOptions, ConfigTree } from "./misconfig/scan-configs.ts";
export { watchStores } from "./watch-stores.ts";
export type { WatchedChange, WatchedInventories, WatchEvent, WatchOptions } from "./watch-stores.ts";
export type { ScanProgress } from "./event-stream.ts";
export { tool } from "./version.ts";

// Images
export { imageArchive, imageFromRegistry, ociLayout } from "@plimsoll/image";
export type { ImageInput } from "@plimsoll/image";

// Ecosystems
export { defineEcosystem, everyEcosystem, versionScheme } from "@plimsoll/ecosystems";

// Advisories
export { buildStore, feeds, memoryStore, openStore } from "@plimsoll/advisories";

// Findings
export { match } from "@plimsoll/matcher";

// Configurations
export { everyCheck, regoChecks, runChecks, runChecksInTurns, schemasNamedIn } from "@plimsoll/checks";
export type { Check, DocumentCheck, DockerfileCheck, KubernetesCheck } from "@plimsoll/checks";
export { readConfigs } from "@plimsoll/configs";

// Triage
export {
  compareReports,
  compareReportsInTurns,
  failAtOrAbove,
  ignoreFile,
  triage,
  triageInTurns,
  vexDocument,
} from "@plimsoll/triage";

// Reports and SBOMs
export {
  cyclonedx,
  diffMarkdown,
  diffTable,
  everyReporter,
  explanationText,
  json,
  readReport,
  readReportInTurns,
  renderInTurns,
  renderReports,
  readSbom,
  readSbomInTurns,
  reporterFor,
  table,
} from "@plimsoll/report";

// Nouns
export { findingsOf, ScanError, unratedLeftOut } from "@plimsoll/model";
export type * from "./nouns.ts";
