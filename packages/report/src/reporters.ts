import { ScanError, type Reporter } from "@plimsoll/model";
import { cosignVuln } from "./cosign-vuln/index.ts";
import { csv } from "./csv/index.ts";
import { cyclonedx } from "./cyclonedx/index.ts";
import { github, type GitHubOptions } from "./github/index.ts";
import { githubAnnotations } from "./github-annotations/index.ts";
import { gitlab } from "./gitlab/index.ts";
import { html } from "./html/index.ts";
import { json } from "./json/index.ts";
import { junit } from "./junit/index.ts";
import { markdown, type MarkdownOptions } from "./markdown/index.ts";
import { openvex, type OpenVexOptions } from "./openvex/index.ts";
import { sarif } from "./sarif/index.ts";
import { spdx } from "./spdx/index.ts";
import { spdx3 } from "./spdx3/index.ts";
import { table, type TableOptions } from "./table/index.ts";
import { template } from "./template/index.ts";

/** What a caller that knows formats only by name can say to all of them; each takes what concerns it. */
export interface ReporterOptions extends TableOptions, GitHubOptions, MarkdownOptions, OpenVexOptions {
  /** Text of the template, for the format of that name. */
  readonly template?: string | undefined;
}

/** Every format by the name `--format` gives it. */
export const everyReporter: ReadonlyMap<string, (options: ReporterOptions) => Reporter> = new Map<
  string,
  (options: ReporterOptions) => Reporter
>([
  ["table", table],
  ["json", json],
  ["cyclonedx", () => cyclonedx()],
  ["cyclonedx-xml", () => cyclonedx({ format: "xml" })],
  ["spdx-json", () => spdx()],
  ["spdx", () => spdx({ format: "tag-value" })],
  ["spdx3-json", spdx3],
  ["sarif", sarif],
  ["html", html],
  ["markdown", markdown],
  ["junit", junit],
  ["gitlab", gitlab],
  ["github", github],
  ["github-annotations", githubAnnotations],
  ["openvex", openvex],
  ["csv", csv],
  ["cosign-vuln", cosignVuln],
  ["template", templateOf],
]);

/**
 * The reporter of that name.
 * @throws ScanError `invalid-option` when there is none, or when it is `template` and no template is given.
 */
export function reporterFor(id: string, options: ReporterOptions = {}): Reporter {
  const make = everyReporter.get(id);
  if (make === undefined) {
    const reason = `there is no format "${id.slice(0, 40)}"; there are ${[...everyReporter.keys()].join(", ")}`;
    throw new ScanError({ kind: "invalid-option", option: "format", reason });
  }
  return make(options);
}

function templateOf({ template: text }: ReporterOptions): Reporter {
  if (text === undefined)
    throw new ScanError({ kind: "invalid-option", option: "template", reason: "the format needs a template" });
  return template(text);
}
