import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dockerArchive, sha256 } from "@plimsoll/testkit";
import { afterEach, expect, test } from "vitest";
import { imageFromEngine } from "./docker-engine.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** An engine that holds one image, of which it says this. */
async function engine(inspected: string): Promise<string> {
  const archive = await dockerArchive({ name: "app", layers: [{ a: "x" }] });
  const server = createServer((request, response) => {
    response.end(request.url?.endsWith("/get") === true ? archive : inspected);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("an engine's image goes by the digests that it was pulled by", async () => {
  const digest = sha256("index");
  const host = await engine(JSON.stringify({ RepoDigests: [`registry.example/app@${digest}`, `app@${digest}`, 3] }));

  expect((await imageFromEngine("app", { host }).open()).indexDigests).toEqual([digest]);
});

test.each(["{}", "no JSON", '{"RepoDigests":"x"}', '{"RepoDigests":["app@sha256:zz"]}', "x".repeat(5_000_000)])(
  "an engine that says %.20s of an image gives it all the same",
  async (inspected) => {
    const image = await imageFromEngine("app", { host: await engine(inspected) }).open();

    expect(image.layers).toHaveLength(1);
    expect(image.indexDigests).toBeUndefined();
  },
);

test("an engine that changes to another protocol is an error", async () => {
  const host = await engine("{}");
  servers
    .at(-1)
    ?.on("connection", (socket) =>
      socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
    );

  await expect(imageFromEngine("app", { host }).open()).rejects.toMatchObject({ failure: { kind: "network" } });
});
