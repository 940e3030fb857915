import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { RequestOptions } from "node:https";
import { connect as connectSocket, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import type { CertificateOf, Connect } from "@plimsoll/probes";
import { Readable } from "node:stream";

/** Connections to endpoints from this machine. */
export interface EndpointConnection {
  readonly connect: Connect;
  readonly certificate: CertificateOf;
  readonly isOpen: (host: string, port: number, signal: AbortSignal) => Promise<boolean>;
}

/** Milliseconds until a port that does not answer counts as closed. */
const connectTimeout = 1_500;

/**
 * Connections to probed endpoints: any certificate is accepted, because certificates are probed, too; no proxy, no redirects, no reused
 * connections.
 */
export function endpointConnection(): EndpointConnection {
  return { connect: exchange, certificate: certificateOf, isOpen };
}

const exchange: Connect = (text, { method, headers, body, signal }) => {
  const url = new URL(text);
  const options: RequestOptions = {
    method,
    signal,
    agent: false,
    rejectUnauthorized: false,
    headers: { ...headers, ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }) },
    maxHeaderSize: 64 << 10,
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, options, (response) => {
      resolve({ status: response.statusCode ?? 0, body: Readable.toWeb(response) as ReadableStream<Uint8Array> }); // Bytes: nobody set an encoding.
    });
    request.on("error", reject);
    // An upgrade is no answer: nobody speaks the other protocol here.
    request.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: null });
    });
    request.end(body);
  });
};

const certificateOf: CertificateOf = (host, port, signal) =>
  new Promise((resolve, reject) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connectTls({ host, port, rejectUnauthorized: false, ...name }, () => {
      const certificate = socket.getPeerCertificate();
      socket.destroy();
      resolve(certificate.raw);
    });
    const stop = (): void => void socket.destroy(new Error("stopped"));
    socket.on("error", reject);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });

function isOpen(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host, port, signal });
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(connectTimeout, () => end(false));
    socket.on("connect", () => end(true));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // Of a host that there is not, nobody can say what listens.
      if (error.syscall === "getaddrinfo") reject(new Error(`${host} cannot be resolved`, { cause: error }));
      else end(false);
    });
  });
}
