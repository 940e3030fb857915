import type { Cache, Ecosystem, FileAnalyzer, ImageSource, PartDetector, TreeAnalyzer } from "@plimsoll/model";
import { listEcosystem, literalImage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { memoryCache, takeInventory } from "./index.ts";

const limits = { maxPackages: 10 };
const told = {
  code: "limit-exceeded",
  effect: "incomplete",
  message:
    "The image has more than 10 packages, each place counted, and links that may lead to one; the rest was left out",
};
const heldTold = {
  ...told,
  message:
    "The layers of the image together have more than 50 packages, each place counted, and links that may lead to one; the rest was left out",
};
/** What became of layers whose earlier versions of files were too much. */
const historyLost = expect.objectContaining({ code: "limit-exceeded", effect: "none" }) as unknown;
const indexes = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);
const list = (count: number): string =>
  indexes(count)
    .map((at) => `p${at} 1`)
    .join("\n");

/** The list ecosystem, which counts how many files it is shown. */
function counting(matches?: Parameters<typeof listEcosystem>[0]): { readonly ecosystem: Ecosystem; shown: number } {
  const ecosystem = listEcosystem(matches);
  const counted = {
    shown: 0,
    ecosystem: {
      ...ecosystem,
      analyzers: ecosystem.analyzers.map((analyzer) => ({
        ...analyzer,
        async *analyze(...given: never[]): AsyncGenerator<never> {
          counted.shown++;
          yield* (analyzer.analyze as (...given: never[]) => AsyncGenerator<never>)(...given);
        },
      })),
    } as Ecosystem, // as: the same analyzers, each with a count
  };
  return counted;
}

async function placesIn(source: ImageSource, ecosystem: Ecosystem, cache = memoryCache()) {
  const { packages, diagnostics } = await takeInventory(source, { ecosystems: [ecosystem], limits, cache });
  return { places: packages.flatMap(({ locations }) => locations).length, diagnostics };
}

/** Scans layers one by one, so that the cache knows each; the place of a layer is a part of its diff ID. */
async function knowEach(layers: readonly Record<string, string>[], cache: Cache): Promise<void> {
  for (const [at, layer] of layers.entries())
    await placesIn(literalImage({ layers: [...indexes(at).map(() => ({})), layer] }), listEcosystem(), cache);
}

