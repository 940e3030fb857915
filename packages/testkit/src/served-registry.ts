import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { memoryRegistry } from "./memory-registry.ts";

/** A registry in memory behind a real port, for programs that open their own connections. */
export interface ServedRegistry {
  /** `127.0.0.1:5000` */
  readonly host: string;
  /** Asks it without a connection. */
  readonly fetch: ReturnType<typeof memoryRegistry>["fetch"];
  stop(): void;
}

/** Starts one, with nothing in it. */
export async function servedRegistry(): Promise<ServedRegistry> {
  const { fetch } = memoryRegistry();
  let host = "";
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
      const { method = "GET" } = incoming;
      const body = method === "GET" || method === "HEAD" ? {} : { body: Buffer.concat(chunks) };
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      );
      const response = await fetch(`http://${host}${incoming.url}`, { method, headers, ...body });
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(Buffer.from(await response.arrayBuffer()));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`; // Listening on a port, not on a path.
  return {
    host,
    fetch,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
