import { listEcosystem, literalImage } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadLayers, storeLayer } from "./layer-cache.ts";
import { takeInventory } from "./index.ts";
import { MergedView } from "./merged-view.ts";
import { PathHasher, hashersByKey, ownHasher } from "./path-hash.ts";
import { PathIndex, present } from "./path-index.ts";

describe("the hashes of a path", () => {
  const hasher = new PathHasher([1, 2]);

  test("are those of its ancestors and its own, whatever was hashed before", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[^/]{0,5}$/), { minLength: 1 }), (segments) => {
        const path = segments.join("/");
        const { hashes, count } = hasher.prefixes(path);
        const found = hashes.slice(0, count);

        expect(found).toEqual(segments.map((_, at) => hasher.hash(segments.slice(0, at + 1).join("/"))));
      }),
    );
  });

  test("are the same behind a directory that was hashed before", () => {
    const segment = fc.constantFrom("a", "b", "etc", "");
    const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join("/"));
    fc.assert(
      fc.property(fc.array(path, { minLength: 2, maxLength: 12 }), (paths) => {
        const asked = new PathHasher([1, 2]);
        for (const one of paths) {
          const { hashes, count } = asked.prefixes(one);
          const fresh = new PathHasher([1, 2]).prefixes(one);

          expect([one, ...hashes.slice(0, count)]).toEqual([one, ...fresh.hashes.slice(0, fresh.count)]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("differ for paths that differ in little", () => {
    const paths = [
      "",
      "a",
      "a\0",
      "\0a",
      "a\0\0",
      "ab",
      "ba",
      "aba",
      "abb",
      "a/b",
      "b/a",
      "a/b/",
      "\ud83d",
      "\ud83d\ude00",
    ];
    const all = Array.from({ length: 20_000 }, (_, at) => `d${at % 7}/f${at}`);

    expect(new Set([...paths, ...all].map((path) => hasher.hash(path))).size).toBe(paths.length + all.length);
  });

  test("are others for another key", () => {
    const keys = [
      [1, 2],
      [1, 3],
      [2, 2],
      [2, 1],
    ] as const;

    expect(new Set(keys.map((key) => new PathHasher(key).hash("etc/passwd"))).size).toBe(keys.length);
    expect(hashersByKey()(ownHasher().key)).toBe(ownHasher());
    const hasherOf = hashersByKey();
    expect(hasherOf([1, 2])).toBe(hasherOf([1, 2]));
  });
});

test("a whiteout of a path that a known function hashes alike hides no package", async () => {
  // Of one value by the two lanes in the manner of FNV-1a that were used here once.
  const kept = "opt/86xfapzbabkp56atmlabu9b0a3peabtmlabu9b0a3peabo0h0alzbab3peabo0h0alzbab3peabo0h0au9b0akp56a";
  const removed = "tmp/2tnabi9b0akp56ao0h0au9b0akp56ao0h0alzbab3peabtmlablzbabkp56ao0h0au9b0a3peabtmlablzbabkp56a";
  const image = literalImage({
    layers: [{ [`${kept}/a.list`]: "hidden 1" }, { "opt/": "", [removed.replace("tmp/", "tmp/.wh.")]: "" }],
  });

  const { packages } = await takeInventory(image, { ecosystems: [listEcosystem()] });

  expect(packages.map(({ name }) => name)).toEqual(["hidden"]);
});

test("layers that processes with other keys put into a cache fit on top of each other", async () => {
  const values = new Map<string, Uint8Array>();
  const cache = {
    get: async (key: string) => values.get(key),
    set: async (key: string, value: Uint8Array) => void values.set(key, value),
  };
  const diffIds = [`sha256:${"1".repeat(64)}`, `sha256:${"2".repeat(64)}`] as const;
  const indexes = [new PathIndex(512, new PathHasher([1, 2])), new PathIndex(512, new PathHasher([3, 4]))] as const;
  indexes[0].add("usr/lib/a", present.file);
  indexes[0].add("usr/lib/b", present.file);
  indexes[0].add("lib", present.symlink, "usr/lib");
  indexes[1].whiteout("usr/lib/b");
  for (const [at, diffId] of diffIds.entries()) {
    const index = indexes[at] ?? indexes[0];
    await storeLayer(
      cache,
      diffId,
      { index, records: new Map(), diagnostics: [], entries: 1, bytes: 1 },
      [],
      undefined,
    );
  }

  const loaded = await loadLayers(cache, diffIds, [], {});

  const view = new MergedView(loaded.flatMap((layer) => layer?.index ?? []));
  expect(loaded.map((layer) => layer?.index.hasher.key)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(view.at("usr/lib/a")).toEqual({ kind: present.file, layer: 0 });
  expect(view.at("usr/lib/b")).toBeUndefined();
  expect(view.resolve("lib/a")).toBe("usr/lib/a");
});
