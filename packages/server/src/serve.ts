import { serviceChecks } from "./service-options.ts";
import { checkOptions, optionIs } from "@plimsoll/model";
import { once } from "node:events";
import type { Server } from "node:http";
import { isIP } from "node:net";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Http2Bindings, HttpBindings } from "@hono/node-server";
import { isPublicAddress } from "./network/address-rules.ts";
import { createService } from "./service.ts";
import type { Service } from "./service.ts";
import type { ServiceOptions } from "./service-options.ts";

/** Options of {@link serve}. */
export interface ServeOptions extends ServiceOptions {
  /** `127.0.0.1:6060`, `[::1]:6060`, `:6060` (every address); port 0 takes a free one. */
  readonly listen: string;
  /** Stops the server when aborted. */
  readonly signal: AbortSignal;
  /** Called with the server's URL once it listens. */
  readonly onListening?: ((url: string) => void) | undefined;
}

/** The options would give everybody on a network write access. */
export class OpenToNetwork extends Error {
  override readonly name = "OpenToNetwork";
}

/** Milliseconds in which a request must have come to its end. */
const uploadTimeout = 6 * 3_600_000;

/** Milliseconds that requests and jobs have to end after the signal. */
const grace = 4_000;

/**
 * Serves until the signal is aborted; then accepts no more connections, finishes running requests, and resolves. Rejects when the port or the
 * database cannot be opened, and when the embedded database breaks down.
 * @throws TypeError for invalid options; OpenToNetwork when everybody on a network would have write access.
 */
export async function serve(all: ServeOptions): Promise<void> {
  checkOptions("serve", all, {
    ...serviceChecks,
    listen: optionIs.text,
    signal: optionIs.signal,
    onListening: optionIs.call,
  });
  const { listen, signal, onListening, ...options } = all;
  const { host, port } = parseAddress(listen);
  if (options.authentication === undefined && !isLoopback(host))
    throw new OpenToNetwork(
      `listening on ${listen} lets everybody who reaches it write; name a token with --admin-token or a key with --jwt-key, or say --anonymous read or --anonymous write`,
    );
  const service = createService(options);
  const server = createAdaptorServer({
    fetch: (request: Request, { incoming }: HttpBindings | Http2Bindings) =>
      service.fetch(request, incoming.socket.remoteAddress),
  }) as Server; // as: no other protocol is asked for
  server.headersTimeout = 30_000;
  // Large images take their time; what reads a body looks after those that stop sending.
  server.requestTimeout = uploadTimeout;
  try {
    server.listen(port, host);
    await once(server, "listening");
    const { port: actual } = server.address() as AddressInfo; // as: it listens on a port
    onListening?.(`http://${isIP(host ?? "") === 6 ? `[${host}]` : (host ?? "localhost")}:${actual}`);
    const ends = AbortSignal.any([signal, service.broken]);
    await Promise.race([untilAborted(ends), service.ready.then(() => untilAborted(ends))]);
    service.broken.throwIfAborted();
  } finally {
    await shutDown(server, service);
  }
}

async function shutDown(server: Server, service: Service): Promise<void> {
  const closed = server.listening ? new Promise<void>((resolve) => server.close(() => resolve())) : Promise.resolve();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), grace);
  await service.close({ grace });
  await closed;
  clearTimeout(timer);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** @throws TypeError */
function parseAddress(listen: string): { readonly host: string | undefined; readonly port: number } {
  const [, bracketed, plain = "", port = ""] = /^(?:\[([^\]]+)\]|([^:\s]*)):(\d{1,5})$/.exec(listen) ?? [];
  if (port === "" || Number(port) > 65_535)
    throw new TypeError(`listen: "${listen}" is no address such as 127.0.0.1:6060`);
  const host = bracketed ?? plain;
  return { host: host === "" ? undefined : host, port: Number(port) };
}

function isLoopback(host: string | undefined): boolean {
  if (host === undefined) return false;
  return (
    host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127.") && !isPublicAddress(host))
  );
}
