import { checkOptions, findingKinds, optionIs, piecesOf } from "@plimsoll/model";
import type { Report, Reporter } from "@plimsoll/model";
import { sha256Base64 } from "../shared/content-id.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { otherLists } from "../shared/other-findings.ts";
import type { CompareVersions } from "../shared/upgrade-advice.ts";
import { escapeHtml } from "./escape-html.ts";
import { pageData } from "./page-data.ts";
import { script } from "./script.ts";
import {
  findingsSection,
  headerSection,
  otherSections,
  overviewSection,
  suppressedSection,
  verdictSection,
} from "./sections.ts";
import { style } from "./style.ts";
import type { ReportFormat } from "../shared/report-format.ts";

/** Options of {@link html}. */
export interface HtmlOptions {
  /** Orders two versions, so that the page can name the one upgrade that fixes most. Absent: each fixed version is listed by itself. */
  readonly compareVersions?: CompareVersions | undefined;
}

/** One self-contained HTML page: it loads nothing from the network, runs no script but its own, and can be read without scripts. */
export function html(options: HtmlOptions = {}): Reporter {
  checkOptions("html", options, { compareVersions: optionIs.call });
  return {
    id: "html",
    mediaType: "text/html",
    shows: findingKinds,
    render: (report) =>
      piecesOf(function* () {
        yield* page(yield* orderedReport(report), options);
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat<HtmlOptions>[] = [
  { id: "html", make: ({ compareVersions }) => html({ compareVersions }) },
];

/** Only what we wrote runs, by its hash (CSP 3 §8.3); the page can load, send and embed nothing. */
function policy(): string {
  return [
    "default-src 'none'",
    `script-src 'sha256-${sha256Base64(script)}'`,
    `style-src 'sha256-${sha256Base64(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function* page(report: Report, { compareVersions }: HtmlOptions): Iterable<string> {
  const title = escapeHtml(report.artifact.name) || "Unnamed";
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${otherLists(report).length === 0 ? "Vulnerabilities" : "Findings"} in ${title}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the result</a>
`;
  yield headerSection(report);
  yield '<main id="main">';
  yield verdictSection(report);
  yield overviewSection(report, compareVersions);
  yield* findingsSection(report);
  yield* otherSections(report);
  yield* suppressedSection(report);
  yield `</main>
<footer><p>${escapeHtml(`${report.tool.name} ${report.tool.version}`)}</p></footer>
<script type="application/json" id="data">`;
  yield* pageData(report);
  yield `</script>
<script>${script}</script>
</body>
</html>
`;
}
