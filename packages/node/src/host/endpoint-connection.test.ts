import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { probe } from "@plimsoll/probes";
import { afterEach, expect, test, vi } from "vitest";
import { endpointConnection } from "./endpoint-connection.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(handler: RequestListener): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

test("a server on loopback is read as what it is", async () => {
  const port = await listen((request, response) => {
    response.writeHead(request.url === "/version" ? 200 : 404);
    response.end(request.url === "/version" ? '{"etcdserver":"3.4.23","etcdcluster":"3.4.0"}' : "");
  });
  const report = await probe({ targets: [{ host: "127.0.0.1", port }], ...endpointConnection() });

  expect(report.exposures.map(({ id }) => id)).toEqual(["KHV033", "KHV034"]);
});

test("a server that never ends, and one that redirects for ever, cost what a port may cost", async () => {
  let sent = 0;
  const endless = await listen((_, response) => {
    const chunk = Buffer.alloc(1 << 16);
    const write = (): void => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length;
    };
    response.on("drain", write);
    write();
  });
  let asked = 0;
  const redirecting = await listen((request, response) => {
    asked++;
    response.writeHead(302, { location: `${request.url ?? ""}x` });
    response.end();
  });
  const targets = [endless, redirecting].map((port) => ({ host: "127.0.0.1", port }));
  const report = await probe({ targets, ...endpointConnection(), bytesPerEndpoint: 1 << 20 });

  expect(report.exposures).toEqual([]);
  expect(report.unanswered).toContainEqual({ location: `127.0.0.1:${endless}`, reason: "sends more than the limit" });
  // What lies in the buffers of sockets is sent and never read.
  expect(sent).toBeLessThan(64 << 20);
  expect(asked).toBeLessThan(20);
});

test("a server that sends a byte now and then is left when its time is up", async () => {
  let sent = 0;
  const slow = await listen((_, response) => {
    const send = (): void => {
      response.write("x");
      sent++;
    };
    const timer = setInterval(send, 20);
    response.on("close", () => clearInterval(timer));
    send();
  });
  const limits = { requestTimeout: 150, endpointTimeout: 300 };
  const report = await probe({ targets: [{ host: "127.0.0.1", port: slow }], ...endpointConnection(), ...limits });

  // On a busy machine not a byte may have come by then, which is no answer either.
  expect(report.exposures).toEqual([]);
  expect(report.unanswered).toEqual([{ location: `127.0.0.1:${slow}`, reason: "no answer in time" }]);
  // Left means that the connection is gone, not that nobody listens to it any more.
  await vi.waitFor(async () => {
    const before = sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toBe(before);
  });
});

test("a port where nobody listens is told", async () => {
  const port = await listen(() => undefined);
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  const report = await probe({ targets: [{ host: "127.0.0.1", port }], ...endpointConnection() });

  expect(report.unanswered).toEqual([{ location: `127.0.0.1:${port}`, reason: "nothing listens" }]);
});

test("a host that cannot be resolved is told as such, and not as one where nobody listens", async () => {
  const report = await probe({ targets: [{ host: "nowhere.invalid", port: 6443 }], ...endpointConnection() });

  expect(report.unanswered).toEqual([
    { location: "nowhere.invalid:6443", reason: "nowhere.invalid cannot be resolved" },
  ]);
});

test("a certificate is not waited for when the time is up already", async () => {
  const silent = await listen(() => undefined);
  const { certificate } = endpointConnection();

  await expect(certificate("127.0.0.1", silent, AbortSignal.abort())).rejects.toThrow("stopped");
});

test("a port that there was no time to look at is not one where nobody listens", async () => {
  const port = await listen(() => undefined);
  const { isOpen, connect, certificate } = endpointConnection();
  const late: typeof isOpen = async (host, at, signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return isOpen(host, at, signal);
  };
  const targets = [{ host: "127.0.0.1", port }];
  const report = await probe({ targets, connect, certificate, isOpen: late, endpointTimeout: 20 });

  expect(report.unanswered).toEqual([{ location: `127.0.0.1:${port}`, reason: "no answer in time" }]);
});
