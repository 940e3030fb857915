import { jsonText } from "@plimsoll/report";
import type { ComplianceDetail, ComplianceReport, ControlResult } from "./compliance-report.ts";

/**
 * A compliance report as JSON, with the member names of Trivy's compliance reports. A control that is not known, or that a person has to judge,
 * has no number of failures, and says so in `Status`.
 */
export function complianceJson({ spec, controls }: ComplianceReport, detail: ComplianceDetail): string {
  const head = { ID: spec.id, Title: spec.title };
  return jsonText(
    detail === "summary"
      ? { ...head, SummaryControls: controls.map(summary) }
      : {
          ...head,
          Description: spec.description,
          Version: spec.version,
          RelatedResources: spec.relatedResources,
          Results: controls.map(whole),
        },
  );
}

function summary(result: ControlResult): object {
  const { control, status, results } = result;
  return {
    ID: control.id,
    Name: control.name,
    Severity: control.severity,
    ...(status === "pass" || status === "fail" ? { TotalFail: results.length } : {}),
    ...statusOf(result),
  };
}

function whole(result: ControlResult): object {
  const { control, results } = result;
  return {
    ID: control.id,
    Name: control.name,
    Description: control.description,
    Severity: control.severity,
    ...(control.defaultStatus === undefined ? {} : { DefaultStatus: control.defaultStatus }),
    ...statusOf(result),
    Results: results.length === 0 ? null : results.map((each) => ({ Target: "", ...each })),
  };
}

/** Said where the number of failures does not tell: nothing was found, and yet the control is not met, or nobody knows. */
function statusOf({ status, results, reason }: ControlResult): object {
  const isPlain = status === "pass" || (status === "fail" && results.length > 0);
  return isPlain ? {} : { Status: status.toUpperCase(), ...(reason === undefined ? {} : { Reason: reason }) };
}
