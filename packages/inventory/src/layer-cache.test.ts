import type { Cache, CallOptions, Ecosystem, Image, TreeAnalyzer, ImageSource, Inventory } from "@plimsoll/model";
import { describePackages, listEcosystem, literalImage } from "@plimsoll/testkit";
import type { LiteralLayer } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { packParts, unpackParts } from "./packed-parts.ts";
import { takeInventory, memoryCache } from "./index.ts";

const base: LiteralLayer = {
  "db/list": "a 1\nneeds a b\nb 1\nown a usr/y.list",
  "usr/y.list": "y 1",
  "lib/": "",
  bin: { symlink: "usr/bin" },
};
const app: LiteralLayer = { "usr/x.list": "x 1\n? something odd", "usr/.wh.gone": "", "data.txt": "kept" };

/** Counts how often each layer is read. */
function counted(source: ImageSource): { source: ImageSource; reads: number[] } {
  const reads: number[] = [];
  return {
    reads,
    source: {
      label: source.label,
      async open(options): Promise<Image> {
        const image = await source.open(options);
        return {
          ...image,
          layers: image.layers.map((layer) => ({
            ...layer,
            entries(entriesOptions) {
              reads.push(layer.index);
              return layer.entries(entriesOptions);
            },
          })),
        };
      },
    },
  };
}

/** Keeps a file for the end of the scan: its content must survive in the cache. */
const keeper: TreeAnalyzer = {
  kind: "tree",
  id: "keeper/data",
  revision: 1,
  matches: [{ path: "data.txt" }],
  async *analyze(files) {
    for (const file of files) yield { kind: "package", package: { name: "data", version: await file.text() } };
  },
};
const ecosystems: readonly Ecosystem[] = [
  listEcosystem({ matches: [{ suffix: ".list" }] }),
  listEcosystem({ id: "os", class: "os", matches: [{ path: "db/list" }] }),
  { ...listEcosystem({ id: "keeper", matches: [] }), analyzers: [keeper] },
];

function scan(source: ImageSource, cache: Cache, worlds = ecosystems): Promise<Inventory> {
  return takeInventory(source, { ecosystems: worlds, cache });
}

