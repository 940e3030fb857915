import { createServer, request as requestHttp } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect, createServer as createNetServer } from "node:net";
import type { AddressInfo, Server as NetServer, Socket } from "node:net";
import { execFileSync } from "node:child_process";
import { createServer as createTlsServer } from "node:https";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { proxyFor } from "./proxy.ts";
import { patientFetch, systemFetch } from "./system-fetch.ts";

describe("the proxy for an address", () => {
  const http = "http://a.example/";
  const https = "https://a.example/";

  test.each<readonly [string, Readonly<Record<string, string>>, string | undefined]>([
    [http, {}, undefined],
    [http, { HTTP_PROXY: "http://p:1" }, "http://p:1/"],
    [http, { http_proxy: "p:1", HTTP_PROXY: "q:1" }, "http://p:1/"],
    [https, { HTTP_PROXY: "http://p:1" }, undefined],
    [https, { HTTPS_PROXY: "https://p:1", ALL_PROXY: "q:1" }, "https://p:1/"],
    [https, { all_proxy: "q:1" }, "http://q:1/"],
    [http, { HTTP_PROXY: "p:1", NO_PROXY: "*" }, undefined],
    [http, { HTTP_PROXY: "p:1", NO_PROXY: "b.example, A.EXAMPLE" }, undefined],
    [http, { HTTP_PROXY: "p:1", NO_PROXY: ".example" }, undefined],
    [http, { HTTP_PROXY: "p:1", NO_PROXY: "example" }, undefined],
    [http, { HTTP_PROXY: "p:1", NO_PROXY: "*.example" }, undefined],
    [http, { HTTP_PROXY: "p:1", NO_PROXY: "ample,other" }, "http://p:1/"],
    [http, { HTTP_PROXY: "p:1", NO_PROXY: "a.example:80" }, undefined],
    [http, { HTTP_PROXY: "p:1", NO_PROXY: "a.example:8080" }, "http://p:1/"],
    ["http://10.1.2.3/", { HTTP_PROXY: "p:1", NO_PROXY: "10.0.0.0/8" }, undefined],
    ["http://11.1.2.3/", { HTTP_PROXY: "p:1", NO_PROXY: "10.0.0.0/8" }, "http://p:1/"],
    ["http://[fd00::1]/", { HTTP_PROXY: "p:1", NO_PROXY: "fd00::/8" }, undefined],
    ["http://10.1.2.3/", { HTTP_PROXY: "p:1", NO_PROXY: "2.3" }, "http://p:1/"],
    ["http://127.0.0.1:5000/", { HTTP_PROXY: "p:1" }, undefined],
    ["http://localhost/", { HTTP_PROXY: "p:1" }, undefined],
    [http, { HTTP_PROXY: "evil:1", REQUEST_METHOD: "GET" }, undefined],
  ])("%s with %j is %s", (url, environment, expected) => {
    expect(proxyFor(new URL(url), environment)?.href).toBe(expected);
  });

  test.each(["socks5://p:1", "http://"])("%s is told as no proxy of ours", (value) => {
    expect(() => proxyFor(new URL(http), { HTTP_PROXY: value })).toThrow(/HTTP_PROXY is ".*", which is no address/);
  });
});

