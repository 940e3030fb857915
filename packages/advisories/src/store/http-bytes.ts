import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { CallOptions, RandomAccessBytes } from "@plimsoll/model";

export interface HttpBytesOptions extends CallOptions {
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** Milliseconds before a request is repeated, doubled each time; default 500. */
  readonly retryDelay?: number | undefined;
}

const attempts = 4;

/**
 * A file on a web server, read by range requests (RFC 9110 section 14): what a page needs to look up packages in a store
 * without downloading it. Works across origins where the server allows `GET` and `HEAD`; no other headers are needed.
 * @throws ScanError `network` when the server does not answer usefully. Reading throws the same, and `store-unreadable` when
 * the file was replaced meanwhile.
 */
export async function httpBytes(url: string, options: HttpBytesOptions = {}): Promise<RandomAccessBytes> {
  checkOptions("httpBytes", options, { fetch: optionIs.call, retryDelay: optionIs.count, signal: optionIs.signal });
  const file = new HttpFile(url, options);
  await file.open(options);
  return file;
}

class HttpFile implements RandomAccessBytes {
  size = 0;
  readonly #url: string;
  readonly #fetch: typeof fetch;
  readonly #retryDelay: number;
  #tag: string | null = null;

  constructor(url: string, { fetch: send, retryDelay = 500 }: HttpBytesOptions) {
    this.#url = url;
    this.#fetch = send ?? ((input, init) => fetch(input, init));
    this.#retryDelay = retryDelay;
  }

  async open(options: CallOptions): Promise<void> {
    const { headers } = await this.#ask({ method: "HEAD" }, 200, options);
    const size = headers.get("content-length");
    if (size === null || !/^\d{1,15}$/.test(size)) throw this.#failure("it does not say how long the file is");
    if ((headers.get("content-encoding") ?? "identity") !== "identity")
      throw this.#failure("it compresses the file, so that its parts cannot be asked for");
    this.size = Number(size);
    this.#tag = headers.get("etag");
  }

  async *read(start: number, end: number, options: CallOptions = {}): AsyncGenerator<Uint8Array> {
    const from = Math.max(0, start);
    const to = Math.min(end, this.size);
    if (from >= to) return;
    const { headers, body } = await this.#ask({ headers: { range: `bytes=${from}-${to - 1}` } }, 206, options);
    const tag = headers.get("etag");
    if (tag !== null && this.#tag !== null && tag !== this.#tag) {
      const reason = "it was replaced while it was read; open it anew";
      throw new ScanError({ kind: "store-unreadable", label: this.#url, reason });
    }
    // Servers may answer less than they were asked for, never other bytes.
    if (body.length !== to - from) throw this.#failure(`it sent ${body.length} bytes instead of ${to - from}`);
    yield body;
  }

  async #ask(
    init: RequestInit,
    status: number,
    { signal }: CallOptions,
  ): Promise<{ readonly headers: Headers; readonly body: Uint8Array }> {
    let reason = "";
    for (let attempt = 0; attempt < attempts; attempt++) {
      signal?.throwIfAborted();
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, this.#retryDelay * 2 ** (attempt - 1)));
      try {
        const response = await this.#fetch(this.#url, { ...init, signal: signal ?? null });
        if (response.status === status)
          return { headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) };
        await response.body?.cancel();
        reason = response.status === 200 ? "it does not serve parts of files" : `it answered ${response.status}`;
        if (response.status !== 429 && response.status < 500) break;
      } catch (error) {
        signal?.throwIfAborted();
        reason = error instanceof Error ? error.message : String(error);
      }
    }
    throw this.#failure(reason);
  }

  #failure(reason: string): ScanError {
    return new ScanError({ kind: "network", label: this.#url, reason });
  }
}