describe("a cache of layers", () => {
  test("makes the second scan the same without reading a layer", async () => {
    const cache = memoryCache();
    const { source, reads } = counted(literalImage({ layers: [base, app] }));
    const cold = await scan(source, cache);
    const kinds: string[] = [];
    const warm = await takeInventory(source, { ecosystems, cache, onEvent: ({ kind }) => kinds.push(kind) });

    expect(reads).toEqual([0, 1]);
    expect(JSON.stringify(warm)).toBe(JSON.stringify(cold));
    expect(JSON.stringify(await takeInventory(source, { ecosystems }))).toBe(JSON.stringify(cold));
    expect(describePackages(warm)).toContain("y@1 usr/y.list 0 (pkg:os/a@1)");
    expect(describePackages(warm)).toContain("data@kept data.txt 1");
    expect(warm.diagnostics).toMatchObject([{ message: "something odd" }]);
    expect(kinds.filter((kind) => kind === "layer-cached")).toHaveLength(2);
    expect(kinds.filter((kind) => kind === "package-found").length).toBeGreaterThan(2);
  });

  test.each(["at once", "one by one"])("that is far away and asked %s is left when the scan is", async (way) => {
    const leaving = new AbortController();
    let withoutSignal = 0;
    const never = (options?: CallOptions): Promise<never> =>
      new Promise((_, reject) => {
        options?.signal?.addEventListener("abort", () => reject(new Error("left")));
        leaving.abort(new Error("enough"));
        if (options?.signal === undefined) withoutSignal++;
      });
    const cache: Cache = {
      get: (_, options) => never(options),
      set: () => Promise.resolve(),
      ...(way === "at once" ? { getMany: (_, options) => never(options) } : {}),
    };

    const { source } = counted(literalImage({ layers: [base] }));
    const scanning = takeInventory(source, { ecosystems, cache, signal: leaving.signal });

    await expect(scanning).rejects.toThrow(/^(enough|left)$/);
    expect(withoutSignal).toBe(0);
  });

  test("serves a base layer that two images share", async () => {
    const cache = memoryCache();
    const one = counted(literalImage({ layers: [base, { "one.list": "one 1" }] }));
    const two = counted(literalImage({ layers: [base, { "two.list": "two 1" }] }));
    await scan(one.source, cache);
    const inventory = await scan(two.source, cache);

    expect(two.reads).toEqual([1]);
    expect(describePackages(inventory)).toContain("a@1 db/list 0");
  });

  test("re-runs an upgraded analyzer alone", async () => {
    const cache = memoryCache();
    const source = literalImage({ layers: [{ "a.one": "a 1", "b.two": "b 1" }] });
    const seen: string[] = [];
    const world = (id: string, revision: number): Ecosystem =>
      listEcosystem({
        id,
        revision,
        matches: [{ suffix: `.${id}` }],
        onAnalyze: (path) => seen.push(`${id}@${revision} ${path}`),
      });
    await scan(source, cache, [world("one", 1), world("two", 1)]);
    const upgraded = await scan(source, cache, [world("one", 1), world("two", 2)]);
    await scan(source, cache, [world("one", 1), world("two", 2)]);

    expect(seen).toEqual(["one@1 a.one", "two@1 b.two", "two@2 b.two"]);
    expect(describePackages(upgraded)).toEqual(["a@1 a.one 0", "b@1 b.two 0"]);
  });

  test("holds of a file what its analyzer keeps of it, which is worked out once", async () => {
    const cache = memoryCache();
    const condensed: string[] = [];
    const brief: TreeAnalyzer = {
      ...keeper,
      wants: ({ path }) => path === "data.txt",
      condense: async (file) => {
        condensed.push(file.path);
        return (await file.text()).slice(-2);
      },
    };
    const worlds = [{ ...listEcosystem({ id: "keeper", matches: [] }), analyzers: [brief] }];
    const layers: readonly LiteralLayer[] = [
      { real: "version 1", other: "version 7" },
      { "data.txt": { symlink: "real" } },
      { "data.txt": "version 2", real: "version 3" },
    ];
    const found: string[] = [];
    for (const shown of [layers.slice(0, 2), layers, layers]) {
      const source = literalImage({ layers: shown });
      found.push(...describePackages(await scan(source, cache, worlds)));
    }

    expect(found).toEqual(["data@ 1 real 0", "data@ 2 data.txt 2", "data@ 2 data.txt 2"]);
    // Behind the link it is read under the name that is wanted.
    expect(condensed).toEqual(["data.txt", "data.txt"]);
  });

  test("holds what an analyzer needs beside a file of its own, once that file is there", async () => {
    const reader: TreeAnalyzer = {
      ...keeper,
      matches: [{ path: "db/data-log" }],
      wants: ({ path, size }) => size > 0 || !path.endsWith("-log"),
      needsBeside: (path) => (path.endsWith("-log") ? ["db/data"] : []),
      async *analyze(files) {
        const texts = await Promise.all(["db/data", "db/data-log"].map((path) => files.get(path)?.text() ?? "none"));
        yield { kind: "package", package: { name: "data", version: texts.join("+") } };
      },
    };
    const worlds = [{ ...listEcosystem({ id: "keeper", matches: [] }), analyzers: [reader] }];
    const cache = memoryCache();
    const found = async (...layers: readonly LiteralLayer[]): Promise<string> => {
      const { source, reads } = counted(literalImage({ layers }));
      const packages = describePackages(await scan(source, cache, worlds)).join();
      const again = describePackages(await scan(source, cache, worlds)).join();
      return `${packages === again ? packages : "not the same"}, read ${reads.join()}`;
    };
    const [data, log] = [{ "db/data": "1" }, { "db/data-log": "2" }];

    expect(await found(data, log)).toBe("data@1+2 db/data 0, read 0,1,0");
    expect(await found({ ...data, ...log })).toBe("data@1+2 db/data 0, read 0,0");
    expect(await found({ real: "3", "db/data": { symlink: "../real" } }, log)).toBe("data@3+2 db/data-log 1, read 0,0");
    expect(await found(data, { "db/data-log": "" })).toBe(", read 1");
    expect(await found(data, log, { "db/.wh.data-log": "" })).toBe(", read 2");
    expect(await found(log)).toBe("data@none+2 db/data-log 0, read 0");
  });

  test("costs a file that cannot be condensed nothing but itself", async () => {
    const failing: TreeAnalyzer = {
      ...keeper,
      matches: [{ path: "data.txt" }, { path: "more.txt" }],
      condense: async (file) => {
        if (file.path === "more.txt") throw new Error("unreadable");
        return file.text();
      },
    };
    const worlds = [{ ...listEcosystem({ id: "keeper", matches: [] }), analyzers: [failing] }];
    const inventory = await scan(
      literalImage({ layers: [{ "data.txt": "1", "more.txt": "2" }] }),
      memoryCache(),
      worlds,
    );

    expect(describePackages(inventory)).toEqual(["data@1 data.txt 0"]);
    expect(inventory.diagnostics).toMatchObject([{ code: "limit-exceeded", location: { path: "more.txt" } }]);
  });

  test("looks behind links again only where it must, with the same result", async () => {
    const cache = memoryCache();
    const { source, reads } = counted(literalImage({ layers: [{ "real/list": "a 1" }, { db: { symlink: "real" } }] }));
    const cold = await scan(source, cache);

    expect(describePackages(cold)).toEqual(["a@1 real/list 0"]);
    reads.length = 0;
    expect(await scan(source, cache)).toEqual(cold);
    expect(reads).toEqual([]);
  });

  test.each([
    ["empty", () => new Uint8Array()],
    ["cut off", (value: Uint8Array) => value.slice(0, value.length - 1)],
    ["longer", (value: Uint8Array) => Uint8Array.of(...value, 0)],
    ["of another kind", () => new TextEncoder().encode('{"entries":"many"}')],
    ["all zeros", (value: Uint8Array) => new Uint8Array(value.length)],
  ])("ignores and rewrites records that are %s", async (_, spoil) => {
    const values = new Map<string, Uint8Array>();
    const cache: Cache = {
      get: async (key) => values.get(key),
      set: async (key, value) => void values.set(key, value),
    };
    const { source, reads } = counted(literalImage({ layers: [base, app] }));
    const cold = await scan(source, cache);
    const intact = new Map(values);
    for (const [key, value] of intact) values.set(key, spoil(value));

    expect(await scan(source, cache)).toEqual(cold);
    expect(values).toEqual(intact);
    reads.length = 0;
    expect(await scan(source, cache)).toEqual(cold);
    expect(reads).toEqual([]);
  });

  test("survives records of any shape", async () => {
    const values = new Map<string, Uint8Array>();
    const cache: Cache = {
      get: async (key) => values.get(key),
      set: async (key, value) => void values.set(key, value),
    };
    const { source } = counted(literalImage({ layers: [base, app] }));
    await scan(source, cache);
    const intact = new Map(values);
    const failures: string[] = [];
    for (const [key, value] of intact) {
      const { head, parts } = unpackParts(value);
      for (const [place, spoiled] of spoil(head)) {
        for (const [name, kept] of intact) values.set(name, kept);
        values.set(key, packParts(spoiled, parts));
        try {
          JSON.stringify(await scan(source, cache));
        } catch (error) {
          failures.push(`${key} ${place}: ${String(error)}`);
        }
      }
    }

    expect(failures).toEqual([]);
  });

  test("keeps nothing of a layer that is damaged, nor of one whose diff ID says nothing", async () => {
    const cache = memoryCache();
    const damage = {
      kind: "diagnostic",
      code: "malformed-layer",
      effect: "incomplete",
      message: "the rest is lost",
    } as const;
    const literal = literalImage({ layers: [base] });
    const broken = counted({
      label: "broken",
      open: async () => {
        const image = await literal.open();
        return {
          ...image,
          layers: image.layers.map((layer) => ({
            ...layer,
            async *entries(options: Parameters<typeof layer.entries>[0]) {
              yield* layer.entries(options);
              yield damage;
            },
          })),
        };
      },
    });
    const uncacheable = counted({
      label: "tree",
      open: async () => {
        const image = await literal.open();
        return { ...image, layers: image.layers.map((layer) => ({ ...layer, cacheable: false })) };
      },
    });
    await scan(broken.source, cache);
    await scan(broken.source, cache);
    await scan(uncacheable.source, cache);
    await scan(uncacheable.source, cache);

    expect(broken.reads).toEqual([0, 0]);
    expect(uncacheable.reads).toEqual([0, 0]);
  });

  test("keeps nothing of an analyzer that failed for reasons of its own", async () => {
    const cache = memoryCache();
    const { source, reads } = counted(literalImage({ layers: [{ "a.list": "a 1\nthrow" }] }));
    const inventory = await scan(source, cache);
    await scan(source, cache);

    expect(inventory.diagnostics).toMatchObject([
      { code: "analyzer-failed", effect: "incomplete", location: { path: "a.list" } },
    ]);
    expect(describePackages(inventory)).toEqual(["a@1 a.list 0"]);
    expect(reads).toEqual([0, 0]);
  });

  test("in memory forgets the least recently used first", async () => {
    const cache = memoryCache({ maxBytes: 20 });
    for (const key of ["a", "b"]) await cache.set(key, new Uint8Array(10));
    await cache.get("a");
    await cache.set("c", new Uint8Array(10));
    await cache.set("huge", new Uint8Array(21));

    expect(await cache.get("b")).toBeUndefined();
    expect(await cache.get("huge")).toBeUndefined();
    expect((await cache.get("a"))?.length).toBe(10);
  });
});

/** The value with each of its parts replaced by something of another kind, in turn. */
function* spoil(value: unknown, place = ""): Generator<readonly [string, unknown]> {
  for (const other of [null, 7, "text", [], {}, [null], -1e300]) yield [`${place} = ${JSON.stringify(other)}`, other];
  if (typeof value !== "object" || value === null) return;
  for (const [name, part] of Object.entries(value))
    for (const [where, spoiled] of spoil(part, `${place}.${name}`))
      yield [where, Array.isArray(value) ? value.with(Number(name), spoiled) : { ...value, [name]: spoiled }];
}