describe("an image has one budget for packages", () => {
  test("that files without end cannot exceed, and what is left out is told", async () => {
    const counted = counting();
    const files = Object.fromEntries(indexes(500).map((at) => [`d${at}/a.list`, `p${at} 1`]));

    const { places, diagnostics } = await placesIn(literalImage({ layers: [files] }), counted.ecosystem);

    expect(places).toBe(10);
    expect(counted.shown).toBe(11);
    expect(diagnostics).toEqual([expect.objectContaining(told)]);
  });

  test("that is not exceeded by exactly as many", async () => {
    const files = Object.fromEntries(indexes(10).map((at) => [`d${at}/a.list`, `p${at} 1`]));

    expect(await placesIn(literalImage({ layers: [files] }), listEcosystem())).toEqual({ places: 10, diagnostics: [] });
  });

  test("that hard links to one file cannot exceed, each of which would be looked at", async () => {
    const counted = counting();
    const links = indexes(500).map((at) => [`d${at}/a.list`, { hardlink: "data" }] as const);

    const { places, diagnostics } = await placesIn(
      literalImage({ layers: [{ data: list(1), ...Object.fromEntries(links) }] }),
      counted.ecosystem,
    );

    expect(places).toBeLessThanOrEqual(10);
    expect(counted.shown).toBeLessThanOrEqual(11);
    expect(diagnostics).toEqual([expect.objectContaining(told)]);
  });

  test("that names of a file with many packages cannot exceed, be it known by its path or by its content", async () => {
    const magic = listEcosystem({ matches: [{ magic: new TextEncoder().encode("p0") }] });
    const links = (count: number): object =>
      Object.fromEntries(indexes(count).map((at) => [`d${at}/a.list`, { hardlink: "data" }]));
    for (const ecosystem of [listEcosystem(), magic]) {
      const image = literalImage({ layers: [{ data: list(4), ...links(6) } as Record<string, string>] });

      const { places, diagnostics } = await placesIn(image, ecosystem);

      expect(places).toBeGreaterThan(0);
      expect(places).toBeLessThanOrEqual(10);
      expect(diagnostics).toEqual([expect.objectContaining(told)]);
    }
  });

  test("that layers share, also those that are known from before", async () => {
    const layers = [{ "a.list": list(6) }, { "b.list": list(6) }];
    const cache = memoryCache();
    const first = await placesIn(literalImage({ layers }), listEcosystem(), cache);
    const again = await placesIn(literalImage({ layers }), listEcosystem(), cache);

    expect(first).toEqual({ places: 10, diagnostics: [expect.objectContaining(told)] });
    expect(again).toEqual(first);
  });

  test("that what layers wrote anew does not take, however often", async () => {
    const layers = indexes(5).map((at) => ({ "a.list": `${list(6)}\nlast${at} 1` }));
    const cache = memoryCache();

    for (const _ of ["cold", "warm"])
      expect(await placesIn(literalImage({ layers }), listEcosystem(), cache)).toEqual({ places: 7, diagnostics: [] });
  });

  test("that what is there at the end fits into, though the layers hold more than the multiple of it", async () => {
    const layers = indexes(6).map((at) => ({ "a.list": `${list(8)}\nlast${at} 1` }));
    const cache = memoryCache();
    await knowEach(layers, cache);

    for (const known of [memoryCache(), cache])
      expect((await placesIn(literalImage({ layers }), listEcosystem(), known)).places).toBe(9);
  });

  test("that what is known from before of one analyzer and written anew gives back, too, where another one still reads the layers", async () => {
    const layers = indexes(20).map((at) => ({ "a.list": `${list(9)}\nlast${at} 1` }));
    const cache = memoryCache();
    await knowEach(layers, cache);
    const { detector: other } = keeping([{ suffix: "/Dockerfile" }]);

    const { packages, diagnostics } = await takeInventory(literalImage({ layers }), {
      ecosystems: [listEcosystem()],
      detectors: [other],
      limits,
      cache,
    });

    expect([packages.length, diagnostics]).toEqual([10, [historyLost]]);
  });

  test("that what is found by several files together takes too", async () => {
    const ecosystem: Ecosystem = {
      ...listEcosystem(),
      analyzers: [
        {
          kind: "tree",
          id: "list/tree",
          revision: 1,
          matches: [{ suffix: ".list" }],
          async *analyze(files) {
            for (const { path } of files)
              for (const at of indexes(4))
                yield { kind: "package", package: { name: `p${at}`, version: "1" }, at: path } as const;
          },
        },
      ],
    };
    const files = Object.fromEntries(indexes(5).map((at) => [`d${at}/a.list`, "x"]));

    const { places, diagnostics } = await placesIn(literalImage({ layers: [files] }), ecosystem);

    expect(places).toBe(10);
    expect(diagnostics).toEqual([expect.objectContaining(told)]);
  });
});

const detectedTold = {
  code: "limit-exceeded",
  effect: "incomplete",
  message:
    "The image has more than 10 secrets, configurations and licence texts, each place counted, and links that may lead to one; the rest was left out",
};

/** Keeps the text of files with a name that it knows, or of all that begin as it knows; and counts how many it is shown. */
function keeping(matches: FileAnalyzer["matches"], reach: PartDetector["reach"] = "final") {
  const kept = { shown: 0, paths: [] as string[] };
  const detector: PartDetector = {
    id: "kept",
    reach,
    analyzers: [
      {
        kind: "file",
        id: "kept/text",
        revision: 1,
        matches,
        async *analyze(file) {
          kept.shown++;
          yield { kind: "detected", data: await file.text() };
        },
      },
    ],
    clean: (data) => data,
    collect(found) {
      kept.paths = found.map(({ path }) => path);
      return {};
    },
  };
  return { detector, kept };
}

