import { findingKinds, piecesOf } from "@plimsoll/model";
import type { Report, Reporter } from "@plimsoll/model";
import { dateTimeOf } from "../shared/date-time.ts";
import { dateOrEpoch } from "../shared/fallback-date.ts";
import { streamObject } from "../shared/json-text.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import type { ReportFormat } from "../shared/report-format.ts";

/**
 * The predicate of a cosign vulnerability attestation, for `cosign attest --type vuln`
 * (sigstore/cosign, specs/COSIGN_VULN_ATTESTATION_SPEC.md). The result is the report itself.
 */
export function cosignVuln(): Reporter {
  return {
    id: "cosign-vuln",
    mediaType: "application/json",
    shows: findingKinds,
    render: (report) =>
      piecesOf(function* () {
        yield* streamObject(predicate(yield* orderedReport(report)));
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat[] = [{ id: "cosign-vuln", make: () => cosignVuln() }];

function predicate(report: Report): Readonly<Record<string, unknown>> {
  const { tool, advisories } = report;
  const updates = (advisories?.sources ?? []).flatMap(({ updatedAt }) => dateTimeOf(updatedAt) ?? []).sort();
  const lastUpdate = updates.at(-1);
  const time = dateOrEpoch(report);
  return {
    invocation: { parameters: null, uri: "", event_id: "", "builder.id": "" },
    scanner: {
      uri: `pkg:npm/${tool.name}@${tool.version}`,
      version: tool.version,
      db: { uri: "", version: advisories?.revision ?? "", ...(lastUpdate === undefined ? {} : { lastUpdate }) },
      result: report,
    },
    metadata: { scanStartedOn: time, scanFinishedOn: time },
  };
}
