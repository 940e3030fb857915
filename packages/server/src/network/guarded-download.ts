import { lookup } from "node:dns/promises";
import { request as requestHttp } from "node:http";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";
import type { LookupFunction } from "node:net";
import { ScanError } from "@plimsoll/model";
import type { ByteStream, CallOptions } from "@plimsoll/model";
import type { HostRules } from "./address-rules.ts";

/** A download from an address that a client supplied. */
export interface GuardedRequest extends CallOptions {
  readonly url: string;
  /** Sent to the origin of `url` only, not after a redirect to another origin. */
  readonly headers?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly rules: HostRules;
  /** Milliseconds without a byte after which the download fails. Absent: 60,000. */
  readonly silence?: number | undefined;
  /** Resolves the addresses of a host. Absent: the system's resolver. */
  readonly resolve?:
    | ((host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>)
    | undefined;
}

const maxRedirects = 5;

/** Headers that the connection sets itself, and that a client may not. */
const ownHeaders = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "te",
  "upgrade",
  "keep-alive",
  "expect",
  "proxy-authorization",
]);

/**
 * Opens a download. The rules are checked for the host of every redirect, and again for the IP address of each connection, so that a name that
 * resolves differently after the check (DNS rebinding) gains nothing.
 * @throws ScanError `network` or `unauthorized`; its message contains no header values.
 */
export async function guardedDownload(given: GuardedRequest): Promise<ByteStream> {
  let url = given.url;
  let headers = cleanHeaders(given.headers ?? {});
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const target = parse(url);
    const response = await askGuarded(target, headers, given);
    const status = response.statusCode ?? 0;
    if (status === 200) return bytesOf(response, target);
    // What else it says is of no interest, and may have no end.
    response.destroy();
    const { location } = response.headers;
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) throw refusal(target, status);
    if (!URL.canParse(location, target)) throw failure(target, "it redirects to an invalid URL");
    const next = new URL(location, target);
    if (target.protocol === "https:" && next.protocol !== "https:")
      throw failure(target, "it redirects from https to http");
    if (next.origin !== target.origin) headers = {};
    url = next.href;
  }
  throw failure(parse(given.url), `it redirects more than ${maxRedirects} times`);
}

function parse(url: string): URL {
  if (!URL.canParse(url)) throw new ScanError({ kind: "network", label: "a layer", reason: "its URI cannot be read" });
  const parsed = new URL(url);
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:")
    throw failure(parsed, `layers come by http and https, not by ${parsed.protocol}`);
  if (parsed.username !== "" || parsed.password !== "") throw failure(parsed, "its URI holds a password; use headers");
  return parsed;
}

function cleanHeaders(headers: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !ownHeaders.has(name.toLowerCase()))
      .map(([name, values]) => [name, [...values]]),
  );
}

/** Options of a single request. */
export interface GuardedQuestion extends Pick<GuardedRequest, "rules" | "signal" | "silence" | "resolve"> {
  /** Absent: `GET`. */
  readonly method?: string | undefined;
  readonly body?: string | undefined;
}

/** Sends one request and follows no redirect. @throws ScanError `network` when the rules refuse the host or its address, or nothing answers. */
export function askGuarded(
  url: URL,
  headers: Readonly<Record<string, string[]>>,
  given: GuardedQuestion,
): Promise<IncomingMessage> {
  const { rules, signal, silence = 60_000 } = given;
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const refuse = (): ScanError =>
    failure(url, "requests to this host are not allowed; --allow-layer-hosts allows others");
  // An address in the place of a name is not looked up.
  if (!rules.mayAsk(host, port) || (isIP(host) !== 0 && !rules.mayConnect(host, port, host)))
    return Promise.reject(refuse());
  const resolve = given.resolve ?? ((name: string) => lookup(name, { all: true }));
  const guarded: LookupFunction = (name, options, callback) => {
    resolve(name).then(
      (addresses) => {
        // Of a name with good and bad addresses none is taken.
        const bad = addresses.length === 0 || addresses.some(({ address }) => !rules.mayConnect(host, port, address));
        const [first] = addresses;
        if (bad || first === undefined) callback(refuse(), "", 0);
        else if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, "", 0), // as: what lookup rejects with
    );
  };
  const options: RequestOptions = {
    method: given.method ?? "GET",
    headers,
    lookup: guarded,
    timeout: silence,
    ...(signal === undefined ? {} : { signal }),
  };
  return new Promise((resolvePromise, reject) => {
    let request: ClientRequest;
    let response: IncomingMessage | undefined;
    const answered = (answer: IncomingMessage): void => {
      response = answer;
      resolvePromise(answer);
    };
    try {
      request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, options, answered);
    } catch {
      // Header names and values that HTTP does not know; the message would repeat them.
      reject(failure(url, "its headers cannot be sent"));
      return;
    }
    request.on("timeout", () => {
      const problem = failure(url, `no bytes came for ${silence} milliseconds`);
      response?.destroy(problem);
      request.destroy(problem);
    });
    request.on("error", (error) => {
      if (signal?.aborted === true) reject(signal.reason);
      else reject(error instanceof ScanError ? error : failure(url, error.message, error));
    });
    // Without a listener Node ends such a connection and tells nobody.
    request.on("upgrade", (answer, socket) => {
      socket.destroy();
      reject(failure(url, `it answers ${answer.statusCode} and speaks another protocol`));
    });
    request.end(given.body);
  });
}

async function* bytesOf(response: IncomingMessage, url: URL): ByteStream {
  try {
    for await (const chunk of response) yield chunk as Uint8Array; // as: no encoding is set
  } catch (error) {
    throw error instanceof ScanError
      ? error
      : failure(url, error instanceof Error ? error.message : "the connection broke off", error);
  }
}

function refusal(url: URL, status: number): ScanError {
  return status === 401 || status === 403
    ? new ScanError({ kind: "unauthorized", label: labelOf(url), reason: `it answers ${status}` })
    : failure(url, `it answers ${status}`);
}

function failure(url: URL, reason: string, cause?: unknown): ScanError {
  return new ScanError({ kind: "network", label: labelOf(url), reason }, { cause });
}

/** How messages name an address: without its query, which may hold a signature. */
function labelOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}
