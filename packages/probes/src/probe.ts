import { checkOptions, optionIs, signalAfter } from "@plimsoll/model";
import { discoverApiServer, probeApiServer, probeAuthorization, probeVersion } from "./api-server/probe-api-server.ts";
import { certificateExposures } from "./certificate/probe-certificate.ts";
import { metadataHost, probeCloudMetadata } from "./cloud-metadata/probe-cloud-metadata.ts";
import { probeDashboard } from "./dashboard/probe-dashboard.ts";
import { probeEtcd } from "./etcd/probe-etcd.ts";
import { probeKubectlProxy } from "./kubectl-proxy/probe-kubectl-proxy.ts";
import {
  discoverKubelet,
  discoverReadOnlyKubelet,
  probeKubelet,
  probeReadOnlyKubelet,
} from "./kubelet/probe-kubelet.ts";
import { Endpoint, tooMuch } from "./shared/endpoint.ts";
import type { CertificateOf, Connect, EndpointLimits } from "./shared/endpoint.ts";
import type { Exposure, ServiceFound } from "./shared/exposure.ts";
import { knownPorts } from "./targets.ts";
import type { ProbeTarget } from "./targets.ts";
import type { OptionChecks } from "@plimsoll/model";

/** Options of {@link probe}. */
export interface ProbeOptions {
  /** Hosts that the caller is responsible for. No other hosts are contacted, except with `cloudMetadata`. */
  readonly targets: readonly ProbeTarget[];
  /** Sends the requests: `fetch`, or a function with the same interface. */
  readonly connect: Connect;
  /** Fetches the certificates of TLS endpoints. Absent: certificates are not probed. */
  readonly certificate?: CertificateOf | undefined;
  /**
   * Called before the first request to a port, to check whether anything listens; what it rejects with is the reason why the port
   * is unknown. Absent: not checked beforehand.
   */
  readonly isOpen?: ((host: string, port: number, signal: AbortSignal) => Promise<boolean>) | undefined;
  /** A bearer token, sent over TLS only. */
  readonly token?: string | undefined;
  /** Also probe the cloud's metadata service, which answers any program on an instance. */
  readonly cloudMetadata?: boolean | undefined;
  /** Also report vulnerabilities of vendors' versions (with a suffix), which may have patches that the number does not show. */
  readonly includePatched?: boolean | undefined;
  /** Ports that are probed concurrently. Absent: 32. */
  readonly concurrency?: number | undefined;
  /** Milliseconds for one request. Absent: 3,000. */
  readonly requestTimeout?: number | undefined;
  /** Milliseconds for all requests to one port. Absent: 4,500. */
  readonly endpointTimeout?: number | undefined;
  /** Milliseconds for the whole call. Absent: 120,000. */
  readonly totalTimeout?: number | undefined;
  /**
   * Limit on the bytes of all responses of one port; half of it is the limit of one response. A list of the pods of a full node has about 1 MiB.
   * Absent: 2.5 MiB.
   */
  readonly bytesPerEndpoint?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A port that did not answer. */
export interface UnansweredEndpoint {
  readonly location: string;
  readonly reason: string;
}

/** The result of probing. */
export interface ProbeReport {
  readonly exposures: readonly Exposure[];
  readonly services: readonly ServiceFound[];
  /** Ports that did not answer, in order; nothing is known about their exposures. */
  readonly unanswered: readonly UnansweredEndpoint[];
  /** Number of probed ports. */
  readonly asked: number;
}

const probeChecks: OptionChecks<ProbeOptions> = {
  targets: optionIs.listOf(optionIs.object),
  connect: optionIs.call,
  certificate: optionIs.call,
  isOpen: optionIs.call,
  token: optionIs.text,
  cloudMetadata: optionIs.flag,
  includePatched: optionIs.flag,
  concurrency: optionIs.count,
  requestTimeout: optionIs.count,
  endpointTimeout: optionIs.count,
  totalTimeout: optionIs.count,
  bytesPerEndpoint: optionIs.count,
  signal: optionIs.signal,
};

/**
 * Probes the given endpoints for exposed information, without changing anything. A port that does not answer in time is listed as unanswered. The
 * limits apply to each port, whatever it sends.
 * @throws TypeError for options that are unknown or of the wrong type.
 */
export async function probe(options: ProbeOptions): Promise<ProbeReport> {
  checkOptions("probe", options, probeChecks);
  check(options);
  const addresses = addressesOf(options);
  const signal = signalAfter(options.totalTimeout ?? 120_000, options.signal);
  const limits: EndpointLimits = {
    requestTimeout: options.requestTimeout ?? 3_000,
    endpointTimeout: options.endpointTimeout ?? 4_500,
    bytes: options.bytesPerEndpoint ?? 5 << 19,
  };
  const results: (EndpointReport | undefined)[] = addresses.map(() => undefined);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < addresses.length) {
      const index = next++;
      const address = addresses[index];
      if (address === undefined) continue;
      if (signal.aborted) {
        options.signal?.throwIfAborted();
        results[index] = unanswered(address, "no time was left");
      } else results[index] = await probeEndpoint(address, { ...options, limits, signal });
    }
  };
  const workers = Math.min(options.concurrency ?? 32, Math.max(1, addresses.length));
  await Promise.all(Array.from({ length: workers }, work));
  options.signal?.throwIfAborted();
  const reports = results.filter((report) => report !== undefined);
  return {
    exposures: reports.flatMap((report) => report.exposures),
    services: reports.flatMap((report) => report.services),
    unanswered: reports.flatMap((report) => report.unanswered),
    asked: addresses.length,
  };
}

