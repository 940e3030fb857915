import { checkOptions, optionIs, ScanError, type OptionChecks, type Reporter } from "@plimsoll/model";
import { cosignVuln } from "./cosign-vuln/index.ts";
import { csv } from "./csv/index.ts";
import { cyclonedx, cycloneDxVersions } from "./cyclonedx/index.ts";
import { github, type GitHubOptions } from "./github/index.ts";
import { githubAnnotations } from "./github-annotations/index.ts";
import { gitlab } from "./gitlab/index.ts";
import { gitlabSecrets } from "./gitlab-secrets/index.ts";
import { html } from "./html/index.ts";
import { json } from "./json/index.ts";
import { junit } from "./junit/index.ts";
import { markdown, type MarkdownOptions } from "./markdown/index.ts";
import { notices, type NoticesOptions } from "./notices/index.ts";
import { openvex, type OpenVexOptions } from "./openvex/index.ts";
import { sarif } from "./sarif/index.ts";
import { spdx } from "./spdx/index.ts";
import { spdx3 } from "./spdx3/index.ts";
import { table, type TableOptions } from "./table/index.ts";
import { template } from "./template/index.ts";

/** What a caller that knows formats only by name can say to all of them; each takes what concerns it. */
export interface ReporterOptions extends TableOptions, GitHubOptions, MarkdownOptions, NoticesOptions, OpenVexOptions {
  /** Text of the template, for the format of that name. */
  readonly template?: string | undefined;
  /** Version of the standard, for formats that are written in several. Absent: the one most tools read. */
  readonly specVersion?: string | undefined;
}

/** The versions of the standard that a format can be written in, for formats that have some. */
export const formatVersions: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["cyclonedx", cycloneDxVersions],
  ["cyclonedx-xml", cycloneDxVersions],
  ["spdx-json", ["2.3"]],
  ["spdx", ["2.3"]],
  ["spdx3-json", ["3.0"]],
  ["sarif", ["2.1.0"]],
]);

/** Every format by the name `--format` gives it. */
export const everyReporter: ReadonlyMap<string, (options: ReporterOptions) => Reporter> = new Map<
  string,
  (options: ReporterOptions) => Reporter
>([
  [
    "table",
    ({ width, color, links, listAllPackages, dependencyTree, showSuppressed, compareVersions }) =>
      table({ width, color, links, listAllPackages, dependencyTree, showSuppressed, compareVersions }),
  ],
  ["json", json],
  ["cyclonedx", ({ specVersion }) => cyclonedx({ specVersion: cycloneDxVersion(specVersion) })],
  ["cyclonedx-xml", ({ specVersion }) => cyclonedx({ specVersion: cycloneDxVersion(specVersion), format: "xml" })],
  ["spdx-json", () => spdx()],
  ["spdx", () => spdx({ format: "tag-value" })],
  ["spdx3-json", spdx3],
  ["sarif", sarif],
  ["html", ({ compareVersions }) => html({ compareVersions })],
  ["markdown", ({ maxFindings }) => markdown({ maxFindings })],
  ["junit", junit],
  ["gitlab", gitlab],
  ["gitlab-secrets", gitlabSecrets],
  ["github", ({ sha, ref, jobId, correlator }) => github({ sha, ref, jobId, correlator })],
  ["github-annotations", githubAnnotations],
  ["openvex", ({ author }) => openvex({ author })],
  ["csv", csv],
  ["cosign-vuln", cosignVuln],
  ["notices", ({ licenseText }) => notices({ licenseText })],
  ["template", templateOf],
]);

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

function cycloneDxVersion(specVersion: string | undefined): (typeof cycloneDxVersions)[number] | undefined {
  return cycloneDxVersions.find((version) => version === specVersion);
}

function templateOf({ template: text }: ReporterOptions): Reporter {
  if (text === undefined)
    throw new ScanError({ kind: "invalid-option", option: "template", reason: "the format needs a template" });
  return template(text);
}
