// The one place that bounds what is asked of other machines: size, idle time, total time, repetitions, redirects.
import { collectBytes } from "./bytes.ts";
import { signalAfter } from "./deadline.ts";
import { optionIs } from "./option-checks.ts";
import type { OptionChecks } from "./option-checks.ts";
import { ScanError } from "./scan-error.ts";

/** How requests are made; every part can be replaced in tests and in other runtimes. */
export interface TransportOptions {
  /** Absent: the engine's own. */
  readonly fetch?: typeof fetch | undefined;
  /** How often a request is repeated after a network error, 429 or 5xx. Default 4. */
  readonly retries?: number | undefined;
  /** Milliseconds before the first repetition; doubled each time. Default 500. */
  readonly backoff?: number | undefined;
  /** Milliseconds without a byte after which a connection counts as dead. Default 60 000. */
  readonly idleTimeout?: number | undefined;
  /** Milliseconds that one document may take, repetitions and waits included. Default two hours. */
  readonly totalTimeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Run-time checks of {@link TransportOptions}, without `signal`: for clients that keep the options over many calls. */
export const transportChecks: OptionChecks<Omit<TransportOptions, "signal">> = {
  fetch: optionIs.call,
  retries: optionIs.count,
  backoff: optionIs.count,
  idleTimeout: optionIs.count,
  totalTimeout: optionIs.count,
};

/** One request. */
export interface OutgoingRequest {
  readonly url: string;
  /** Default `GET`. */
  readonly method?: "GET" | "HEAD" | "POST" | "PATCH" | "PUT" | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | string | undefined;
  /** The body holds a secret: a redirect to another origin is refused. */
  readonly secretBody?: boolean | undefined;
  /** `refuse`: a redirect is an error, since only the other side itself is believed. Default `follow`. */
  readonly redirects?: "follow" | "refuse" | undefined;
  /** Names the other side in errors. Default: its host. */
  readonly label?: string | undefined;
}

/** What holds where nobody says otherwise: see {@link TransportOptions}. */
const defaults = { retries: 4, backoff: 500, idleTimeout: 60_000, totalTimeout: 2 * 60 * 60 * 1000 };

/** Bytes of an answer that is no document of its own, such as that of a token server. */
export const maxAnswerBytes: number = 1024 * 1024;

const maxRedirects = 10;

/** Milliseconds; longer than this no server is waited for before a repetition. */
const maxDelay = 60_000;

/** Milliseconds before a host that refused a connection is asked once more. */
const refusedDelay = 250;

/** What engines call it when no connection comes about: nobody listens, has that name, or shows a certificate to trust. */
const refusals: ReadonlySet<string> = new Set([
  "ConnectionRefused",
  "ECONNREFUSED",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

function isRefusedConnection(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ("code" in at && typeof at.code === "string" && refusals.has(at.code)) return true;
    // A port that no engine connects to, since it is another protocol's (Fetch standard, section 2.9).
    if (at.message === "bad port") return true;
  }
  return false;
}

/** Connections that may break within one document, however far each came. */
const maxConnections = 1000;

/** Bytes that must have arrived for a connection that broke to count as progress. */
const progressBytes = 64 * 1024;

const repeatable = new Set([408, 425, 429, 500, 502, 503, 504]);

/** How long one document is tried for: repetitions in a row, connections in all, and total time. */
export class Patience {
  /** Aborts with the caller's signal, and when the total time is over. */
  readonly signal: AbortSignal;
  private readonly options: TransportOptions;
  private failures = 0;
  private connections = 0;
  private arrived = 0;

  constructor(options: TransportOptions) {
    this.options = options;
    this.signal = signalAfter(options.totalTimeout ?? defaults.totalTimeout, options.signal);
  }

  /** Notes bytes of a body: a slow line may break often, but a server that gives a byte each time is not slow. */
  progressed(bytes: number): void {
    this.arrived += bytes;
    if (this.arrived < progressBytes) return;
    this.arrived = 0;
    this.failures = 0;
  }

  /**
   * Waits until it is time for another attempt, `wait` milliseconds or twice as long as last time; false when there is none. A server
   * that cannot be connected to (`error`) is tried only once more, and soon, since people wait for the answer.
   * @throws the reason of the caller's signal.
   */
  async again(wait?: number, error?: unknown): Promise<boolean> {
    const { retries = defaults.retries, backoff = defaults.backoff, signal } = this.options;
    const refused = isRefusedConnection(error);
    this.arrived = 0;
    if (this.failures >= (refused ? Math.min(1, retries) : retries) || ++this.connections > maxConnections)
      return false;
    const delay = Math.min(wait ?? backoff * 2 ** this.failures, refused ? refusedDelay : maxDelay);
    this.failures++;
    await sleep(delay, this.signal).catch(() => signal?.throwIfAborted());
    return !this.signal.aborted;
  }
}

/**
 * Makes a request: follows redirects without taking a secret to another origin, and repeats what failed for a
 * passing reason, waiting as `Retry-After` asks (RFC 9110, section 10.2.3). The answer's body is yet to be read: see {@link bodyChunks}.
 * @throws ScanError `network` when no answer came in the end.
 */
export async function request(outgoing: OutgoingRequest, options: TransportOptions): Promise<Response> {
  const patience = new Patience(options);
  for (;;) {
    const outcome = await attemptRequest(outgoing, options, patience.signal);
    if (outcome instanceof Response && !repeatable.has(outcome.status)) return outcome;
    const wait = outcome instanceof Response ? retryAfter(outcome) : undefined;
    const last = outcome instanceof RedirectError || !(await patience.again(wait, outcome));
    if (last && outcome instanceof Response) return outcome;
    if (outcome instanceof Response) await outcome.body?.cancel();
    else if (last)
      throw new ScanError(
        { kind: "network", label: outgoing.label ?? new URL(outgoing.url).host, reason: reasonOf(outcome) },
        { cause: outcome },
      );
  }
}

/**
 * Makes a request and reads its whole answer; one that breaks off is asked for again. The body of an answer with an error status is not
 * read, and `bytes` is then empty.
 * @throws ScanError `network` when no whole answer came in the end, `limit-exceeded` when it has more than `maxBytes`.
 */
export async function requestBytes(
  ask: (options: TransportOptions) => Promise<Response>,
  what: string,
  maxBytes: number,
  options: TransportOptions,
): Promise<{ readonly response: Response; readonly bytes: Uint8Array }> {
  const patience = new Patience(options);
  const within = { ...options, signal: patience.signal };
  for (;;) {
    try {
      const response = await ask(within);
      const bytes = response.ok ? await collectBytes(bodyChunks(response, within), what, maxBytes) : new Uint8Array(0);
      if (!response.ok) await response.body?.cancel();
      return { response, bytes };
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof ScanError) throw error;
      if (!(await patience.again()))
        throw new ScanError({ kind: "network", label: what, reason: reasonOf(error) }, { cause: error });
    }
  }
}

/** The response, or the error that passing trouble gave; an abort is thrown. */
async function attemptRequest(
  outgoing: OutgoingRequest,
  options: TransportOptions,
  signal: AbortSignal,
): Promise<Response | Error> {
  const idle = new AbortController();
  const timer = setTimeout(
    () => idle.abort(new Error("no answer in time")),
    options.idleTimeout ?? defaults.idleTimeout,
  );
  try {
    return await followRedirects(outgoing, options.fetch ?? fetch, AbortSignal.any([signal, idle.signal]));
  } catch (error) {
    options.signal?.throwIfAborted();
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
  }
}

/** A redirect that is not followed: asking again would give it again. */
class RedirectError extends Error {
  override readonly name = "RedirectError";
}

/** Headers that say who asks. */
const secretHeaders = new Set(["authorization", "cookie", "proxy-authorization", "x-amz-security-token"]);

async function followRedirects(
  outgoing: OutgoingRequest,
  fetcher: typeof fetch,
  signal: AbortSignal,
): Promise<Response> {
  let at = new URL(outgoing.url);
  let { method = "GET", headers = {}, body } = outgoing;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    // as: bytes are never in shared memory
    const asked = { method, headers, signal, ...(body === undefined ? {} : { body: body as BodyInit }) };
    const response = await fetcher(at.href, { ...asked, redirect: "manual" });
    // Browsers tell pages nothing of a redirect that they do not follow themselves (Fetch standard, section 2.2.6).
    if (response.type === "opaqueredirect" && outgoing.redirects !== "refuse") {
      const isSecret = body !== undefined && outgoing.secretBody === true;
      if (isSecret || Object.keys(headers).some((name) => secretHeaders.has(name.toLowerCase())))
        throw new RedirectError(
          "redirected, but the browser hides the target, which must not receive the secret of the request",
        );
      return fetcher(at.href, { ...asked, redirect: "follow" });
    }
    const location = response.status >= 300 && response.status < 400 ? response.headers.get("location") : null;
    if (location === null && response.type !== "opaqueredirect")
      return at.origin === new URL(outgoing.url).origin ? response : withoutChallenge(response);
    await response.body?.cancel();
    if (location === null || outgoing.redirects === "refuse")
      throw new RedirectError("redirected, and redirects are not followed here");
    if (!URL.canParse(location, at.href)) throw new RedirectError("redirected to an invalid address");
    const next = new URL(location, at);
    if (next.protocol !== "https:" && next.protocol !== "http:")
      throw new RedirectError(`redirected to ${next.protocol}`);
    if (next.protocol === "http:" && at.protocol === "https:")
      throw new RedirectError("redirected from https to plain http");
    if (becomesGet(response.status, method)) {
      method = "GET";
      body = undefined;
      headers = without(headers, (name) => name.startsWith("content-"));
    }
    if (next.origin !== at.origin) {
      headers = without(headers, (name) => secretHeaders.has(name));
      if (body !== undefined && outgoing.secretBody === true)
        throw new RedirectError(`redirected to ${next.host}, which must not receive the secret of the request`);
    }
    at = next;
  }
  throw new RedirectError(`redirected more than ${maxRedirects} times`);
}

