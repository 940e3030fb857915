import type { Cache, Diagnostic, Ecosystem, FileMatcher, Layer, TreeAnalyzer } from "@plimsoll/model";
import { listEcosystem, literalImage } from "@plimsoll/testkit";
import type { LiteralLayer } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { readFirst } from "./fixtures/first-pass.ts";
import { memoryCache } from "./index.ts";
import { lookAgain } from "./look-again.ts";
import { findLookRequests } from "./second-look.ts";

interface Looking {
  readonly matches?: readonly FileMatcher[];
  readonly ecosystem?: Ecosystem;
  /** Further ecosystems. */
  readonly others?: readonly Ecosystem[];
  readonly atTheEnd?: boolean;
  readonly cache?: Cache;
  /** What happens when a layer is read for the second time or later: its file gives it, or throws it. */
  readonly trouble?: Diagnostic | Error;
  readonly cacheable?: boolean;
}

/** What is known of the files of an image after a second look, and how often each layer was read. */
async function look(literals: readonly LiteralLayer[], options: Looking = {}) {
  const { matches = [{ path: "db/list" }], ecosystem = listEcosystem({ matches }), cache, trouble } = options;
  const image = await literalImage({ layers: literals }).open({});
  const readings = literals.map(() => 0);
  const layers = image.layers.map((layer, position): Layer => ({
    ...layer,
    cacheable: options.cacheable ?? true,
    async *entries(given) {
      readings[position] = (readings[position] ?? 0) + 1;
      if (readings[position] > 1 && trouble instanceof Error) throw trouble;
      if (readings[position] > 1 && trouble !== undefined && !(trouble instanceof Error)) yield trouble;
      yield* layer.entries(given);
    },
  }));
  const { tracks, view, context } = await readFirst(layers, [ecosystem, ...(options.others ?? [])], cache);
  const problems = await lookAgain(tracks, view, layers, context, { atTheEnd: options.atTheEnd ?? false });
  const left = tracks.flatMap((track) => findLookRequests(track, view));
  const files = tracks.flatMap(({ layers: ofLayers }) =>
    ofLayers.flatMap((records, layer) =>
      [...records.files.values()].map(({ path, as = path, observations, retained }) => {
        const found = observations.flatMap((each) => (each.kind === "package" ? [each.package.name] : []));
        return `${layer} ${path} as ${as}: ${retained === undefined ? found.join(" ") : "kept"}`;
      }),
    ),
  );
  return { files, readings, problems, left };
}

describe("a second look", () => {
  test("reads only the layers that have what a link leads to, each once", async () => {
    const layers: LiteralLayer[] = [
      { "real/a": "a 1", "real/b": "b 1", data: "c 1" },
      { db: { symlink: "real" }, "c.list": { symlink: "data" } },
      { other: "" },
    ];

    expect(await look(layers, { matches: [{ directory: "db" }, { suffix: ".list" }] })).toMatchObject({
      files: ["0 real/a as db/a: a", "0 real/b as db/b: b", "0 data as c.list: c"],
      readings: [2, 1, 1],
      problems: [],
    });
  });

  test("notes a file under its true path and a hard link under its own, with the layer of the link", async () => {
    const layers: LiteralLayer[] = [
      { data: "a 1", real: "b 1" },
      { "a.list": { hardlink: "data" }, "b.list": { symlink: "real" } },
    ];

    expect(await look(layers, { matches: [{ suffix: ".list" }] })).toMatchObject({
      files: ["0 real as b.list: b", "1 a.list as a.list: a"],
      left: [],
    });
  });

  test("leaves what the first pass saw as it is", async () => {
    const layers = [{ "real/a.list": "a 1", "real/b": "b 1", db: { symlink: "real" } }];

    expect((await look(layers, { matches: [{ suffix: ".list" }, { directory: "db" }] })).files).toEqual([
      "0 real/a.list as real/a.list: a",
      "0 real/b as db/b: b",
    ]);
  });

  test("shows of a linked directory the files whose names are wanted there", async () => {
    const layers = [{ "real/a.list": "a 1", "real/b.list": "b 1", "real/a.other": "c 1", db: { symlink: "real" } }];
    const matches = [
      { directory: "db", ending: ".lists" },
      { directory: "db", beginning: "a", ending: ".list" },
    ];

    expect((await look(layers, { matches })).files).toEqual(["0 real/a.list as db/a.list: a"]);
  });

  test("shows of a directory that has two names what is wanted under each", async () => {
    const layers = [{ "real/a.x": "a 1", "real/b.y": "b 1", db: { symlink: "real" }, base: { symlink: "real" } }];
    const matches = [
      { directory: "db", ending: ".x" },
      { directory: "base", ending: ".y" },
    ];

    expect((await look(layers, { matches })).files).toEqual(["0 real/a.x as db/a.x: a", "0 real/b.y as base/b.y: b"]);
  });

  test("shows a tree analyzer the files of a linked directory under the names that it knows", async () => {
    const reader: TreeAnalyzer = {
      kind: "tree",
      id: "list/tree",
      revision: 1,
      matches: [{ directory: "db" }, { path: "list" }],
      *analyze() {},
    };
    const layers = [
      { "real/a": "a 1", "real/b": "b 1", db: { symlink: "real" }, list: { symlink: "other" }, other: "" },
    ];

    expect((await look(layers, { ecosystem: { ...listEcosystem(), analyzers: [reader] } })).files).toEqual([
      "0 other as list: kept",
      "0 real/a as db/a: kept",
      "0 real/b as db/b: kept",
    ]);
  });

  test.each([
    [3, ["0 db/list as db/list: a"]],
    [4, []],
  ])("follows hard links of hard links, one in each round: over %d", async (count, files) => {
    const links = Array.from({ length: count }, (_, at) => [`l${at + 1}`, { hardlink: `l${at}` }] as const);
    const layer = { l0: "a 1", ...Object.fromEntries(links), "db/list": { hardlink: `l${count}` } };

    expect(await look([layer])).toMatchObject({ files, readings: [5], problems: [] });
  });
});

