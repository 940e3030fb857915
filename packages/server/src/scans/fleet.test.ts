import { memoryCache } from "@plimsoll/inventory";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../database/open-database.ts";
import { alpineLayer, alpineStore } from "../fixtures/alpine.ts";
import { imageRegistry } from "../fixtures/image-registry.ts";
import { testDatabases } from "../fixtures/test-databases.ts";
import { openJobQueue } from "../jobs/job-queue.ts";
import type { Job, JobQueue } from "../jobs/job-queue.ts";
import { sealWith } from "../jobs/seal.ts";
import { serviceOn } from "../service.ts";
import type { ServiceCore } from "../service-core.ts";
import { noteAnswer, noteSilence, takeTurn } from "./registry-turns.ts";
import { requestScan } from "./scan.ts";
import { requestLooks } from "./watch.ts";
import { watchPattern } from "./watch-pattern.ts";

describe.each(testDatabases)("scans of a fleet on $name", ({ open }) => {
  let database: Database;
  let queue: JobQueue;
  let core: ServiceCore;
  let now = new Date("2026-01-01T00:00:00Z");

  beforeEach(async () => {
    database = await open();
    queue = await openJobQueue(database, { retryDelay: 0 });
    const parts = { database, queue, seal: sealWith(new Uint8Array(32)), perRegistry: 2 };
    core = { ...parts, now: () => now, wake: () => undefined } as unknown as ServiceCore; // as: the parts that are used here
  });
  afterEach(() => queue.close());

  const ask = (reference: string): Promise<string> => requestScan(core, { tenant: "", reference, source: "api" });

  async function take(): Promise<Job> {
    const job = await queue.fetch("scan");
    if (job === undefined) throw new Error("there is no job");
    return job;
  }

  test("come in fair turns: many of one registry do not keep one of another waiting", async () => {
    const many = [];
    for (let at = 0; at < 5; at++) many.push(await ask(`a.example/app:${at}`));
    const one = await ask("b.example/app:1");
    const two = await ask("b.example/app:2");

    const order = [];
    for (let at = 0; at < 7; at++) order.push((await take()).data["scan"]);

    expect(order).toEqual([many[0], one, many[1], two, many[2], many[3], many[4]]);
    expect(await queue.fetch("scan")).toBeUndefined();
  });

  test("that wait for the same image are one, and another tenant's are none of them", async () => {
    const first = await ask("a.example/app:1");

    expect(await ask("a.example/app:1")).toBe(first);
    expect(await requestScan(core, { tenant: "red", reference: "a.example/app:1", source: "api" })).not.toBe(first);
  });

  test("that fail are tried again and then set aside as poison, which keeps no other waiting", async () => {
    await ask("a.example/poison:1");
    const tries = [];
    for (let at = 0; at < 4; at++) {
      const job = await take();
      tries.push([job.tries, await queue.fail(job, "it broke")]);
    }

    expect(tries).toEqual([
      [0, true],
      [1, true],
      [2, true],
      [3, false],
    ]);
    expect(await queue.fetch("scan")).toBeUndefined();
    expect(await queue.counts("scan")).toEqual({ waiting: 0, setAside: 1 });
    const next = await ask("a.example/app:1");
    expect((await take()).data["scan"]).toBe(next);
  });

  test("that found no turn are put back as if nobody had taken them", async () => {
    const id = await ask("a.example/app:1");
    const first = await take();
    await queue.postpone(first, 3_600_000);
    expect(await queue.fetch("scan")).toBeUndefined();
    expect(await queue.counts("scan")).toEqual({ waiting: 1, setAside: 0 });

    await database.queries.transaction().execute(async (transaction) => {
      await transaction.updateTable("scan").set({ state: "waiting" }).where("id", "=", id).execute();
    });
    const other = await ask("a.example/app:2");
    const second = await take();
    expect([second.data["scan"], second.tries]).toEqual([other, 0]);
    await queue.postpone(second, 0);
    // The database counts whole milliseconds: it is due when one has passed.
    let due = await queue.fetch("scan");
    while (due === undefined) due = await queue.fetch("scan");
    expect(due).toMatchObject({ id: second.id, tries: 0 });
  });

  test("run so many at a time for each registry, in the whole fleet, but for those whose process died", async () => {
    const [a, b, c] = [await ask("a.example/x:1"), await ask("a.example/x:2"), await ask("a.example/x:3")];
    const turn = (id: string, registry = "a.example"): Promise<number | undefined> => takeTurn(core, { id, registry });

    expect(await Promise.all([turn(a), turn(b)])).toEqual([undefined, undefined]);
    expect(await turn(c)).toBe(2_000);
    expect(await turn(a)).toBeUndefined();
    expect(await turn(await ask("b.example/x:1"), "b.example")).toBeUndefined();
    now = new Date(now.getTime() + 16 * 60_000);
    expect(await turn(c)).toBeUndefined();
  });

  test("leave a registry alone that does not answer, longer each time, until it does", async () => {
    const id = await ask("a.example/x:1");
    const turn = (): Promise<number | undefined> => takeTurn(core, { id, registry: "a.example" });

    const rests = [];
    for (let at = 0; at < 9; at++) {
      await noteSilence(database.queries, "a.example", now);
      rests.push(((await turn()) ?? 0) / 1_000);
    }
    expect(rests).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600]);
    now = new Date(now.getTime() + 601_000);
    expect(await turn()).toBeUndefined();
    await noteAnswer(database.queries, "a.example");
    await noteSilence(database.queries, "a.example", now);
    expect(await turn()).toBe(5_000);
  });

  test("do not wait for what a clock wrote down that was hours ahead", async () => {
    const [a, b] = [await ask("a.example/x:1"), await ask("a.example/x:2")];
    const turn = (id: string): Promise<number | undefined> =>
      takeTurn({ ...core, perRegistry: 1 }, { id, registry: "a.example" });
    const watch = (): Promise<void> => requestLooks(core, ["a.example/x"], 300_000);

    now = new Date(now.getTime() + 6 * 3_600_000);
    await watch();
    expect(await queue.fetch("watch")).toBeDefined();
    expect(await turn(a)).toBeUndefined();
    await noteSilence(database.queries, "a.example", now);
    expect(await turn(b)).toBe(5_000);

    now = new Date(now.getTime() - 6 * 3_600_000);
    expect(await turn(b)).toBeUndefined();
    await watch();
    expect(await queue.fetch("watch")).toBeDefined();
    await watch();
    expect(await queue.fetch("watch")).toBeUndefined();
  });
});

