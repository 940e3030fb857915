import { memoryCache } from "@plimsoll/inventory";
import { dockerArchive } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { alpineLayer, alpineStore } from "./fixtures/alpine.ts";
import { testDatabases } from "./fixtures/test-databases.ts";
import { serviceOn } from "./service.ts";

test("a service that is told to end answers what it took, and takes nothing more", async () => {
  const [embedded] = testDatabases;
  if (embedded === undefined) throw new Error("the embedded database is always there");
  const errors: unknown[] = [];
  const service = serviceOn(
    embedded.open().then((database) => ({ ...database, close: () => database.queries.destroy() })),
    { advisories: alpineStore([]), cache: memoryCache() },
    { info: () => undefined, warn: () => undefined, error: (facts, message) => errors.push(facts, message) },
  );
  await service.ready;
  const archive = await dockerArchive({ layers: [alpineLayer({ musl: "1.2.5-r0" })] }, { tags: ["app:1"] });
  let rest = (): void => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(archive.subarray(0, 1_000));
      rest = () => {
        controller.enqueue(archive.subarray(1_000));
        controller.close();
      };
    },
  });
  const headers = { "content-type": "application/x-tar" };
  const upload = (content: BodyInit): Promise<Response> =>
    service.fetch(
      new Request("http://service/api/v1/images", {
        method: "POST",
        headers,
        body: content,
        duplex: "half",
      } as RequestInit),
    ); // as: the engine's own types lack it
  const running = upload(body);
  await new Promise((resolve) => setTimeout(resolve, 50));

  const closed = service.close({ grace: 60_000 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const late = await upload("too late");
  rest();

  expect([late.status, late.headers.get("retry-after")]).toEqual([503, "5"]);
  expect((await running).status).toBe(201);
  await closed;
  expect(errors).toEqual([]);
});