describe("an image has one budget for what detectors find", () => {
  const named = [{ suffix: "/Dockerfile" }] as const;
  const linked = (count: number): object =>
    Object.fromEntries(indexes(count).map((at) => [`d${at}/Dockerfile`, { hardlink: "data" }]));

  async function find(image: ImageSource, { detector, kept }: ReturnType<typeof keeping>, more: object = {}) {
    const options = { ecosystems: [], detectors: [detector], limits: { maxDetected: 10, ...more } };
    const { diagnostics } = await takeInventory(image, options);
    return { ...kept, diagnostics };
  }

  test("that hard links to one file cannot exceed, whose text would be kept for each", async () => {
    const image = literalImage({ layers: [{ data: "FROM a", ...linked(500) } as Record<string, string>] });

    const { shown, paths, diagnostics } = await find(image, keeping(named));

    expect(paths.length).toBeGreaterThan(0);
    expect(paths.length).toBeLessThanOrEqual(10);
    expect(shown).toBeLessThanOrEqual(11);
    expect(diagnostics).toEqual([expect.objectContaining(detectedTold)]);
  });

  test("that names of a file known by its content cannot exceed either", async () => {
    const magic = [{ magic: new TextEncoder().encode("FROM") }];
    const image = literalImage({ layers: [{ data: "FROM a", ...linked(500) } as Record<string, string>] });

    const { paths, diagnostics } = await find(image, keeping(magic));

    expect(paths.length).toBeLessThanOrEqual(10);
    expect(diagnostics).toEqual([expect.objectContaining(detectedTold)]);
  });

  test.each(["final", "every-layer"] as const)("that files cannot exceed (reach %s)", async (reach) => {
    const files = Object.fromEntries(indexes(500).map((at) => [`d${at}/Dockerfile`, "FROM a"]));

    const { shown, paths, diagnostics } = await find(literalImage({ layers: [files] }), keeping(named, reach));

    expect(paths.length).toBeGreaterThanOrEqual(10);
    expect(paths.length).toBeLessThanOrEqual(11);
    expect(shown).toBe(11);
    expect(diagnostics).toEqual([expect.objectContaining(detectedTold)]);
  });

  test("that a few long texts cannot exceed", async () => {
    const files = Object.fromEntries(indexes(8).map((at) => [`d${at}/Dockerfile`, "x".repeat(100)]));

    const { paths, diagnostics } = await find(literalImage({ layers: [files] }), keeping(named), {
      maxRetainedBytes: 350,
    });

    expect(paths).toHaveLength(3);
    expect(diagnostics).toMatchObject([
      { message: expect.stringContaining("more than 350 characters of configurations") as unknown },
    ]);
  });

  test("that takes nothing from that of packages, nor is taken from by it", async () => {
    const files = Object.fromEntries(indexes(10).map((at) => [`d${at}/Dockerfile`, "FROM a"]));
    const { detector, kept } = keeping(named);
    const { packages, diagnostics } = await takeInventory(
      literalImage({ layers: [{ ...files, "a.list": list(10) }] }),
      {
        ecosystems: [listEcosystem()],
        detectors: [detector],
        limits: { maxDetected: 10, maxPackages: 10 },
      },
    );

    expect([packages.length, kept.paths.length, diagnostics]).toEqual([10, 10, []]);
  });
});

