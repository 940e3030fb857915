import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { FeedRecord } from "@plimsoll/model";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { buildStore } from "./build-store.ts";
import { httpBytes } from "./http-bytes.ts";
import { openStore } from "./open-store.ts";

let file: Uint8Array = new Uint8Array();
let server: Server;
let url = "";
let sent = 0;
let tag = '"1"';
/** Answers before the file does; false: not this time. */
let fault: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;

async function* records(): AsyncGenerator<FeedRecord> {
  for (let at = 0; at < 5_000; at++) {
    const id = `A-${at}`;
    const affected = [{ advisory: id, namespace: "npm", name: `n-${at}`, ranges: [] }];
    // Does not compress well.
    const details = Array.from(
      { length: 30 },
      (_, index) => ((at * 31 + index) * 2_654_435_761) % 4_294_967_291,
    ).join();
    yield {
      kind: "advisory",
      advisory: { id, source: "x", aliases: [], severities: [], references: [], details, affected },
    };
  }
}

beforeAll(async () => {
  const chunks: Uint8Array[] = [];
  await buildStore({
    documents: [{ name: "x", content: records() as never }],
    feeds: [{ id: "x", accepts: () => true, parse: records }],
    output: { write: (chunk) => void chunks.push(chunk) },
  });
  file = Buffer.concat(chunks);
  server = createServer((request, response) => {
    if (fault(request, response)) return;
    const [, from = "", to = ""] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const part = from === "" ? file : file.subarray(Number(from), Number(to) + 1);
    const range = from === "" ? {} : { "content-range": `bytes ${from}-${to}/${file.length}` };
    response.writeHead(from === "" ? 200 : 206, { etag: tag, "content-length": part.length, ...range });
    if (request.method === "HEAD") return void response.end();
    sent += part.length;
    response.end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/advisories.plimsoll`;
});
afterAll(() => server.close());
beforeEach(() => {
  fault = () => false;
  tag = '"1"';
  sent = 0;
});

const key = (at: number): { namespace: string; name: string; version: string } => ({
  namespace: "npm",
  name: `n-${at}`,
  version: "1",
});

test("a store on a web server answers look-ups, and only the parts needed are fetched", async () => {
  const store = await openStore(await httpBytes(url));
  const afterOpening = sent;
  const found = await store.find([key(17), key(4_000), key(9_999)]);

  expect(found.map((rows) => rows.map((row) => row.advisory))).toEqual([["A-17"], ["A-4000"], []]);
  expect((await store.read(["A-17"]))[0]?.id).toBe("A-17");
  expect(sent - afterOpening).toBeLessThan(50_000);
  expect(file.length).toBeGreaterThan(500_000);
});

test("a busy server is met with patience", async () => {
  let refused = 0;
  fault = (_, response) => {
    if (refused++ > 1) return false;
    response.writeHead(503).end();
    return true;
  };

  expect((await httpBytes(url, { retryDelay: 1 })).size).toBe(file.length);
});

test("a file that is replaced while it is read is told, not mixed", async () => {
  const store = await openStore(await httpBytes(url));
  tag = '"2"';

  await expect(store.find([key(17)])).rejects.toMatchObject({ failure: { kind: "store-unreadable" } });
});

test.each<readonly [string, (request: IncomingMessage, response: ServerResponse) => boolean, RegExp]>([
  ["one that is not there", (_, response) => Boolean(response.writeHead(404).end()), /answered 404/],
  ["one of unknown length", (_, response) => Boolean(response.writeHead(200).end()), /does not say how long/],
  [
    "a server without ranges",
    (request, response) => request.method === "GET" && Boolean(response.writeHead(200).end("whole")),
    /does not serve parts/,
  ],
  [
    "a server that compresses",
    (_, response) => Boolean(response.writeHead(200, { "content-encoding": "gzip", "content-length": 9 }).end()),
    /compresses/,
  ],
  [
    "a part that is too short",
    (request, response) => request.method === "GET" && Boolean(response.writeHead(206).end("x")),
    /sent 1 bytes instead of/,
  ],
])("%s is told", async (_, answer, message) => {
  fault = answer;

  await expect(httpBytes(url, { retryDelay: 1 }).then((bytes) => openStore(bytes))).rejects.toThrow(message);
});
