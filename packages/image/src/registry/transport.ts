import { ScanError } from "@plimsoll/model";

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
  readonly signal?: AbortSignal | undefined;
}

const maxRedirects = 5;
const maxDelay = 60_000;
const repeatable = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Makes a request: follows redirects without taking `Authorization` to another origin, and repeats what failed for a
 * passing reason, waiting as `Retry-After` asks (RFC 9110, section 10.2.3).
 * @throws ScanError `network` when no answer came in the end.
 */
export async function request(
  url: string,
  headers: Readonly<Record<string, string>>,
  options: TransportOptions,
): Promise<Response> {
  const retries = options.retries ?? 4;
  for (let attempt = 0; ; attempt++) {
    const outcome = await attemptRequest(url, headers, options);
    if (outcome instanceof Response && !repeatable.has(outcome.status)) return outcome;
    if (attempt >= retries) {
      if (outcome instanceof Response) return outcome;
      throw new ScanError({ kind: "network", label: new URL(url).host, reason: reasonOf(outcome) }, { cause: outcome });
    }
    const wait = outcome instanceof Response ? retryAfter(outcome) : undefined;
    if (outcome instanceof Response) await outcome.body?.cancel();
    await sleep(Math.min(wait ?? (options.backoff ?? 500) * 2 ** attempt, maxDelay), options.signal);
  }
}

/** The response, or the error that passing trouble gave; an abort is thrown. */
async function attemptRequest(
  url: string,
  headers: Readonly<Record<string, string>>,
  options: TransportOptions,
): Promise<Response | Error> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error("no answer in time")), options.idleTimeout ?? 60_000);
  const signal = options.signal === undefined ? idle.signal : AbortSignal.any([options.signal, idle.signal]);
  try {
    return await followRedirects(url, headers, options.fetch ?? fetch, signal);
  } catch (error) {
    options.signal?.throwIfAborted();
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
  }
}

async function followRedirects(
  url: string,
  headers: Readonly<Record<string, string>>,
  fetcher: typeof fetch,
  signal: AbortSignal,
): Promise<Response> {
  let at = new URL(url);
  let sent: Readonly<Record<string, string>> = headers;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const response = await fetcher(at.href, { headers: sent, redirect: "manual", signal });
    const location = response.status >= 300 && response.status < 400 ? response.headers.get("location") : null;
    if (location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, at);
    if (next.protocol !== "https:" && next.protocol !== "http:") throw new Error(`redirected to ${next.protocol}`);
    if (next.protocol === "http:" && at.protocol === "https:") throw new Error("redirected from https to plain http");
    if (next.origin !== at.origin)
      sent = Object.fromEntries(Object.entries(sent).filter(([name]) => name.toLowerCase() !== "authorization"));
    at = next;
  }
  throw new Error(`redirected more than ${maxRedirects} times`);
}

/** Seconds or a date; a date is read against the server's own clock, so that ours does not matter. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("retry-after");
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(response.headers.get("date") ?? "");
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** Resolves after a while, or rejects with the reason of an abort. */
export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", aborted, { once: true });
    function done(): void {
      signal?.removeEventListener("abort", aborted);
      resolve();
    }
    function aborted(): void {
      clearTimeout(timer);
      reject(signal?.reason as Error);
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

function withinIdleTime<T>(promise: Promise<T>, { idleTimeout = 60_000, signal }: TransportOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(() => settle(() => reject(new Error(`no byte for ${idleTimeout} ms`))), idleTimeout);
    const aborted = (): void => settle(() => reject(signal?.reason as Error));
    signal?.addEventListener("abort", aborted, { once: true });
    function settle(finish: () => void): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      finish();
    }
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error as Error)),
    );
  });
}

/** What went wrong, in words: `fetch` hides the reason in `cause`. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
