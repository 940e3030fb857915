/**
 * What Kubernetes endpoints give away: passive probes of hosts that the caller names, over an injected connection, and the same ids predicted
 * from configuration without a packet. Nothing is ever changed.
 * @module
 * @example
 * import { parseTargets, probe } from "@plimsoll/probes";
 * const report = await probe({ targets: parseTargets("10.0.0.10"), connect: fetch });
 */

// Probing
export { probe } from "./probe.ts";
export type { ProbeOptions, ProbeReport, UnansweredEndpoint } from "./probe.ts";
export { knownPorts, parseTargets } from "./targets.ts";
export type { ProbeTarget } from "./targets.ts";
export type { CertificateOf, Connect, ConnectAnswer, ConnectInit } from "./shared/endpoint.ts";

// Predicting
export { predictExposure } from "./predict-exposure.ts";
export type { ClusterConfiguration } from "./predict-exposure.ts";
export { isVendorVersion, versionExposures } from "./shared/versions.ts";
export type { VersionedComponent } from "./shared/versions.ts";

// What is found
export type { Exposure, ServiceFound } from "./shared/exposure.ts";
export { knownExposures } from "./shared/knowledge.ts";
export type { KnownExposure } from "./shared/knowledge.ts";
export { certificateAddresses, certificateBytes } from "./certificate/probe-certificate.ts";
export { probeFindings } from "./findings.ts";
export type { ProbeFindings } from "./findings.ts";
export { kubeHunterReport } from "./kube-hunter-json.ts";
export type { KubeHunterReport } from "./kube-hunter-json.ts";
