import type { Steps } from "@plimsoll/formats";
import { piecesOf } from "@plimsoll/model";
import type { FindingKind, Report, Reporter, SecretFinding } from "@plimsoll/model";
import { uuidOf } from "../shared/content-id.ts";
import { gitlabScan, gitlabSeverities, gitlabVersion } from "../shared/gitlab-scan.ts";
import { items } from "../shared/items.ts";
import { streamObject } from "../shared/json-text.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { visibleStart } from "../shared/visible-text.ts";
import type { ReportFormat } from "../shared/report-format.ts";

const shows: readonly FindingKind[] = ["secret"];

/** GitLab's secret detection report; secrets stay masked in the excerpt of the source. */
export function gitlabSecrets(): Reporter {
  return {
    id: "gitlab-secrets",
    mediaType: "application/json",
    shows,
    render: (report) =>
      piecesOf(function* () {
        yield* streamObject(yield* document(yield* orderedReport(report)));
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat[] = [{ id: "gitlab-secrets", make: () => gitlabSecrets() }];

function* document(report: Report): Steps<Readonly<Record<string, unknown>>> {
  return {
    version: gitlabVersion,
    scan: gitlabScan(report, "secret_detection", { id: "gitlab-secrets", shows }),
    vulnerabilities: yield* items(report.secrets ?? [], vulnerability),
    remediations: [],
  };
}

function vulnerability(finding: SecretFinding): Readonly<Record<string, unknown>> {
  const { location, removedIn } = finding;
  const names = [finding.id, ...(finding.aliases ?? [])];
  const gone =
    removedIn === undefined ? "" : ` The file is removed in layer ${removedIn.index}, and still is in the image.`;
  return {
    id: uuidOf([finding.fingerprint]),
    name: visibleStart(finding.title, 255) || "Secret",
    description: visibleStart(`${finding.title} in ${location?.path ?? "the artifact"}.${gone}`, 100_000),
    severity: gitlabSeverities[finding.severity],
    solution: "Revoke the secret where it was issued, and do not put the new one into files.",
    identifiers: names.slice(0, 20).map((id) => ({
      type: "plimsoll_rule_id",
      name: visibleStart(`Rule ${id}`, 200),
      value: visibleStart(id, 200) || "unnamed",
    })),
    raw_source_code_extract: visibleStart(finding.match, 1000),
    location: {
      file: visibleStart(location?.path ?? "", 1000),
      // What was scanned is no history: the value that GitLab's own analyzer gives then.
      commit: { sha: "0000000" },
      ...(location?.line === undefined ? {} : { start_line: location.line }),
      ...(location?.endLine === undefined ? {} : { end_line: location.endLine }),
    },
  };
}
