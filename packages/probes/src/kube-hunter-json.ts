import type { Exposure, ServiceFound } from "./shared/exposure.ts";

/** kube-hunter's report, with its names of members. */
export interface KubeHunterReport {
  readonly nodes: readonly { readonly type: string; readonly location: string }[];
  readonly services: readonly { readonly service: string; readonly location: string }[];
  readonly vulnerabilities: readonly {
    readonly location: string;
    readonly vid: string;
    readonly category: string;
    readonly severity: string;
    readonly vulnerability: string;
    readonly description: string;
    readonly evidence: string;
    readonly avd_reference: string;
    readonly hunter: string;
  }[];
}

/** The result of probing in the form of kube-hunter's JSON report. */
export function kubeHunterReport(report: {
  readonly exposures: readonly Exposure[];
  readonly services: readonly ServiceFound[];
}): KubeHunterReport {
  const hosts = [...new Set(report.services.map(({ location }) => location.replace(/:\d+$/, "")))];
  return {
    nodes: hosts.map((location) => ({ type: "Node/Master", location })),
    services: report.services.map(({ service, location, path }) => ({
      service,
      location: path === undefined ? location : `${location}/${path}`,
    })),
    vulnerabilities: report.exposures.map((found) => ({
      location: found.location,
      vid: found.id,
      category: found.category,
      severity: found.severity.toLowerCase(),
      vulnerability: found.name,
      description: found.description,
      evidence: found.evidence,
      avd_reference: found.id.startsWith("KHV") ? `https://avd.aquasec.com/kube-hunter/${found.id.toLowerCase()}/` : "",
      hunter: found.probe,
    })),
  };
}
