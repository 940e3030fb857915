import { piecesOf } from "@plimsoll/model";
import type { Reporter } from "@plimsoll/model";
import { streamObject } from "../shared/json-text.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { buildGraph } from "./build-graph.ts";
import type { ReportFormat } from "../shared/report-format.ts";

/**
 * An SPDX 3.0.1 document as JSON-LD: packages, licences, vulnerabilities and their assessments as elements of one graph,
 * with annotations that hold all that matching needs. Without `createdAt` its date is 1970-01-01.
 */
export function spdx3(): Reporter {
  return {
    id: "spdx3-json",
    mediaType: "application/spdx+json; version=3.0.1",
    shows: ["vulnerability"],
    render: (report) =>
      piecesOf(function* () {
        yield* streamObject({
          "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
          "@graph": yield* buildGraph(yield* orderedReport(report)),
        });
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat[] = [
  { id: "spdx3-json", versions: ["3.0"], listsPackages: true, make: () => spdx3() },
];