describe("what is there at the end decides, though layers hold more than any budget of what is not", () => {
  const rewritten = (count: number): readonly Record<string, string>[] =>
    indexes(count).map((at) => ({ "a.list": `${list(8)}\nlast${at} 1` }));

  test("be the layers read or known from before, and what is held has an end", async () => {
    const layers = [...rewritten(20), { ".wh.a.list": "", "b.list": list(3) }];
    const cache = memoryCache();
    await knowEach(layers, cache);

    for (const known of [memoryCache(), cache]) {
      const counted = counting();
      expect(await placesIn(literalImage({ layers }), counted.ecosystem, known)).toEqual({
        places: 3,
        diagnostics: [historyLost],
      });
      expect(counted.shown).toBeLessThanOrEqual(8);
    }
  });

  test("where what stands below and what stands above come around what is written anew", async () => {
    const layers = [{ "a.list": list(3) }, ...rewritten(20).map((layer) => ({ "b.list": layer["a.list"] ?? "" }))];

    for (const order of [layers, layers.toReversed()])
      expect(await placesIn(literalImage({ layers: [...order, { ".wh.b.list": "" }] }), listEcosystem())).toEqual({
        places: 3,
        diagnostics: [historyLost],
      });
  });

  test("where one layer alone holds more", async () => {
    const files = Object.fromEntries(indexes(50).map((at) => [`d${at}/a.list`, list(1)]));

    expect(
      await placesIn(
        literalImage({
          layers: [{ ...files, "z.list": list(2) }, Object.fromEntries(indexes(50).map((at) => [`.wh.d${at}`, ""]))],
        }),
        listEcosystem(),
      ),
    ).toEqual({ places: 2, diagnostics: [historyLost] });
  });

  test("where a layer has one path many times", async () => {
    const image = await literalImage({ layers: [...rewritten(20), { "z.list": list(1) }] }).open({});
    const [layer] = image.layers;
    if (layer === undefined) throw new Error("there is a layer");
    const all: typeof layer = {
      ...layer,
      async *entries(options) {
        for (const each of image.layers) yield* each.entries(options);
      },
    };

    const source: ImageSource = { label: "all", open: () => Promise.resolve({ ...image, layers: [all] }) };

    expect(await placesIn(source, listEcosystem())).toEqual({ places: 10, diagnostics: [] });
  });

  test("where a link leads to what is written anew", async () => {
    const layers = rewritten(20).map((layer) => ({ data: layer["a.list"] ?? "" }));
    const link = [{ "a.list": { symlink: "data" } } as const];

    expect(await placesIn(literalImage({ layers: [...link, ...layers] }), listEcosystem())).toEqual({
      places: 9,
      diagnostics: [historyLost],
    });
  });

  test("where a directory is a link to one whose files are written anew", async () => {
    const inDirectory = listEcosystem({ matches: [{ directory: "db" }] });
    const layers = rewritten(20).map((layer) => ({ "real/a": layer["a.list"] ?? "" }));
    const link = [{ db: { symlink: "real" }, "real/z": list(1) } as const];

    const cache = memoryCache();
    for (const _ of ["cold", "warm"])
      expect(await placesIn(literalImage({ layers: [...link, ...layers] }), inDirectory, cache)).toEqual({
        places: 10,
        diagnostics: [historyLost],
      });
  });

  test("where only another name is left of a content that is known by its first bytes", async () => {
    const magic = listEcosystem({ matches: [{ magic: new TextEncoder().encode("p0") }] });
    const layers = rewritten(20).map((layer) => ({ a: layer["a.list"] ?? "" }));
    const last = { ".wh.a": "", ".wh.first": "" };

    for (const below of [
      [{ first: list(1), second: { hardlink: "first" } }],
      [{ first: list(1) }, { second: { hardlink: "first" } }],
    ])
      expect(await placesIn(literalImage({ layers: [...below, ...layers, last] as never }), magic)).toEqual({
        places: 1,
        diagnostics: [historyLost],
      });
  });

  test("and layers are read again for the memory of contents only where it holds some that are not there", async () => {
    const reader: TreeAnalyzer = {
      kind: "tree",
      id: "lang/reader",
      revision: 1,
      matches: [{ basename: "lock" }],
      async *analyze(files) {
        for (const file of files)
          yield { kind: "package", package: { name: await file.text(), version: "1" }, at: file.path };
      },
    };
    const lang = { ...listEcosystem({ id: "lang", matches: [] }), analyzers: [reader] };
    const scan = async (layers: Parameters<typeof literalImage>[0]["layers"]): Promise<readonly unknown[]> => {
      const image = await literalImage({ layers }).open({});
      let readings = 0;
      const counted = image.layers.map((layer) => ({
        ...layer,
        entries: (...given: Parameters<typeof layer.entries>) => {
          readings += 1;
          return layer.entries(...given);
        },
      }));
      const source: ImageSource = { label: "image", open: () => Promise.resolve({ ...image, layers: counted }) };
      const { packages } = await takeInventory(source, { ecosystems: [lang], limits: { maxRetainedBytes: 8 } });
      return [readings, packages.map(({ name }) => name)];
    };

    expect(await scan([{ "a/lock": "first", "b/lock": "second" }])).toEqual([1, ["first"]]);
    expect(await scan([{ "a/lock": "first" }, { ".wh.a": "", "b/lock": "second" }])).toEqual([3, ["second"]]);
  });

  test("and is cut and told where it is too much itself", async () => {
    const layers = indexes(20).map((at) => ({ [`d${at}/a.list`]: list(9) }));

    const { places, diagnostics } = await placesIn(literalImage({ layers }), listEcosystem());

    expect(places).toBe(10);
    expect(diagnostics).toContainEqual(expect.objectContaining(heldTold));
  });
});
