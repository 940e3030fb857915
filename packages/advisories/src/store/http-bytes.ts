import { ScanError, checkOptions, optionIs, request, requestBytes } from "@plimsoll/model";
import type { CallOptions, OutgoingRequest, RandomAccessBytes, TransportOptions } from "@plimsoll/model";

/** How a file on a web server is read. */
export interface HttpBytesOptions extends CallOptions {
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** Milliseconds before a request is repeated, doubled each time; default 500. */
  readonly retryDelay?: number | undefined;
}

/** Repetitions of a request that fails for a passing reason. */
const retries = 3;

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
  readonly #transport: TransportOptions;
  #tag: string | null = null;

  constructor(url: string, { fetch: send, retryDelay = 500 }: HttpBytesOptions) {
    this.#url = url;
    this.#transport = { fetch: send, retries, backoff: retryDelay };
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
    const { headers, body } = await this.#ask(
      { headers: { range: `bytes=${from}-${to - 1}` } },
      206,
      options,
      to - from,
    );
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
    outgoing: Pick<OutgoingRequest, "method" | "headers">,
    status: number,
    { signal }: CallOptions,
    maxBytes = 0,
  ): Promise<{ readonly headers: Headers; readonly body: Uint8Array }> {
    const within = { ...this.#transport, signal };
    const ask = async (once: TransportOptions): Promise<Response> => {
      const response = await request({ ...outgoing, url: this.#url, label: this.#url }, once);
      if (response.status === status) return response;
      await response.body?.cancel();
      throw this.#failure(
        response.status === 200 ? "it does not serve parts of files" : `it answered ${response.status}`,
      );
    };
    const { response, bytes } = await requestBytes(ask, this.#url, maxBytes, within);
    return { headers: response.headers, body: bytes };
  }

  #failure(reason: string): ScanError {
    return new ScanError({ kind: "network", label: this.#url, reason });
  }
}
