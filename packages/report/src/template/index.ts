import { findingKinds, piecesOf, ScanError, unratedLeftOut, type Report, type Reporter } from "@plimsoll/model";
import { Liquid } from "#liquidjs";
import { escapeMarkdown } from "../shared/markdown.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { problemsOf } from "../shared/other-findings.ts";
import { primaryUrl } from "../shared/primary-url.ts";
import { severityCounts } from "../shared/severity-counts.ts";
import { targetsOf } from "../shared/targets.ts";
import { visibleText } from "../shared/visible-text.ts";
import type { ReportFormat } from "../shared/report-format.ts";

/** Characters of template text, milliseconds of rendering, and objects made: enough for any report, an end to any loop. */
const limits = { parseLimit: 1_000_000, renderLimit: 60_000, memoryLimit: 50_000_000 } as const;

/**
 * Renders a Liquid template (https://liquidjs.com) over `report`, `targets` (packages and their
 * vulnerabilities), `findings` (of every kind), `counts`, `total` and `unrated` (how many a choice of
 * severities left out because nobody has rated them). Output is made visible
 * text on one line; `| raw` leaves it as it is, `| escape` makes it HTML, `| markdown` Markdown, `| csv` a cell, `| json` JSON,
 * and `| url` gives a finding's page. Templates read no files and run no code.
 * @throws ScanError `invalid-option` while rendering, when the template is not a valid one.
 */
export function template(source: string): Reporter {
  return {
    id: "template",
    mediaType: "text/plain",
    shows: findingKinds,
    render: (report) =>
      piecesOf(function* () {
        yield renderTemplate(source, yield* orderedReport(report));
      }),
  };
}

/** Options of the `template` format. */
export interface TemplateOptions {
  /** Text of the template; required. */
  readonly template?: string | undefined;
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat<TemplateOptions>[] = [
  {
    id: "template",
    make: ({ template: source }) => {
      if (source !== undefined) return template(source);
      throw new ScanError({ kind: "invalid-option", option: "template", reason: "the format needs a template" });
    },
  },
];

function renderTemplate(source: string, report: Report): string {
  const liquid = new Liquid({
    ...limits,
    templates: {},
    strictFilters: true,
    ownPropertyOnly: true,
    outputEscape: (value) => visibleText(asText(value)),
  });
  liquid.registerFilter("markdown", (value) => escapeMarkdown(asText(value)));
  liquid.registerFilter(
    "csv",
    (value) =>
      `"${visibleText(asText(value))
        .replace(/^(\s*[=+\-@])/, "'$1")
        .replaceAll('"', '""')}"`,
  );
  liquid.registerFilter("url", (value) => (isFinding(value) ? primaryUrl(value) : ""));
  try {
    return liquid.parseAndRenderSync(source, {
      report,
      targets: targetsOf(report),
      findings: problemsOf(report),
      counts: Object.fromEntries(severityCounts(problemsOf(report))),
      total: problemsOf(report).length,
      unrated: unratedLeftOut(report).length,
    });
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new ScanError({ kind: "invalid-option", option: "template", reason: visibleText(reason) }, { cause: error });
  }
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isFinding(value: unknown): value is { readonly id: string; readonly references: readonly string[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    typeof value.id === "string" &&
    "references" in value &&
    Array.isArray(value.references)
  );
}