describe("a second look for what is there at the end", () => {
  const layers: LiteralLayer[] = [
    { "real/a": "a 1", "real/b": "b 1", "real/c": "c 1", data: "d 1", link: { hardlink: "data" } },
    { db: { symlink: "real" }, list: { symlink: "data" }, "real/a": "a 2", "real/.wh.b": "" },
    { data: "d 2", link: { hardlink: "data" } },
  ];
  const matches = [{ directory: "db" }, { path: "list" }, { path: "link" }];

  test("reads neither versions below the last nor files that are gone", async () => {
    expect(await look(layers, { matches, atTheEnd: true })).toMatchObject({
      files: ["0 real/c as db/c: c", "1 real/a as db/a: a", "2 data as list: d", "2 link as link: d"],
      readings: [2, 2, 2],
      problems: [],
    });
    expect((await look(layers, { matches })).files).toEqual([
      "0 data as list: d",
      "0 real/a as db/a: a",
      "0 real/b as db/b: b",
      "0 real/c as db/c: c",
      "0 link as link: d",
      "1 real/a as db/a: a",
      "2 data as list: d",
      "2 link as link: d",
    ]);
  });

  test("takes as much of what a cache knows, and teaches it no part as the whole", async () => {
    const cache = memoryCache();
    const { files } = await look(layers, { matches, atTheEnd: true, cache });
    const whole = await look(layers, { matches, cache });
    const again = await look(layers, { matches, atTheEnd: true, cache });

    expect([whole.files.length, whole.readings]).toEqual([8, [1, 1, 1]]);
    expect([again.files.toSorted(), again.readings]).toEqual([files.toSorted(), [0, 0, 0]]);
  });
});

describe("a cache", () => {
  const layers = [{ x: "a 1", y: "b 1", "x.list": { symlink: "x" }, "y.list": { symlink: "y" } }];
  const files = ["0 x as x.list: a", "0 y as y.list: b"];
  const lists = (revision = 1): Ecosystem => listEcosystem({ matches: [{ suffix: ".list" }], revision });

  test("remembers each look of a layer, for the same revision of its analyzer", async () => {
    const cache = memoryCache();

    expect(await look(layers, { ecosystem: lists(), cache })).toMatchObject({ files, readings: [2] });
    expect(await look(layers, { ecosystem: lists(), cache })).toMatchObject({ files, readings: [0] });
    expect(await look(layers, { ecosystem: lists(2), cache })).toMatchObject({ files, readings: [2] });
  });

  test("is asked for what it does not know of a layer only", async () => {
    const cache = memoryCache();
    const first = [...layers, { "z.list": "" }] as const;
    await look(first, { ecosystem: lists(), cache });
    const more = [layers[0] as LiteralLayer, { "z.list": { symlink: "x" }, "x.list": "c 1" }];

    expect(await look(more, { ecosystem: lists(), cache })).toMatchObject({
      files: ["0 y as y.list: b", "0 x as z.list: a", "1 x.list as x.list: c"],
      readings: [1, 1],
    });
  });

  test("keeps nothing of a layer that may not be kept, or that had trouble meanwhile", async () => {
    const trouble = { kind: "diagnostic", code: "malformed-layer", effect: "incomplete", message: "odd" } as const;
    const again = async (options: Looking): Promise<readonly number[]> => {
      const cache = memoryCache();
      await look(layers, { ecosystem: lists(), cache, ...options });
      return (await look(layers, { ecosystem: lists(), cache })).readings;
    };

    expect(await again({ cacheable: false })).toEqual([2]);
    expect(await again({ trouble })).toEqual([1]);
    expect(await again({ trouble: new Error("gone") })).toEqual([1]);
    expect(await again({ trouble: { ...trouble, effect: "none" } })).toEqual([0]);
  });
});

