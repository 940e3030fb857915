import { memoryStore } from "@plimsoll/advisories";
import type { Advisory, AdvisoryStore, Inventory } from "@plimsoll/model";
import { ScanError } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { rematch, watchStores } from "./index.ts";
import type { WatchEvent } from "./index.ts";

function inventoryOf(...packages: readonly (readonly [name: string, version: string])[]): Inventory {
  return {
    schemaVersion: 2,
    artifact: { name: "app", kind: "container-image", layers: [] },
    packages: packages.map(([name, version]) => {
      const purl = `pkg:npm/${name}@${version}`;
      const locations = [{ path: `srv/node_modules/${name}/package.json`, evidence: "installed" as const }];
      return { id: purl, name, version, ecosystem: "npm", purl, locations };
    }),
    diagnostics: [],
  };
}

function advisory(id: string, name: string, fixed?: string, facts: Partial<Advisory> = {}): Advisory {
  const end = fixed === undefined ? { kind: "open" as const } : { kind: "fixed" as const, version: fixed };
  const affected = [{ advisory: id, namespace: "npm", name, ranges: [{ introduced: "0", end }] }];
  return { id, source: "test", aliases: [], severities: [], references: [], affected, ...facts };
}

const shop = inventoryOf(["ms", "2.0.0"], ["qs", "6.5.0"]);

async function* storesOf(...stores: readonly (AdvisoryStore | ScanError)[]): AsyncGenerator<AdvisoryStore | ScanError> {
  yield* stores;
}

async function eventsOf(
  inventories: Parameters<typeof watchStores>[0],
  stores: readonly (AdvisoryStore | ScanError)[],
  options: Parameters<typeof watchStores>[2] = {},
): Promise<readonly WatchEvent[]> {
  const events: WatchEvent[] = [];
  for await (const event of watchStores(inventories, storesOf(...stores), options)) events.push(event);
  return events;
}

describe("an inventory that is matched again", () => {
  test("gives what the newer advisories say, without its image", async () => {
    const stored = JSON.parse(JSON.stringify(shop)) as Inventory;

    expect((await rematch(stored, memoryStore([]))).vulnerabilities).toEqual([]);
    expect((await rematch(stored, memoryStore([advisory("GHSA-1", "qs", "6.5.3")]))).vulnerabilities).toMatchObject([
      { id: "GHSA-1", fixedVersion: "6.5.3" },
    ]);
  });

  test("stops when its signal says so", async () => {
    const signal = AbortSignal.abort(new Error("enough"));

    await expect(rematch(shop, memoryStore([]), { signal })).rejects.toThrow("enough");
  });
});

describe("a watch over stores", () => {
  test("tells the first result, then only what changed", async () => {
    const events = await eventsOf(new Map([["shop", shop]]), [
      memoryStore([advisory("GHSA-ms", "ms"), advisory("GHSA-qs", "qs", "6.5.3")]),
      memoryStore([advisory("GHSA-ms", "ms", "2.0.1"), advisory("GHSA-new", "qs", "6.6.0")]),
      memoryStore([advisory("GHSA-ms", "ms", "2.0.1"), advisory("GHSA-new", "qs", "6.6.0")]),
    ]);

    expect(events).toMatchObject([
      { kind: "matched", name: "shop", report: { vulnerabilities: [{ id: "GHSA-ms" }, { id: "GHSA-qs" }] } },
      { kind: "settled", inventories: 1 },
      {
        kind: "changed",
        name: "shop",
        added: [{ id: "GHSA-new" }],
        removed: [{ id: "GHSA-qs" }],
        changed: [{ before: { status: "affected" }, after: { id: "GHSA-ms", fixedVersion: "2.0.1" } }],
      },
      { kind: "settled" },
      { kind: "settled" },
    ]);
  });

  test("knows a vulnerability again that was given a CVE", async () => {
    const events = await eventsOf(new Map([["shop", shop]]), [
      memoryStore([advisory("GHSA-qs", "qs", "6.5.3")]),
      memoryStore([advisory("GHSA-qs", "qs", "6.5.3", { aliases: ["CVE-2099-1000"] })]),
    ]);

    expect(events[2]).toMatchObject({
      kind: "changed",
      added: [],
      removed: [],
      changed: [{ before: { id: "GHSA-qs" }, after: { id: "CVE-2099-1000" } }],
    });
  });

  test("reads the inventories anew for every store, and forgets those that are gone", async () => {
    const watched = new Map([["shop", shop]]);
    const stores = [memoryStore([]), memoryStore([advisory("GHSA-qs", "qs")])] as const;
    async function* changing(): AsyncGenerator<AdvisoryStore> {
      yield stores[0];
      watched.delete("shop");
      watched.set("office", shop);
      yield stores[1];
      watched.set("shop", shop);
      yield stores[1];
    }
    const told: string[] = [];
    for await (const event of watchStores(watched, changing()))
      told.push(event.kind === "settled" ? `${event.inventories} settled` : `${event.kind} ${event.name}`);

    expect(told).toEqual(["matched shop", "1 settled", "matched office", "1 settled", "matched shop", "2 settled"]);
  });

  test("goes on from the reports that were kept", async () => {
    const kept = await rematch(shop, memoryStore([advisory("GHSA-ms", "ms")]));
    const lastReport = (name: string) =>
      name === "shop" ? (JSON.parse(JSON.stringify(kept)) as typeof kept) : undefined;
    const inventories = new Map([
      ["office", shop],
      ["shop", shop],
    ]);

    expect(await eventsOf(inventories, [memoryStore([advisory("GHSA-ms", "ms")])], { lastReport })).toMatchObject([
      { kind: "matched", name: "office" },
      { kind: "settled", inventories: 2 },
    ]);
  });

  test("survives a store that cannot be opened and one that breaks", async () => {
    const unreadable = new ScanError({ kind: "store-unreadable", label: "db", reason: "it ends early" });
    const breaking: AdvisoryStore = {
      ...memoryStore([advisory("GHSA-ms", "ms")]),
      find: () => Promise.reject(unreadable),
    };
    const good = memoryStore([advisory("GHSA-ms", "ms")]);

    expect(await eventsOf(new Map([["shop", shop]]), [good, unreadable, breaking, good])).toMatchObject([
      { kind: "matched" },
      { kind: "settled" },
      { kind: "failed", error: { failure: { kind: "store-unreadable" } } },
      { kind: "failed", name: "shop" },
      { kind: "settled" },
      { kind: "settled" },
    ]);
  });

  test("stops when its signal says so", async () => {
    const signal = AbortSignal.abort(new Error("enough"));

    await expect(eventsOf(new Map([["shop", shop]]), [memoryStore([])], { signal })).rejects.toThrow("enough");
  });
});