test("repositories that are watched are scanned when a tag names another image, and else not", async () => {
  const registry = await imageRegistry();
  const first = await registry.push("team/app", "1.0", alpineLayer({ musl: "1.2.5-r0" }));
  await registry.push("team/app", "dev", alpineLayer({ zlib: "1" }));
  await registry.push("other/app", "1.0", alpineLayer({ musl: "1" }));
  const embedded = testDatabases[0];
  const service = serviceOn(embedded?.open() ?? Promise.reject(new Error("it is always there")), {
    advisories: alpineStore([]),
    cache: memoryCache(),
    pollInterval: 500,
    retryDelay: 0,
    allowLayerHosts: ["127.0.0.1"],
    watch: { repositories: [`${registry.host}/team/*:1.*`, "127.0.0.1:1/none/such"], interval: 500 },
  });
  await service.ready;
  const tags = async (): Promise<unknown> => {
    const response = await service.fetch(new Request("http://service/api/v1/repositories"));
    const { tags: list } = (await response.json()) as { tags: { repository: string; tag: string; digest: string }[] };
    return list.map(({ repository, tag, digest }) => [repository.replace(/^[^/]*\//, ""), tag, digest]);
  };
  const until = async (wanted: unknown): Promise<void> => {
    for (let turn = 0; turn < 300 && JSON.stringify(await tags()) !== JSON.stringify(wanted); turn++)
      await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await tags()).toEqual(wanted);
  };

  await until([["team/app", "1.0", first]]);
  const second = await registry.push("team/app", "1.0", alpineLayer({ musl: "1.2.5-r1" }));
  await until([["team/app", "1.0", second]]);
  const third = await registry.push("team/new", "1.1", alpineLayer({ musl: "1.2.5-r1" }));
  await until([
    ["team/app", "1.0", second],
    ["team/new", "1.1", third],
  ]);
  await service.close();

  const database = await embedded?.reopen({ left: 1_000 });
  const scans = await database?.queries.selectFrom("scan").select(["source", "state"]).execute();
  expect(scans).toEqual(Array.from({ length: 3 }, () => ({ source: "watch", state: "done" })));
  const watched = await database?.queries.selectFrom("watch").select(["pattern", "error"]).execute();
  const errorOf = (name: string): string | undefined => watched?.find(({ pattern }) => pattern.includes(name))?.error;
  expect([errorOf("team/*"), errorOf("none/such")]).toEqual(["", expect.stringContaining("127.0.0.1:1")]);
  await registry.close();
});

test.each([
  ["registry.example/team/*", "team/app", "x", true],
  ["registry.example/team/*", "teams/app", "x", false],
  ["registry.example:5000/*:1.*", "a/b", "1.2", true],
  ["registry.example:5000/*:1.*", "a/b", "2.1", false],
  ["registry.example/a*b*c", "a/b/c", "x", true],
  ["registry.example/a*b*c", "ac", "x", false],
  ["registry.example/a*a", "a", "x", false],
  ["team/app:v*-alpine", "team/app", "v1-alpine", true],
] as const)("%s watches %s:%s: %s", (pattern, repository, tag, expected) => {
  const { isRepository, isTag } = watchPattern(pattern);

  expect(isRepository(repository) && isTag(tag)).toBe(expected);
});

test.each(["*", "*/app", "registry.example/UPPER*", "", "registry.example/app@sha256:1"])(
  "%j watches nothing, and says so",
  (pattern) => {
    expect(() => watchPattern(pattern)).toThrow(TypeError);
  },
);