/** Who was redirected to must not ask for the secrets of who was asked: its challenge could name any token server. */
function withoutChallenge(response: Response): Response {
  if (response.status !== 401) return response;
  const { status, statusText } = response;
  const headers = without(Object.fromEntries(response.headers), (name) => name === "www-authenticate");
  return new Response(response.body, { status, statusText, headers });
}

/** RFC 9110, section 15.4: 303 asks for another thing; 301 and 302 are taken so by every agent where something was sent. */
function becomesGet(status: number, method: string): boolean {
  if (method === "GET" || method === "HEAD") return false;
  return status === 303 || status === 302 || (status === 301 && method === "POST");
}

function without(
  headers: Readonly<Record<string, string>>,
  isUnwanted: (name: string) => boolean,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isUnwanted(name.toLowerCase())));
}

/** Milliseconds that an answer asks to be waited; a date is read against the server's own clock, so that ours does not matter. */
export function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("retry-after");
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(response.headers.get("date") ?? "");
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** Resolves after a while, or rejects with the reason of an abort. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", aborted, { once: true });
    function done(): void {
      signal.removeEventListener("abort", aborted);
      resolve();
    }
    function aborted(): void {
      clearTimeout(timer);
      reject(signal.reason as Error); // as: whoever aborts says why by an error
    }
  });
}

/** Chunks of a body; a pause longer than the idle timeout is an error. */
export async function* bodyChunks(response: Response, options: TransportOptions): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await withinIdleTime(reader.read(), options);
      if (done) return;
      yield value;
    }
  } finally {
    // Not awaited: cancelling a dead connection may take as long as it likes.
    reader.cancel().catch(() => undefined);
  }
}

function withinIdleTime<T>(
  promise: Promise<T>,
  { idleTimeout = defaults.idleTimeout, signal }: TransportOptions,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(() => settle(() => reject(new Error(`no byte for ${idleTimeout} ms`))), idleTimeout);
    // as: whoever aborts says why by an error
    const aborted = (): void => settle(() => reject(signal?.reason as Error));
    signal?.addEventListener("abort", aborted, { once: true });
    function settle(finish: () => void): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      finish();
    }
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error as Error)), // as: passed on as it is
    );
  });
}

/** What went wrong, in words: `fetch` hides the reason in `cause`. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  // A host with several addresses fails with one error for each.
  const [first] = cause instanceof AggregateError ? (cause.errors as readonly unknown[]) : [];
  return cause.message || (first instanceof Error && first.message) || cause.name;
}
