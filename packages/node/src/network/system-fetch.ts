import { tlsChecks } from "../registry/connection-checks.ts";
import { checkOptions, optionIs } from "@plimsoll/model";
import { request as requestHttp } from "node:http";
import type { IncomingMessage, RequestOptions } from "node:http";
import { Agent, request as requestHttps } from "node:https";
import { Readable } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import type { Socket } from "node:net";
import { namesProxy, proxyFor } from "./proxy.ts";
import type { Environment } from "./proxy.ts";

/** TLS options, which Node's own `fetch` does not have. */
export interface TlsOptions {
  /** PEM certificates of authorities to trust instead of the built-in ones. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** Accept any certificate. For tests of private registries only. */
  readonly insecure?: boolean | undefined;
}

/** Options of {@link systemFetch}. */
export interface SystemFetchOptions extends TlsOptions {
  /** Environment variables that name proxies (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`). Default: those of the process. */
  readonly environment?: Environment | undefined;
}

const maxRedirects = 10;

/**
 * A `fetch` that uses the proxies of the environment and trusts other certificate authorities; Node's own where neither is needed. Request bodies
 * are strings or bytes.
 */
export function systemFetch(options: SystemFetchOptions = {}): typeof fetch {
  checkOptions("systemFetch", options, { ...tlsChecks, environment: optionIs.object });
  const environment = options.environment ?? process.env;
  const needsNothing = options.ca === undefined && options.insecure !== true && !namesProxy(environment);
  return needsNothing ? (input, init) => fetch(input, init) : patientFetch({ ...options, environment });
}

/** {@link systemFetch} that is never Node's own `fetch`, which waits at most five minutes for response headers. */
export function patientFetch(options: SystemFetchOptions): typeof fetch {
  const environment = options.environment ?? process.env;
  return async (input, init = {}) => {
    const asked = new Request(input, init);
    const body = asked.body === null ? undefined : new Uint8Array(await asked.arrayBuffer());
    let url = new URL(asked.url);
    let headers = Object.fromEntries(asked.headers);
    let { method } = asked;
    let sent = body;
    for (let hops = 0; hops <= maxRedirects; hops++) {
      const outgoing = { url, method, headers, body: sent, signal: asked.signal };
      const response = await send(outgoing, options, proxyFor(url, environment));
      const location = response.headers.location;
      const status = response.statusCode ?? 500;
      if (asked.redirect !== "follow" || location === undefined || ![301, 302, 303, 307, 308].includes(status))
        return toResponse(response, status);
      // What else it says is of no interest, and may have no end.
      response.destroy();
      const next = new URL(location, url);
      if (next.origin !== url.origin) headers = withoutSecrets(headers);
      if (status === 303 || (status < 303 && method === "POST")) [method, sent] = ["GET", undefined];
      url = next;
    }
    throw new Error(`redirected more than ${maxRedirects} times`);
  };
}

interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal;
}

async function send(outgoing: Outgoing, tls: TlsOptions, proxy: URL | undefined): Promise<IncomingMessage> {
  const { url, method, headers, body, signal } = outgoing;
  const length = body === undefined ? {} : { "content-length": String(body.length) };
  const options: RequestOptions = { method, headers: { ...headers, ...length }, signal };
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new Error(`the protocol ${url.protocol} is not supported`);
  if (proxy === undefined) return exchange(url, { ...options, ...trust(tls) }, body);
  if (url.protocol === "http:") {
    // A proxy is asked for the whole address.
    const asProxy = { ...options, headers: { host: url.host, ...options.headers, ...identify(proxy) }, path: url.href };
    return exchange(proxy, asProxy, body);
  }
  const socket = await tunnel(url, proxy, signal);
  // No agent would make a connection of its own.
  const agent = new Agent();
  agent.createConnection = () => connectTls({ socket, servername: url.hostname, ...trust(tls) });
  return exchange(url, { ...options, agent }, body);
}

/** A connection to the host through the proxy: `CONNECT`, RFC 9110 section 9.3.6. */
function tunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const target = `${url.hostname}:${url.port === "" ? 443 : url.port}`;
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === "https:" ? requestHttps : requestHttp)(proxy, {
      method: "CONNECT",
      path: target,
      headers: { host: target, ...identify(proxy) },
      signal,
    });
    request.on("connect", ({ statusCode }, socket: Socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} answered ${statusCode} for ${target}`));
    });
    request.on("error", (cause) => reject(new Error(`the proxy ${proxy.host}: ${cause.message}`, { cause })));
    request.end();
  });
}

function identify(proxy: URL): Readonly<Record<string, string>> {
  if (proxy.username === "") return {};
  const secret = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(secret).toString("base64")}` };
}

function trust({ ca, insecure }: TlsOptions): Pick<ConnectionOptions, "ca" | "rejectUnauthorized"> {
  return {
    ...(ca === undefined ? {} : { ca: [ca].flat().map((pem) => Buffer.from(pem as string)) }), // as: text or bytes alike
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
  };
}

function exchange(url: URL, options: RequestOptions, body: Uint8Array | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, options, resolve);
    request.on("error", reject);
    // Without a listener Node ends such a connection and tells nobody.
    request.on("upgrade", (response, socket) => {
      socket.destroy();
      reject(new Error(`the server answered ${response.statusCode} and speaks another protocol`));
    });
    request.end(body);
  });
}

function toResponse(response: IncomingMessage, status: number): Response {
  if (status < 200 || status > 599) {
    response.destroy();
    throw new Error(`the server answered ${status}, which is no status of HTTP`);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers))
    for (const part of [value ?? []].flat()) headers.append(name, part);
  const isEmpty = status === 204 || status === 205 || status === 304;
  if (isEmpty) response.resume();
  // as: Node's stream and the platform's are the same at run time
  return new Response(isEmpty ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>), { status, headers });
}

function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "authorization" && name !== "cookie"));
}