let folder = "";
let certificate: { readonly key: Buffer; readonly cert: Buffer } | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-proxy-"));
  const files = ["-keyout", join(folder, "key"), "-out", join(folder, "cert")];
  const subject = ["-subj", "/CN=mirror.example", "-addext", "subjectAltName=DNS:mirror.example"];
  try {
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...files, ...subject], {
      stdio: "pipe",
    });
    certificate = { key: readFileSync(join(folder, "key")), cert: readFileSync(join(folder, "cert")) };
  } catch {
    console.warn("no openssl: the test of a tunnel to an HTTPS server is skipped");
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("through a proxy on loopback", () => {
  let servers: Server[] = [];
  let seen: string[] = [];
  let origin = 0;
  let proxy = "";
  beforeEach(async () => {
    seen = [];
    servers = [];
    origin = await listen(createServer(answer));
    const server = createServer(forward);
    server.on("connect", tunnel);
    proxy = `http://user:p%40ss@127.0.0.1:${await listen(server)}`;
  });
  afterEach(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function listen(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === "/endless") {
      response.writeHead(302, { location: "/here" });
      const talk = setInterval(() => response.write("x".repeat(1_000)), 1);
      response.on("close", () => {
        clearInterval(talk);
        seen.push("left");
      });
      return;
    }
    if (request.url === "/moved") return void response.writeHead(302, { location: "/here?x=1" }).end();
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () =>
      response.end(
        JSON.stringify([request.method, request.url, request.headers.host, Buffer.concat(chunks).toString()]),
      ),
    );
  }

  /** Knows the one name that there is. */
  function forward(request: IncomingMessage, response: ServerResponse): void {
    seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"]}`);
    const { pathname, search } = new URL(request.url ?? "");
    const { host, ...headers } = request.headers;
    const onward = requestHttp(
      {
        port: origin,
        host: "127.0.0.1",
        path: pathname + search,
        method: request.method,
        headers: { ...headers, host },
      },
      (back) => {
        response.writeHead(back.statusCode ?? 500, back.headers);
        back.pipe(response);
      },
    );
    request.pipe(onward);
  }

  function tunnel(request: IncomingMessage, socket: Socket): void {
    seen.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"]}`);
    if (request.url !== "mirror.example:443") return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const onward = connect(origin, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  }

  const identified = `Basic ${Buffer.from("user:p@ss").toString("base64")}`;

  test("plain addresses are asked of it whole, and redirects followed", async () => {
    const send = systemFetch({ environment: { HTTP_PROXY: proxy } });

    const response = await send("http://mirror.example/moved");

    expect(await response.json()).toEqual(["GET", "/here?x=1", "mirror.example", ""]);
    expect(seen).toEqual([
      `GET http://mirror.example/moved ${identified}`,
      `GET http://mirror.example/here?x=1 ${identified}`,
    ]);
  });

  test("bodies go along, and redirects are left to who wants them", async () => {
    const send = systemFetch({ environment: { HTTP_PROXY: proxy } });

    const posted = await send("http://mirror.example/x", { method: "POST", body: new URLSearchParams({ a: "b" }) });
    const moved = await send("http://mirror.example/moved", { redirect: "manual" });

    expect(await posted.json()).toEqual(["POST", "/x", "mirror.example", "a=b"]);
    expect(moved.status).toBe(302);
  });

  test("secure addresses are reached through a tunnel, and only the right host is trusted", async () => {
    if (certificate === undefined) return;
    origin = await listen(createTlsServer(certificate, answer));
    const send = systemFetch({ environment: { HTTPS_PROXY: proxy }, ca: certificate.cert });
    const distrusting = systemFetch({ environment: { HTTPS_PROXY: proxy } });

    expect(await (await send("https://mirror.example/x")).json()).toEqual(["GET", "/x", "mirror.example", ""]);
    expect(seen).toEqual([`CONNECT mirror.example:443 ${identified}`]);
    await expect(distrusting("https://mirror.example/x")).rejects.toThrow(/self.signed/);
  });

  test("the rest of an answer that leads elsewhere is left, however long it is", async () => {
    const send = systemFetch({ environment: { HTTP_PROXY: "http://127.0.0.1:9" } });
    const response = await send(`http://127.0.0.1:${origin}/endless`);

    expect(await response.json()).toEqual(["GET", "/here", `127.0.0.1:${origin}`, ""]);
    await expect.poll(() => seen).toEqual(["left"]);
  });

  test("a proxy that refuses is named", async () => {
    const send = systemFetch({ environment: { HTTPS_PROXY: proxy } });

    await expect(send("https://other.example/x")).rejects.toThrow(/the proxy 127\.0\.0\.1:\d+ answered 403/);
  });

  test("exempt hosts are asked straight", async () => {
    const send = systemFetch({ environment: { HTTP_PROXY: proxy } });

    expect(await (await send(`http://127.0.0.1:${origin}/x`)).json()).toEqual(["GET", "/x", `127.0.0.1:${origin}`, ""]);
    expect(seen).toEqual([]);
  });

  test("aborting ends with the signal's reason", async () => {
    const send = systemFetch({ environment: { HTTP_PROXY: proxy } });

    await expect(send("http://mirror.example/x", { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});

describe("an answer of a server that is odd", () => {
  const servers: NetServer[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function answering(answer: string): Promise<string> {
    const server = createNetServer((socket) => void socket.once("data", () => socket.end(answer)));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  test.each([
    ["speaks another protocol", "101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x"],
    ["no status of HTTP", "999 Odd\r\nContent-Length: 2"],
  ])("is an error that says %s", async (reason, head) => {
    const send = patientFetch({ environment: {} });

    await expect(send(await answering(`HTTP/1.1 ${head}\r\n\r\nhi`))).rejects.toThrow(reason);
  });

  test("has no body where its status has none", async () => {
    const send = patientFetch({ environment: {} });

    const response = await send(await answering("HTTP/1.1 205 Reset\r\nContent-Length: 2\r\n\r\nhi"));

    expect([response.status, response.body]).toEqual([205, null]);
  });
});