describe("trouble with a layer on second reading", () => {
  const layers = [{ x: "a 1" }, { "x.list": { symlink: "x" }, "y.list": "b 1" }];
  const matches = [{ suffix: ".list" }];

  test("is told with the layer; what else was found stays", async () => {
    const odd: Diagnostic = { kind: "diagnostic", code: "malformed-layer", effect: "incomplete", message: "odd" };

    expect(await look(layers, { matches, trouble: odd })).toMatchObject({
      files: ["0 x as x.list: a", "1 y.list as y.list: b"],
      problems: [{ layer: 0, problem: odd }],
    });
    expect(await look(layers, { matches, trouble: new Error("the registry went away") })).toMatchObject({
      files: ["1 y.list as y.list: b"],
      problems: [
        {
          layer: 0,
          problem: {
            code: "malformed-layer",
            effect: "incomplete",
            message: expect.stringMatching(/could not be read a second time.*: the registry went away$/) as unknown,
          },
        },
      ],
    });
  });
});

describe("a file that a package of the distribution owns", () => {
  const libraries = listEcosystem({ id: "library", matches: [{ suffix: ".so.1" }] });
  const yielding: Ecosystem = {
    ...libraries,
    analyzers: libraries.analyzers.map((analyzer) => ({ ...analyzer, yieldsTo: { owner: true as const } })),
  };
  const others = [listEcosystem({ id: "os", class: "os", matches: [{ path: "db/status" }, { path: "db/more" }] })];
  const owned = "libz 1\nown libz lib/libz.so.1.2\n";
  const files = { "lib/libz.so.1.2": "z 1", "lib/libz.so.1": { symlink: "libz.so.1.2" } } as const;
  const readingsOf = async (layers: readonly LiteralLayer[], ecosystem = yielding): Promise<readonly number[]> =>
    (await look(layers, { ecosystem, others })).readings;

  test("is not looked into by who leaves it to its owner: nothing of it would count", async () => {
    expect(await readingsOf([{ "db/status": owned, ...files }])).toEqual([1]);
    expect(await readingsOf([{ "db/status": "a 1\n" }, { "db/status": `a 1\n${owned}`, ...files }])).toEqual([1, 1]);
  });

  test("is looked into by everybody else", async () => {
    expect(await readingsOf([{ "db/status": owned, ...files }], libraries)).toEqual([2]);
  });

  test("is looked into where it may turn out to be nobody's", async () => {
    // Nobody claims it.
    expect(await readingsOf([{ "db/status": "libz 1\nown libz lib/other\n", ...files }])).toEqual([2]);
    // Who claims it is not there.
    expect(await readingsOf([{ "db/status": "a 1\nown libz lib/libz.so.1.2\n", ...files }])).toEqual([2]);
    // The database is gone at the end.
    expect(await readingsOf([{ "db/status": owned, ...files }, { "db/.wh.status": "" }])).toEqual([2, 1]);
    // Somebody replaced it after its owner was installed: whether by the same is seen in both layers.
    expect(await readingsOf([{ "db/status": owned, ...files }, { "lib/libz.so.1.2": "z 2" }])).toEqual([2, 2]);
    // Another database lies behind a link, and may say otherwise.
    const linked = { "db/more": { symlink: "../opt/more" }, "opt/more": "b 1\n" } as const;
    expect(await readingsOf([{ "db/status": owned, ...files, ...linked }])).toEqual([2]);
  });

  test("is looked into where more than its database is read, which may say otherwise at the end", async () => {
    const log: TreeAnalyzer = {
      kind: "tree",
      id: "os/log",
      revision: 1,
      matches: [{ path: "db/log" }],
      async *analyze() {},
    };
    const [os = expect.unreachable()] = others;
    const corrected = os.analyzers.map((each) => ({ ...each, yieldsTo: { analyzer: "os/log" } }));
    const withLog = [{ ...os, analyzers: [...corrected, log] }];
    const readings = async (layer: LiteralLayer): Promise<readonly number[]> =>
      (await look([layer], { ecosystem: yielding, others: withLog })).readings;

    expect(await readings({ "db/status": owned, ...files })).toEqual([1]);
    expect(await readings({ "db/status": owned, "db/log": "b 1\n", ...files })).toEqual([2]);
  });
});