function check(options: ProbeOptions): void {
  if (!Array.isArray(options.targets)) throw new TypeError("targets is no list");
  if (typeof options.connect !== "function") throw new TypeError("connect is no function");
  for (const key of ["concurrency", "requestTimeout", "endpointTimeout", "totalTimeout", "bytesPerEndpoint"] as const) {
    const value = options[key];
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw new TypeError(`${key} is no positive number`);
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
  readonly kind: "known" | "other" | "metadata";
}

function addressesOf(options: ProbeOptions): readonly Address[] {
  const known: ReadonlySet<number> = new Set(knownPorts);
  const addresses = new Map<string, Address>();
  for (const target of options.targets)
    for (const port of target.port === undefined ? knownPorts : [target.port])
      addresses.set(`${target.host} ${port}`, { host: target.host, port, kind: known.has(port) ? "known" : "other" });
  if (options.cloudMetadata === true) addresses.set("metadata", { host: metadataHost, port: 80, kind: "metadata" });
  return [...addresses.values()];
}

interface EndpointReport {
  readonly exposures: readonly Exposure[];
  readonly services: readonly ServiceFound[];
  readonly unanswered: readonly UnansweredEndpoint[];
}

function unanswered(address: Address, reason: string): EndpointReport {
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return { exposures: [], services: [], unanswered: [{ location: `${host}:${address.port}`, reason }] };
}

async function probeEndpoint(
  address: Address,
  options: ProbeOptions & { readonly limits: EndpointLimits; readonly signal: AbortSignal },
): Promise<EndpointReport> {
  const { connect, limits, token, signal, isOpen } = options;
  const endpoint = new Endpoint(address, { connect, limits, token, signal });
  if (isOpen !== undefined) {
    let reason = "nothing listens";
    const open = await isOpen(address.host, address.port, endpoint.signal).catch((error: unknown) => {
      if (error instanceof Error && !endpoint.signal.aborted) reason = error.message;
      return false;
    });
    // Whoever was not asked to the end may listen.
    if (!open) return unanswered(address, endpoint.signal.aborted ? "no answer in time" : reason);
  }
  const exposures: Exposure[] = [];
  const services: ServiceFound[] = [];
  for (const ask of probesFor(address, options)) {
    if (endpoint.signal.aborted) break;
    const result = await ask(endpoint);
    exposures.push(...result.exposures);
    services.push(...result.services);
  }
  if (services.some(({ protocol }) => protocol === "https") && options.certificate !== undefined) {
    const certificate = await options.certificate(address.host, address.port, endpoint.signal).catch(() => undefined);
    if (certificate !== undefined) exposures.push(...certificateExposures(certificate, endpoint.location));
  }
  const silent = services.length === 0 && exposures.length === 0 && endpoint.problem !== undefined;
  const cut = endpoint.signal.aborted || endpoint.problem === tooMuch;
  if (silent || cut)
    return {
      exposures,
      services,
      unanswered: [{ location: endpoint.location, reason: endpoint.problem ?? "no answer in time" }],
    };
  return { exposures, services, unanswered: [] };
}

type Ask = (
  endpoint: Endpoint,
) => Promise<{ readonly exposures: readonly Exposure[]; readonly services: readonly ServiceFound[] }>;

/** What is asked of a port: what is known to listen there, and everything on a port that somebody named. */
function probesFor(address: Address, options: ProbeOptions): readonly Ask[] {
  const includePatched = options.includePatched === true;
  const apiServer: Ask = async (endpoint) => {
    const service = await discoverApiServer(endpoint);
    if (service === undefined) return { exposures: [], services: [] };
    const protocol = service.protocol ?? "https";
    if (service.service === "Metrics Server") return { exposures: [], services: [service] };
    const exposures = [
      ...(await probeApiServer(endpoint, protocol)),
      ...(await probeVersion(endpoint, protocol, includePatched)),
      ...(await probeAuthorization(endpoint, protocol)),
    ];
    return { exposures, services: [service] };
  };
  const kubelet: Ask = async (endpoint) => {
    const service = await discoverKubelet(endpoint);
    if (service === undefined) return { exposures: [], services: [] };
    return { exposures: await probeKubelet(endpoint, { anonymous: service.anonymous === true }), services: [service] };
  };
  const readOnlyKubelet: Ask = async (endpoint) => {
    const service = await discoverReadOnlyKubelet(endpoint);
    if (service === undefined) return { exposures: [], services: [] };
    return { exposures: await probeReadOnlyKubelet(endpoint, { includePatched }), services: [service] };
  };
  if (address.kind === "metadata")
    return [async (endpoint) => ({ exposures: await probeCloudMetadata(endpoint), services: [] })];
  switch (address.kind === "known" ? address.port : 0) {
    case 443:
    case 6443:
    case 8080:
      return [apiServer];
    case 2379:
      return [(endpoint) => probeEtcd(endpoint)];
    case 8001:
      return [probeKubectlProxy];
    case 10250:
      return [kubelet];
    case 10255:
      return [readOnlyKubelet];
    case 30000:
      return [probeDashboard];
    default:
      return [
        firstThatKnows([
          (endpoint) => probeEtcd(endpoint, true),
          kubeletOnly(kubelet),
          readOnlyKubelet,
          probeKubectlProxy,
          probeDashboard,
          apiServer,
        ]),
      ];
  }
}

/** A question that only a kubelet answers: on a port that any server may use, the answers 401 and 403 do not prove that it is one. */
function kubeletOnly(kubelet: Ask): Ask {
  return async (endpoint) => {
    const api = await endpoint.get("https", "/api", { token: false });
    return api === undefined || api.status !== 404 ? { exposures: [], services: [] } : kubelet(endpoint);
  };
}

function firstThatKnows(asks: readonly Ask[]): Ask {
  return async (endpoint) => {
    for (const ask of asks) {
      if (endpoint.signal.aborted) break;
      const result = await ask(endpoint);
      if (result.services.length > 0) return result;
    }
    return { exposures: [], services: [] };
  };
}
