import { fingerprintOf } from "@plimsoll/model";
import type { CoverageGap, Misconfiguration } from "@plimsoll/model";
import type { ProbeReport } from "./probe.ts";

/** The result of probing in the form of a report. */
export interface ProbeFindings {
  readonly misconfigurations: readonly Misconfiguration[];
  /** Ports that did not answer. */
  readonly gaps: readonly CoverageGap[];
}

/** Exposures as misconfigurations of endpoints; ports that did not answer are gaps of the coverage. */
export function probeFindings(report: Pick<ProbeReport, "exposures" | "unanswered">): ProbeFindings {
  return {
    misconfigurations: report.exposures.map((found) => ({
      kind: "misconfiguration",
      engine: "probes",
      subject: "endpoint",
      id: found.id,
      severity: found.severity,
      status: "fail",
      title: found.title,
      message: found.name === found.title ? found.description : `${found.name}. ${found.description}`,
      description: found.description,
      resolution: found.remediation,
      references: found.id.startsWith("KHV") ? [`https://avd.aquasec.com/kube-hunter/${found.id.toLowerCase()}/`] : [],
      resource: { type: "endpoint", name: found.location },
      locations: [],
      fingerprint: fingerprintOf("misconfiguration", found.id, found.name, found.location),
      explanation: { rule: found.probe, notes: [found.evidence] },
    })),
    gaps: report.unanswered.map(({ location, reason }) => ({
      scanner: "misconfig",
      code: "unanswered-endpoint",
      message: `${location}: ${reason}`,
    })),
  };
}
