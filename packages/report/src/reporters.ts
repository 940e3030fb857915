import { checkOptions, optionIs, ScanError, type OptionChecks, type Reporter } from "@plimsoll/model";
import * as registry from "./format-registry.ts";
import type { GitHubOptions } from "./github/index.ts";
import type { HtmlOptions } from "./html/index.ts";
import type { MarkdownOptions } from "./markdown/index.ts";
import type { NoticesOptions } from "./notices/index.ts";
import type { OpenVexOptions } from "./openvex/index.ts";
import type { ReportFormat } from "./shared/report-format.ts";
import type { TableOptions } from "./table/index.ts";
import type { TemplateOptions } from "./template/index.ts";

/** The options of all formats together, for callers that choose a format by name; each format uses its own and ignores the others. */
export interface ReporterOptions
  extends TableOptions, GitHubOptions, HtmlOptions, MarkdownOptions, NoticesOptions, OpenVexOptions, TemplateOptions {
  /** Version of the standard, for formats that are written in several. Absent: the one most tools read. */
  readonly specVersion?: string | undefined;
}

const everyFormat: readonly ReportFormat<ReporterOptions>[] = Object.values(registry).flat();

/** The versions of the standard that a format can be written in, for formats that have some. */
export const formatVersions: ReadonlyMap<string, readonly string[]> = new Map(
  everyFormat.flatMap(({ id, versions }) => (versions === undefined ? [] : [[id, versions] as const])),
);

/** The formats that list packages and are therefore useful without an advisory database: SBOMs. */
export const packageFormats: ReadonlySet<string> = new Set(
  everyFormat.flatMap(({ id, listsPackages }) => (listsPackages === true ? [id] : [])),
);

/** Every format by the name `--format` gives it. */
export const everyReporter: ReadonlyMap<string, (options: ReporterOptions) => Reporter> = new Map(
  everyFormat.map(({ id, make }) => [id, make]),
);

const reporterChecks: OptionChecks<ReporterOptions> = {
  width: optionIs.count,
  color: optionIs.flag,
  listAllPackages: optionIs.flag,
  dependencyTree: optionIs.flag,
  showSuppressed: optionIs.flag,
  links: optionIs.flag,
  compareVersions: optionIs.call,
  sha: optionIs.text,
  ref: optionIs.text,
  jobId: optionIs.text,
  correlator: optionIs.text,
  maxFindings: optionIs.count,
  author: optionIs.text,
  licenseText: optionIs.call,
  template: optionIs.text,
  specVersion: optionIs.text,
};

/**
 * The reporter of that name, which may ask for a version of its standard: `cyclonedx@1.5`.
 * @throws ScanError `invalid-option` when there is no such format or version, or when it is `template` and no template is given.
 */
export function reporterFor(name: string, options: ReporterOptions = {}): Reporter {
  checkOptions("reporterFor", options, reporterChecks);
  const [id, specVersion = options.specVersion] = splitFormat(name);
  const make = everyReporter.get(id);
  if (make === undefined)
    throw unusable(`there is no format "${id.slice(0, 40)}"; there are ${[...everyReporter.keys()].join(", ")}`);
  const versions = formatVersions.get(id) ?? [];
  if (specVersion !== undefined && !versions.includes(specVersion))
    throw unusable(
      `"${id}" is not written in version "${specVersion.slice(0, 40)}"; ${versions.length === 0 ? "it has no versions" : `there are ${versions.join(", ")}`}`,
    );
  return make({ ...options, specVersion });
}

/** The format and, behind an `@`, the version of its standard. */
export function splitFormat(name: string): readonly [id: string, specVersion?: string] {
  const at = name.indexOf("@");
  return at < 0 ? [name] : [name.slice(0, at), name.slice(at + 1)];
}

function unusable(reason: string): ScanError {
  return new ScanError({ kind: "invalid-option", option: "format", reason });
}
