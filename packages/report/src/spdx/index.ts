import { checkOptions, optionIs, piecesOf } from "@plimsoll/model";
import type { Reporter } from "@plimsoll/model";
import { streamObject } from "../shared/json-text.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { buildDocument } from "./build-document.ts";
import { tagValue } from "./tag-value.ts";
import type { ReportFormat } from "../shared/report-format.ts";

export interface SpdxOptions {
  /** Absent: `json`. */
  readonly format?: "json" | "tag-value" | undefined;
}

/**
 * An SPDX 2.3 document: packages, their relationships, and annotations with all that matching needs.
 * Without `createdAt` its date is 1970-01-01, since the specification wants one.
 */
export function spdx(options: SpdxOptions = {}): Reporter {
  checkOptions("spdx", options, { format: optionIs.oneOf(["json", "tag-value"]) });
  if (options.format === "tag-value")
    return {
      id: "spdx",
      mediaType: "text/spdx",
      shows: ["vulnerability"],
      render: (report) =>
        piecesOf(function* () {
          yield* tagValue(yield* buildDocument(yield* orderedReport(report)));
        }),
    };
  return {
    id: "spdx-json",
    mediaType: "application/spdx+json",
    shows: ["vulnerability"],
    render: (report) =>
      piecesOf(function* () {
        yield* streamObject({ ...(yield* buildDocument(yield* orderedReport(report))) });
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat[] = [
  { id: "spdx", versions: ["2.3"], listsPackages: true, make: () => spdx({ format: "tag-value" }) },
  { id: "spdx-json", versions: ["2.3"], listsPackages: true, make: () => spdx() },
];
