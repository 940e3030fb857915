import { findingKinds, piecesOf } from "@plimsoll/model";
import type { Pieces, Report, Reporter } from "@plimsoll/model";
import { streamObject } from "../shared/json-text.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { buildRun } from "./build-run.ts";
import type { ReportFormat } from "../shared/report-format.ts";

/** SARIF 2.1.0: what code scanning services show beside the code (OASIS sarif-v2.1.0). */
export function sarif(): Reporter {
  return {
    id: "sarif",
    mediaType: "application/sarif+json",
    shows: findingKinds,
    render: (report) => log([report]),
    renderSet: ({ reports }) => log(reports),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat[] = [{ id: "sarif", versions: ["2.1.0"], make: () => sarif() }];

/** One run per report. */
function log(reports: readonly Report[]): Pieces {
  return piecesOf(function* () {
    const runs = [];
    for (const report of reports) runs.push(yield* buildRun(yield* orderedReport(report)));
    yield* streamObject({ $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs });
  });
}
