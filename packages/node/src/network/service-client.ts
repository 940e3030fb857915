import {
  ScanError,
  bodyChunks,
  checkOptions,
  firstBytes,
  optionIs,
  request,
  requestBytes,
  transportChecks,
} from "@plimsoll/model";
import type { CallOptions, OutgoingRequest, TransportOptions } from "@plimsoll/model";
import { patientFetch, systemFetch } from "./system-fetch.ts";

/** Where a service is, and how it is asked. */
export interface ServiceClientOptions extends Omit<TransportOptions, "signal"> {
  /** `https://plimsoll.example`, with or without a path below which the service lies. */
  readonly address: string;
  /** Headers of each request, such as who asks. Asked for each time, since tokens may hold for a while only. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
}

/** One question to a service. */
export interface ServiceRequest extends Pick<OutgoingRequest, "method" | "headers" | "body"> {
  /** Below the address, without a slash in front. */
  readonly path: string;
  /** Statuses other than 2xx that are an answer as well, such as 404 for "there is none". */
  readonly accepts?: ReadonlySet<number> | undefined;
  /** In place of the client's: how often it is asked again. */
  readonly retries?: number | undefined;
  /**
   * Milliseconds that the answer may take, without a byte meanwhile: for a service that answers when its work is done. Absent: the client's limits.
   * What took longer is not asked again.
   */
  readonly timeout?: number | undefined;
}

/** An answer that has arrived whole. */
export interface ServiceAnswer {
  readonly status: number;
  /** Empty where the status is not 2xx. */
  readonly bytes: Uint8Array;
}

/** A service over HTTP, from the side of its clients. */
export interface ServiceClient {
  /** The address with a slash at its end: names the service in messages. */
  readonly label: string;
  /**
   * Asks and reads the whole answer; what fails for a passing reason is asked again.
   * @param what Names the answer where it is too large.
   * @throws ScanError `unauthorized` or `network` with the service's own words, `limit-exceeded`.
   */
  ask(question: ServiceRequest, what: string, maxBytes: number, options?: CallOptions): Promise<ServiceAnswer>;
}

/** Of a refusal, the bytes that are put into words. */
const maxReasonBytes = 500;

/**
 * A client of one service: bounded in size and time, through the proxies that the environment names, and redirects are refused.
 * @throws {TypeError} If an option is unknown.
 */
export function serviceClient(options: ServiceClientOptions): ServiceClient {
  checkOptions("serviceClient", options, { ...transportChecks, address: optionIs.text, headers: optionIs.call });
  const { address, headers: identity = () => ({}), fetch: given, ...transport } = options;
  const fetch = given ?? systemFetch();
  const label = address.endsWith("/") ? address : `${address}/`;

  /** The answer, where it is one. */
  async function answerTo(question: ServiceRequest, within: TransportOptions): Promise<Response> {
    const { path, accepts, method, body } = question;
    const headers = { ...identity(), ...question.headers };
    const outgoing = { url: new URL(path, label).href, method, headers, body, label };
    const response = await request({ ...outgoing, secretBody: true, redirects: "refuse" }, within);
    if (response.ok || accepts?.has(response.status) === true) return response;
    throw await refusalOf(response, within);
  }

  async function refusalOf(response: Response, within: TransportOptions): Promise<ScanError> {
    // A refusal whose words do not come is one nevertheless.
    const bytes = await firstBytes(bodyChunks(response, within), maxReasonBytes).catch(() => new Uint8Array());
    const words = new TextDecoder().decode(bytes).trim();
    const kind = response.status === 401 || response.status === 403 ? "unauthorized" : "network";
    return new ScanError({ kind, label, reason: `it answers ${response.status}${words === "" ? "" : `: ${words}`}` });
  }

  return {
    label,
    async ask(question, what, maxBytes, { signal } = {}) {
      const { retries = transport.retries, timeout } = question;
      const patience =
        timeout === undefined
          ? { fetch }
          : { fetch: given ?? patientFetch({}), idleTimeout: timeout, totalTimeout: timeout };
      const within = { ...transport, ...patience, signal, retries };
      const { response, bytes } = await requestBytes((once) => answerTo(question, once), what, maxBytes, within);
      return { status: response.status, bytes };
    },
  };
}
