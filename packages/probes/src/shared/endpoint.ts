import { signalAfter } from "@plimsoll/model";

/** Options of a request: the part of `fetch`'s options that probes use. */
export interface ConnectInit {
  readonly method: "GET" | "POST" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Redirects are returned as responses and never followed. */
  readonly redirect: "manual";
  readonly signal: AbortSignal;
}

/** A response: the part of `Response` that probes read. */
export interface ConnectAnswer {
  readonly status: number;
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Sends one request: `fetch`, or a function with the same interface. It must not verify certificates, because any endpoint is probed. */
export type Connect = (url: string, init: ConnectInit) => Promise<ConnectAnswer>;

/** The certificate that a TLS endpoint shows, DER; undefined when there is none. */
export type CertificateOf = (host: string, port: number, signal: AbortSignal) => Promise<Uint8Array | undefined>;

/** Limits on probing one endpoint. */
export interface EndpointLimits {
  /** Milliseconds for one request. */
  readonly requestTimeout: number;
  /** Milliseconds for all requests to one port. */
  readonly endpointTimeout: number;
  /** Bytes of all responses of one port. */
  readonly bytes: number;
}

/** A response. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One port of a host, probed within its limits. */
export class Endpoint {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly #connect: Connect;
  readonly #limits: EndpointLimits;
  readonly #signal: AbortSignal;
  #bytes: number;
  /** Why the last request got no response. */
  problem: string | undefined;

  constructor(
    address: { readonly host: string; readonly port: number },
    options: {
      readonly connect: Connect;
      readonly limits: EndpointLimits;
      readonly token?: string | undefined;
      readonly signal: AbortSignal;
    },
  ) {
    this.host = address.host;
    this.port = address.port;
    this.token = options.token;
    this.#connect = options.connect;
    this.#limits = options.limits;
    this.#bytes = options.limits.bytes;
    this.#signal = signalAfter(options.limits.endpointTimeout, options.signal);
  }

  get location(): string {
    return `${bracketed(this.host)}:${this.port}`;
  }

  get signal(): AbortSignal {
    return this.#signal;
  }

  /**
   * Requests a path; undefined when there is no response in time, or one that is too long. With `first`, only that many bytes are read, for
   * responses that may be long and of which only the beginning matters.
   */
  async get(
    protocol: "http" | "https",
    path: string,
    options: { token?: boolean; headers?: Readonly<Record<string, string>>; first?: number } = {},
  ): Promise<Answer | undefined> {
    return this.#ask("GET", protocol, path, options);
  }

  async post(
    protocol: "http" | "https",
    path: string,
    options: { token?: boolean; body?: string } = {},
  ): Promise<Answer | undefined> {
    return this.#ask("POST", protocol, path, options);
  }

  async put(
    protocol: "http" | "https",
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer | undefined> {
    return this.#ask("PUT", protocol, path, { headers });
  }

  async #ask(
    method: ConnectInit["method"],
    protocol: "http" | "https",
    path: string,
    options: { token?: boolean; body?: string; headers?: Readonly<Record<string, string>>; first?: number },
  ): Promise<Answer | undefined> {
    const signal = signalAfter(this.#limits.requestTimeout, this.#signal);
    const headers: Record<string, string> = { ...options.headers };
    if (options.token !== false && this.token !== undefined && protocol === "https")
      headers["authorization"] = `Bearer ${this.token}`;
    if (options.body !== undefined) headers["content-type"] = "application/json";
    // One that gave more than is read would do so again.
    if (this.problem === tooMuch) return undefined;
    try {
      signal.throwIfAborted();
      const init: ConnectInit = {
        method,
        headers,
        redirect: "manual",
        signal,
        ...(options.body === undefined ? {} : { body: options.body }),
      };
      const answer = await unless(signal, this.#connect(`${protocol}://${this.location}${path}`, init));
      return { status: answer.status, text: await this.#read(answer.body, signal, options.first) };
    } catch (error) {
      this.problem = error instanceof Error ? reasonOf(error) : "no answer";
      return undefined;
    }
  }

  async #read(body: ReadableStream<Uint8Array> | null, signal: AbortSignal, first = Infinity): Promise<string> {
    if (body === null) return "";
    const reader = body.getReader();
    // What comes byte by byte goes into blocks, since an object for each byte would cost a hundred times as much; what comes in large
    // pieces stays as it came, since a copy would be there beside it until the engine cleans up.
    const parts: Uint8Array[] = [];
    let block = new Uint8Array(0);
    let filled = 0;
    const most = Math.min(this.#bytes, this.#limits.bytes / 2);
    let read = 0;
    const keep = (): void => {
      if (filled > 0) parts.push(block.subarray(0, filled));
      block = block.subarray(filled);
      filled = 0;
    };
    try {
      for (;;) {
        const { done, value } = await unless(signal, reader.read());
        if (done) break;
        read += value.byteLength;
        this.#bytes -= value.byteLength;
        if (read > most) throw new RangeError(tooMuch);
        if (value.byteLength >= blockBytes / 4) {
          keep();
          parts.push(value);
        } else {
          if (filled + value.byteLength > block.byteLength) {
            keep();
            block = new Uint8Array(blockBytes);
          }
          block.set(value, filled);
          filled += value.byteLength;
        }
        if (read >= first) {
          reader.cancel().catch(() => undefined);
          break;
        }
      }
    } catch (error) {
      // The one who sends is told; whether it listens does not matter.
      reader.cancel(error).catch(() => undefined);
      throw error;
    }
    keep();
    const decoder = new TextDecoder();
    return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
  }
}

/** Why no more of a port is read. */
export const tooMuch = "sends more than the limit";

/** Bytes of a block in which an answer is collected. */
const blockBytes = 16 * 1024;

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** A promise that does not outlast a signal, also when whoever made it does not know the signal. */
function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function reasonOf(error: Error): string {
  if (error.name === "TimeoutError") return "no answer in time";
  if (error.name === "AbortError") return "stopped";
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : error.message;
  return code.replace(/[\u0000-\u001f\u007f]+/g, " ").slice(0, 100);
}
