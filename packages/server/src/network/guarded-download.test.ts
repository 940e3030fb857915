import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { hostRules } from "./address-rules.ts";
import { guardedDownload } from "./guarded-download.ts";

describe("a download from an address that somebody else named", () => {
  const servers: Server[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function serve(listener: RequestListener): Promise<number> {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  async function read(url: string, options: Partial<Parameters<typeof guardedDownload>[0]> = {}): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await guardedDownload({ url, rules: hostRules(["127.0.0.1"]), ...options }))
      chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  test("is what the server says", async () => {
    const port = await serve((_, response) => response.end("layer"));

    expect(await read(`http://127.0.0.1:${port}/`)).toBe("layer");
  });

  test("is refused when a harmless name means a private address, and none is asked", async () => {
    let asked = 0;
    const port = await serve((_, response) => {
      asked++;
      response.end("secret");
    });
    const resolve = (): Promise<{ address: string; family: number }[]> =>
      Promise.resolve([{ address: "127.0.0.1", family: 4 }]);

    await expect(read(`http://harmless.example:${port}/`, { rules: hostRules([]), resolve })).rejects.toThrow(
      "--allow-layer-hosts",
    );
    expect(asked).toBe(0);
    expect(await read(`http://harmless.example:${port}/`, { rules: hostRules(["harmless.example"]), resolve })).toBe(
      "secret",
    );
  });

  test("is refused when one of a name's addresses is private", async () => {
    const resolve = (): Promise<{ address: string; family: number }[]> =>
      Promise.resolve([
        { address: "8.8.8.8", family: 4 },
        { address: "169.254.169.254", family: 4 },
      ]);

    await expect(read("http://both.example/", { rules: hostRules([]), resolve })).rejects.toThrow(
      "--allow-layer-hosts",
    );
  });

  test.each([
    "http://[::ffff:127.0.0.1]/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://127.1/",
    "http://localhost./",
  ])("is refused for loopback however it is written: %s", async (url) => {
    await expect(read(url, { rules: hostRules([]) })).rejects.toThrow();
  });

  test("follows no redirect to a host that is not allowed", async () => {
    const other = await serve((_, response) => response.end("secret"));
    const port = await serve((_, response) =>
      response.writeHead(302, { location: `http://localhost:${other}/` }).end(),
    );

    await expect(read(`http://127.0.0.1:${port}/`)).rejects.toThrow("localhost");
  });

  test("follows a few redirects, not a ring of them", async () => {
    const port = await serve((_, response) => response.writeHead(302, { location: "/" }).end());

    await expect(read(`http://127.0.0.1:${port}/`)).rejects.toThrow("redirects more than 5 times");
  });

  test.each([
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1/",
    "http://user:secret@127.0.0.1/",
    "no address",
  ])("is refused: %s", async (url) => {
    const error = await read(url).catch((problem: unknown) => problem);

    expect(error).toBeInstanceOf(Error);
    expect(String(error)).not.toContain("secret");
  });

  test("ends when the server says nothing more", async () => {
    const port = await serve((_, response) => void response.write("begun"));

    await expect(read(`http://127.0.0.1:${port}/`, { silence: 50 })).rejects.toThrow("no bytes came");
  });

  test.each([
    ["of an answer that leads elsewhere", 302],
    ["of a refusal", 404],
  ])("leaves the rest %s, which has no end", async (_, status) => {
    let left = (): void => undefined;
    const closed = new Promise<void>((resolve) => (left = resolve));
    const port = await serve((request, response) => {
      if (request.url === "/layer") return void response.end("layer");
      response.on("close", left);
      response.writeHead(status, { location: "/layer" }).write("x");
    });

    await read(`http://127.0.0.1:${port}/`).catch(() => undefined);

    await closed;
  });

  test("is an error where the server changes to another protocol", async () => {
    const port = await serve(() => undefined);
    servers[0]?.on("connection", (socket) =>
      socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
    );

    await expect(read(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ failure: { kind: "network" } });
  });

  test("says neither headers nor the query in its errors", async () => {
    const port = await serve((_, response) => response.writeHead(403).end());

    const error = await read(`http://127.0.0.1:${port}/blob?signature=hunter2`, {
      headers: { authorization: ["hunter2"] },
    }).catch(String);

    expect(error).toContain("403");
    expect(error).not.toContain("hunter2");
    const odd = await read(`http://127.0.0.1:${port}/`, { headers: { "bad name": ["hunter2"] } }).catch(String);
    expect(odd).toContain("cannot be sent");
    expect(odd).not.toContain("hunter2");
  });
});
