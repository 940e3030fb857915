/**
 * Reports and SBOMs, out and in: one folder per format.
 * @module
 * @example
 * import { cyclonedx } from "@plimsoll/report";
 * for (const text of cyclonedx({ specVersion: "1.6" }).render(report)) console.log(text);
 */

// For people
export { html } from "./html/index.ts";
export type { HtmlOptions } from "./html/index.ts";
export { markdown } from "./markdown/index.ts";
export type { MarkdownOptions } from "./markdown/index.ts";
export { table } from "./table/index.ts";
export type { TableOptions } from "./table/index.ts";
export { template } from "./template/index.ts";
export type { TemplateOptions } from "./template/index.ts";

// For programs
export { csv } from "./csv/index.ts";
export { json } from "./json/index.ts";

// For services
export { cosignVuln } from "./cosign-vuln/index.ts";
export { github } from "./github/index.ts";
export type { GitHubOptions } from "./github/index.ts";
export { githubAnnotations } from "./github-annotations/index.ts";
export { gitlab } from "./gitlab/index.ts";
export { notices } from "./notices/index.ts";
export type { NoticesOptions } from "./notices/index.ts";
export { gitlabSecrets } from "./gitlab-secrets/index.ts";
export { junit } from "./junit/index.ts";
export { openvex } from "./openvex/index.ts";
export type { OpenVexOptions } from "./openvex/index.ts";
export { sarif } from "./sarif/index.ts";

// Reports in, and what is told about them
export { isReportOrInventory, readReport, readReportInTurns } from "./json/read.ts";
export type { ReadReportOptions } from "./json/read.ts";
export { diffMarkdown, diffTable } from "./diff-report.ts";
export type { DiffTableOptions } from "./diff-report.ts";
export { explanationText } from "./explanation-text.ts";
export type { ExplanationTextOptions } from "./explanation-text.ts";

// SBOMs out
export { cyclonedx } from "./cyclonedx/index.ts";
export type { CycloneDxOptions, CycloneDxVersion } from "./cyclonedx/index.ts";
export { spdx } from "./spdx/index.ts";
export type { SpdxOptions } from "./spdx/index.ts";
export { spdx3 } from "./spdx3/index.ts";

// SBOMs in
export { readSbom, readSbomInTurns } from "./read-sbom.ts";
export type { ReadSbomOptions } from "./read-sbom.ts";

// By name
export { everyReporter, formatVersions, packageFormats, reporterFor, splitFormat } from "./reporters.ts";
export { jsonText } from "./shared/json-text.ts";
export { renderInTurns } from "./render-in-turns.ts";
export { renderReports } from "./render-set.ts";
export { leftOutSentence } from "./shared/left-out.ts";
export { visibleText } from "./shared/visible-text.ts";
export { writeXml, xml } from "./shared/xml.ts";
export type { XmlChild, XmlElement } from "./shared/xml.ts";
export type { ReporterOptions } from "./reporters.ts";
export type { CompareVersions } from "./shared/upgrade-advice.ts";
