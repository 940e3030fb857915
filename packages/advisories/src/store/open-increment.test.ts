import type { Advisory, AdvisoryFeed, FeedRecord } from "@plimsoll/model";
import { memoryBytes } from "@plimsoll/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { buildStore } from "./build-store.ts";
import { openIncrement } from "./open-increment.ts";
import { openStore } from "./open-store.ts";
import type { StoreFile } from "./open-store.ts";

/** A record as some document of some feed states it. */
interface Stated {
  readonly id: string;
  readonly day: number;
  readonly source: string;
  readonly names: readonly string[];
  readonly gone: boolean;
}

const names = ["a", "b", "c"];
const stated = fc.record<Stated>({
  id: fc.constantFrom("A-1", "A-2", "A-3", "A-4", "A-5"),
  day: fc.integer({ min: 1, max: 3 }),
  source: fc.constantFrom("osv/npm", "osv/PyPI"),
  names: fc.uniqueArray(fc.constantFrom(...names)),
  gone: fc.boolean(),
});

function recordOf({ id, day, source, names: affected, gone }: Stated): FeedRecord {
  const modified = `2024-01-0${day}T00:00:00Z`;
  if (gone) return { kind: "skipped", id, reason: "withdrawn", source, modified };
  const advisory: Advisory = {
    id,
    source,
    aliases: [`CVE-${id}`],
    modified,
    severities: [],
    references: [],
    affected: affected.map((name) => ({ advisory: id, namespace: "npm", name, ranges: [], versions: [String(day)] })),
  };
  return { kind: "advisory", advisory };
}

async function build(records: readonly FeedRecord[], base?: StoreFile): Promise<Uint8Array> {
  const feed: AdvisoryFeed = {
    id: "osv",
    accepts: () => true,
    async *parse() {
      yield* records;
    },
  };
  const chunks: Uint8Array[] = [];
  await buildStore({
    documents: [{ name: "x", content: memoryBytes(new Uint8Array()).read(0, 0) }],
    feeds: [feed],
    output: { write: (chunk) => void chunks.push(chunk) },
    base,
  });
  return Buffer.concat(chunks);
}

async function open(records: readonly FeedRecord[]): Promise<StoreFile> {
  return openStore(memoryBytes(await build(records)));
}

async function layered(base: StoreFile, changes: readonly FeedRecord[]): Promise<StoreFile | undefined> {
  return openIncrement(base, memoryBytes(await build(changes, base)));
}

async function answers(store: StoreFile): Promise<unknown> {
  const ids = ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6"];
  return {
    found: await store.find(names.map((name) => ({ namespace: "npm", name, version: "1" }))),
    read: await store.read(ids),
    named: await Promise.all(ids.map((id) => store.named(`CVE-${id}`))),
    // What was left out of the base for another reason keeps that reason.
    sources: store.sources.map(({ id, read, records, skipped }) => [
      id,
      read,
      records,
      Object.values(skipped).reduce((sum, count) => sum + count, 0),
    ]),
    advisories: store.counts.advisories,
  };
}

test("a store with an increment over it answers as one that was built of everything", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stated, { maxLength: 8 }), fc.array(stated, { maxLength: 8 }), async (before, after) => {
      // What comes later is newer: that is what makes it a change.
      const changes = after.map((each) => recordOf({ ...each, day: each.day + 3 }));
      const earlier = before.map(recordOf);

      const store = await layered(await open(earlier), changes);

      expect(store === undefined ? undefined : await answers(store)).toEqual(
        await answers(await open([...earlier, ...changes])),
      );
    }),
    { numRuns: 150 },
  );
});

const one = recordOf({ id: "A-1", day: 2, source: "osv/npm", names: ["a"], gone: false });
const older = recordOf({ id: "A-1", day: 1, source: "osv/npm", names: ["b"], gone: false });

test("what is older than the base changes nothing, and is counted", async () => {
  const store = await layered(await open([one]), [older]);

  expect((await store?.find([{ namespace: "npm", name: "b", version: "1" }]))?.[0]).toEqual([]);
  expect(store?.sources).toMatchObject([
    { read: 2, records: 1, skipped: { "superseded by a newer record with the same id": 1 } },
  ]);
});

test("scores of both are joined", async () => {
  const enrichment = (day: number): FeedRecord => ({
    kind: "enrichment",
    cve: "CVE-1",
    enrichment: { epss: { probability: day / 10, percentile: 0, date: `2024-01-0${day}` } },
  });
  const title: FeedRecord = { kind: "enrichment", cve: "CVE-1", enrichment: { title: "A title" } };

  const store = await layered(await open([enrichment(1), title]), [enrichment(2)]);

  expect(await store?.enrich(["CVE-1", "CVE-2"])).toMatchObject([
    { title: "A title", epss: { probability: 0.2, date: "2024-01-02" } },
    undefined,
  ]);
});

test("over another base it does not open, by itself and in place of an increment neither", async () => {
  const base = await open([one]);
  const increment = memoryBytes(await build([one], base));

  expect(await openIncrement(await open([older]), increment)).toBeUndefined();
  await expect(openStore(increment)).rejects.toThrow(/only what changed/);
  await expect(openIncrement(base, memoryBytes(await build([one])))).rejects.toThrow(/whole database/);
});

test("damage of it is told", async () => {
  const base = await open([one]);
  const damaged = (await build([one], base)).slice();
  damaged[20] = (damaged[20] ?? 0) ^ 1;
  const store = await openIncrement(base, memoryBytes(damaged));

  await expect(store?.verify()).rejects.toMatchObject({ failure: { kind: "store-unreadable" } });
});
