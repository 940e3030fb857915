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

/** Options of {@link serviceClient}. */
export interface ServiceClientOptions extends Omit<TransportOptions, "signal"> {
  /** `https://plimsoll.example`, optionally with a path prefix. */
  readonly address: string;
  /** Headers of each request, such as `Authorization`. Called for each request, because tokens can expire. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
}

/** One request to a service. */
export interface ServiceRequest extends Pick<OutgoingRequest, "method" | "headers" | "body"> {
  /** Path below the address, without a leading slash. */
  readonly path: string;
  /** Statuses other than 2xx that are not errors, such as 404 for "there is none". */
  readonly accepts?: ReadonlySet<number> | undefined;
  /** How often the request is retried. Absent: as often as the client's option says. */
  readonly retries?: number | undefined;
  /**
   * Milliseconds for the whole response, even if no byte arrives in between: for a service that responds when its work is done. Absent: the
   * client's limits. A request that took
   * longer is not retried.
   */
  readonly timeout?: number | undefined;
}

/** A complete response. */
export interface ServiceAnswer {
  readonly status: number;
  /** Empty where the status is not 2xx. */
  readonly bytes: Uint8Array;
}

/** A client of an HTTP service. */
export interface ServiceClient {
  /** The address with a slash at its end: names the service in messages. */
  readonly label: string;
  /**
   * Sends a request and reads the whole response; retries temporary failures.
   * @param what Name of the response, for the message when it is too large.
   * @throws ScanError `unauthorized` or `network` with the service's own message, `limit-exceeded` for a response of more than `maxBytes` bytes.
   */
  ask(question: ServiceRequest, what: string, maxBytes: number, options?: CallOptions): Promise<ServiceAnswer>;
}

/** How many bytes of a refusal's body are quoted in the error. */
const maxReasonBytes = 500;

/**
 * A client of one service: bounded in size and time, through the proxies of the environment. Redirects are refused.
 * @throws {TypeError} for unknown options.
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
