import { ScanError, defaultLimits } from "@plimsoll/model";
import type { Diagnostic, FileAnalyzer, TreeAnalyzer, ImageSource, Layer, Limits, ScanEvent } from "@plimsoll/model";
import { describePackages, listEcosystem, literalImage } from "@plimsoll/testkit";
import type { LiteralLayer } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { memoryCache, takeInventory } from "./index.ts";
import type { InventoryOptions } from "./index.ts";

const layers: readonly LiteralLayer[] = [
  { "db/list": "a 1\nb 1", "usr/lib/x.list": "x 1" },
  { "db/list": "a 1\nb 2", "app/y.list": "y 1\nneeds y x" },
  { "app/z.list": "z 1\n? cannot tell" },
];

/** The same image, its layers read with pauses of different lengths. */
function delayed(source: ImageSource, pauses: readonly number[]): ImageSource {
  const slow = (layer: Layer): Layer => ({
    ...layer,
    async *entries(options) {
      await new Promise((resolve) => setTimeout(resolve, pauses[layer.index] ?? 0));
      yield* layer.entries(options);
    },
  });
  return {
    label: source.label,
    open: async (options) => {
      const image = await source.open(options);
      return { ...image, layers: image.layers.map(slow) };
    },
  };
}

describe("an inventory", () => {
  test("is the same bytes in whatever order layers complete and ecosystems are given", async () => {
    const worlds = [listEcosystem(), listEcosystem({ id: "other", matches: [{ suffix: "z.list" }] })];
    const source = literalImage({ layers });
    const expected = JSON.stringify(await takeInventory(source, { ecosystems: worlds }));

    for (const pauses of [
      [20, 0, 0],
      [0, 20, 5],
      [5, 0, 20],
    ]) {
      const inventory = await takeInventory(delayed(source, pauses), {
        ecosystems: worlds.toReversed(),
        concurrency: 3,
      });
      expect(JSON.stringify(inventory)).toBe(expected);
    }
    expect(expected).toContain('"dependencies":["pkg:list/x@1"]');
  });

  describe("of an image that lists one layer many times", () => {
    /** The image, each layer `times` over, and how often one was read. */
    const repeated = async (
      times: number,
      { shared }: { shared: boolean },
      broken?: Diagnostic,
    ): Promise<{ source: ImageSource; reads: () => number }> => {
      let reads = 0;
      const image = await literalImage({ layers }).open();
      const copies = Array.from({ length: times }, () => image.layers).flat();
      const all = copies.map((layer, index) => ({
        ...layer,
        index,
        cacheable: shared,
        async *entries(options: Parameters<Layer["entries"]>[0]) {
          reads++;
          yield* layer.entries(options);
          if (broken !== undefined) yield { ...broken, location: { path: "", layer: { index, diffId: layer.diffId } } };
        },
      }));
      return { source: { label: "repeated", open: async () => ({ ...image, layers: all }) }, reads: () => reads };
    };

    test("reads it once, and says what reading each says", async () => {
      const ecosystems = [listEcosystem()];
      const each = await repeated(100, { shared: false });
      const once = await repeated(100, { shared: true });

      const expected = await takeInventory(each.source, { ecosystems });
      for (const concurrency of [1, 8]) {
        const inventory = await takeInventory(once.source, { ecosystems, concurrency });
        expect(JSON.stringify(inventory)).toBe(JSON.stringify(expected));
      }

      expect([each.reads(), once.reads()]).toEqual([300, 2 * 3]);
    });

    test("tells of each copy that it cannot be read to its end", async () => {
      const broken = { kind: "diagnostic", code: "malformed-layer", effect: "incomplete", message: "broken" } as const;
      const { source } = await repeated(3, { shared: true }, broken);

      const { diagnostics } = await takeInventory(source, { ecosystems: [listEcosystem()] });

      const told = diagnostics.filter(({ code }) => code === "malformed-layer");
      expect(told.map(({ location }) => location?.layer?.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    });
  });

  test("names file, layer, analyzer and reason of what went wrong, and keeps the rest", async () => {
    const source = literalImage({ layers: [{ "a.list": "a 1\nthrow\nb 1", "b.list": "c 1" }, ...layers] });
    const inventory = await takeInventory(source, { ecosystems: [listEcosystem()] });

    expect(describePackages(inventory)).toEqual(
      expect.arrayContaining(["a@1 a.list 0", "c@1 b.list 0", "z@1 app/z.list 3"]),
    );
    expect(inventory.diagnostics).toMatchObject([
      {
        code: "analyzer-failed",
        effect: "incomplete",
        analyzer: "list/file",
        location: { path: "a.list", layer: { index: 0 } },
      },
      { code: "malformed-file", message: "cannot tell", location: { path: "app/z.list", layer: { index: 3 } } },
    ]);
  });

  test("leaves a file to its owner that a later layer has once more with the same content, also behind a link", async () => {
    const libraries = listEcosystem({ id: "library", matches: [{ suffix: ".so.1" }] });
    const yielding = libraries.analyzers.map((analyzer) => ({ ...analyzer, yieldsTo: { owner: true as const } }));
    const os = listEcosystem({ id: "os", class: "os", matches: [{ path: "db/status" }] });
    const found = async (later: string): Promise<readonly string[]> => {
      const status = "libz 1\nown libz lib/libz.so.1.2\n";
      const layers = [
        { "db/status": status, "lib/libz.so.1.2": "z 1", "lib/libz.so.1": { symlink: "libz.so.1.2" } },
        // As `chmod -R` does: the file is the same.
        { "lib/libz.so.1.2": later },
      ];
      const ecosystems = [{ ...libraries, analyzers: yielding }, os];
      return describePackages(await takeInventory(literalImage({ layers }), { ecosystems }));
    };

    expect(await found("z 1")).toEqual(["libz@1 db/status 0"]);
    expect(await found("z 2")).toEqual(["z@2 lib/libz.so.1.2 1", "libz@1 db/status 0"]);
  });

  test("names a file whose first bytes cannot be read, and keeps the rest", async () => {
    const source = literalImage({ layers: [{ "a.list": "a 1", x: "", "y.list": "", "z.list": "z 1" }] });
    const image = await source.open({});
    const refused = async function* (): AsyncGenerator<Uint8Array> {
      yield new Uint8Array([1]);
      throw new Error("permission denied");
    };
    const withRefusals: ImageSource = {
      ...source,
      open: async () => ({
        ...image,
        layers: image.layers.map((layer) => ({
          ...layer,
          async *entries(options) {
            for await (const entry of layer.entries(options))
              yield entry.kind === "file" && entry.size === 0 ? { ...entry, size: 9, content: refused } : entry;
          },
        })),
      }),
    };
    const matches = [{ suffix: ".list" }, { magic: new Uint8Array([1, 2, 3]) }];
    const inventory = await takeInventory(withRefusals, { ecosystems: [listEcosystem({ matches })] });

    expect(describePackages(inventory)).toEqual(["a@1 a.list 0", "z@1 z.list 0"]);
    expect(inventory.diagnostics).toMatchObject([
      { code: "unreadable-file", effect: "incomplete", message: "x could not be read: permission denied" },
      { code: "analyzer-failed", effect: "incomplete", location: { path: "y.list" } },
    ]);
    expect(inventory.diagnostics[0]?.location).toMatchObject({ path: "x", layer: { index: 0 } });
    expect(inventory.diagnostics[1]?.message).toContain("permission denied");
  });

  test("tells once what several analyzers meet with in one file", async () => {
    const image = await literalImage({ layers: [{ "a.list": "a 1\n? cannot tell", "b.list": "cut" }] }).open();
    // eslint-disable-next-line require-yield
    async function* cutOff(): AsyncGenerator<Uint8Array> {
      throw Object.assign(new Error("elf: ends early"), { name: "FormatError" });
    }
    const cut: ImageSource = {
      label: "cut",
      open: async () => ({
        ...image,
        layers: image.layers.map((layer) => ({
          ...layer,
          async *entries(options) {
            for await (const entry of layer.entries(options))
              yield entry.kind === "file" && entry.size === 3 ? { ...entry, content: cutOff } : entry;
          },
        })),
      }),
    };
    const worlds = ["one", "two", "three"].map((id) => listEcosystem({ id, matches: [{ suffix: ".list" }] }));
    const { diagnostics } = await takeInventory(cut, { ecosystems: worlds });

    expect(diagnostics.map(({ message, location }) => `${location?.path}: ${message}`)).toEqual([
      "a.list: cannot tell",
      "b.list: elf: ends early",
    ]);
  });

  test("skips a file above the limit, and says so", async () => {
    const limits = { maxEntryBytes: 10 };
    const inventory = await takeInventory(
      literalImage({ layers: [{ "a.list": "a 1\nbbbbbbbb 1", "b.list": "b 1" }] }),
      {
        ecosystems: [listEcosystem()],
        limits,
      },
    );

    expect(describePackages(inventory)).toEqual(["b@1 b.list 0"]);
    expect(inventory.diagnostics).toMatchObject([
      { code: "limit-exceeded", effect: "incomplete", location: { path: "a.list" } },
    ]);
  });

  test("holds no lock file above its own limit, which is lower, and says so", async () => {
    let shown = 0;
    const ecosystem = listEcosystem();
    const declared = ecosystem.analyzers.map((analyzer) => ({
      ...analyzer,
      evidence: "declared" as const,
      async *analyze(file: never, ...rest: never[]): AsyncGenerator<never> {
        shown++;
        yield* (analyzer.analyze as (...args: never[]) => AsyncGenerator<never>)(file, ...rest);
      },
    }));
    const inventory = await takeInventory(
      literalImage({ layers: [{ "a.list": "a 1\nbbbbbbbb 1", "b.list": "b 1" }] }),
      {
        ecosystems: [{ ...ecosystem, analyzers: declared }],
        evidence: ["declared"],
        limits: { maxLockFileBytes: 10 },
      },
    );

    expect(shown).toBe(2);
    expect(describePackages(inventory)).toEqual(["b@1 b.list 0"]);
    expect(inventory.diagnostics).toMatchObject([
      { code: "limit-exceeded", effect: "incomplete", location: { path: "a.list" } },
    ]);
  });

  test("lets a lock file be four times as large for whoever reads it entry by entry", async () => {
    const ecosystem = listEcosystem();
    const read = async (readsByEntries: boolean): Promise<readonly string[]> => {
      const analyzers = ecosystem.analyzers.map((each) => ({ ...each, evidence: "declared" as const, readsByEntries }));
      const layers = [{ "a.list": "a 1\n".repeat(10), "b.list": "b 1\n".repeat(11) }];
      const inventory = await takeInventory(literalImage({ layers }), {
        ecosystems: [{ ...ecosystem, analyzers }],
        evidence: ["declared"],
        limits: { maxLockFileBytes: 10 },
      });
      return describePackages(inventory);
    };

    expect(await read(false)).toEqual([]);
    expect(await read(true)).toEqual(["a@1 a.list 0"]);
  });

  test("does not take what was found under other limits for files", async () => {
    const analyzer: FileAnalyzer = {
      kind: "file",
      id: "list/limits",
      revision: 1,
      matches: [{ suffix: ".list" }],
      *analyze({ limits }) {
        const { maxNesting, maxEntryBytes, maxLockFileValues } = limits;
        yield {
          kind: "package",
          package: { name: "x", version: `${maxNesting} ${maxEntryBytes} ${maxLockFileValues}` },
        };
      },
    };
    const cache = memoryCache();
    const find = async (limits: Partial<Limits>): Promise<readonly (string | undefined)[]> => {
      const ecosystems = [{ ...listEcosystem(), analyzers: [analyzer] }];
      const image = literalImage({ layers: [{ "a.list": "a" }] });
      return (await takeInventory(image, { ecosystems, limits, cache })).packages.map(({ version }) => version);
    };

    for (const [at, name] of (["maxNesting", "maxEntryBytes", "maxLockFileValues"] as const).entries())
      for (const most of [7_001, 7_002]) expect((await find({ [name]: most }))[0]?.split(" ")[at]).toBe(String(most));
  });

  test("leaves a file after as many packages as are held of one, and says so", async () => {
    const text = Array.from({ length: 20 }, (_, at) => `p${at} 1`).join("\n");
    const inventory = await takeInventory(literalImage({ layers: [{ "a.list": text, "b.list": "b 1" }] }), {
      ecosystems: [listEcosystem()],
      limits: { maxPackagesPerFile: 5 },
    });

    expect(inventory.packages).toHaveLength(6);
    expect(inventory.diagnostics).toMatchObject([
      {
        code: "limit-exceeded",
        effect: "incomplete",
        message: "a.list was not read any further after 5 packages",
        location: { path: "a.list" },
      },
    ]);
  });

  test("leaves the entries of a layer above their limit, and says so", async () => {
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`f${at}.list`, `p${at} 1`]));
    const inventory = await takeInventory(literalImage({ layers: [files] }), {
      ecosystems: [listEcosystem()],
      limits: { maxEntriesPerLayer: 5 },
    });

    expect(inventory.packages.length).toBeLessThan(7);
    expect(inventory.diagnostics).toMatchObject([{ code: "limit-exceeded", effect: "incomplete" }]);
  });

  test("leaves layers above the total, however fast they are read", async () => {
    const content = `a 1\n${"#".repeat(1000)}`;
    const source = literalImage({
      layers: [{ "a.list": content }, { "b.list": content.replace("a", "b") }, { "c.list": content.replace("a", "c") }],
    });
    for (const pauses of [
      [0, 0, 20],
      [20, 0, 0],
    ]) {
      const inventory = await takeInventory(delayed(source, pauses), {
        ecosystems: [listEcosystem()],
        limits: { maxTotalBytes: 2_100 },
        concurrency: 3,
      });

      expect(describePackages(inventory)).toEqual(["a@1 a.list 0", "b@1 b.list 1"]);
      expect(inventory.diagnostics).toMatchObject([{ code: "limit-exceeded", location: { layer: { index: 2 } } }]);
    }
  });

  test("marks what belongs to a package of the distribution, also through merged directories", async () => {
    const os = listEcosystem({ id: "os", class: "os", matches: [{ path: "db/list" }] });
    const source = literalImage({
      layers: [
        {
          "db/list": "coreutils 9\nown coreutils /lib/x.list\nown coreutils usr/lib/y.list",
          "usr/lib/x.list": "x 1",
          "usr/lib/y.list": "y 1",
          lib: { symlink: "usr/lib" },
          "opt/x.list": "x 1",
        },
      ],
    });
    const inventory = await takeInventory(source, {
      ecosystems: [os, listEcosystem({ matches: [{ suffix: "x.list" }, { suffix: "y.list" }] })],
    });

    expect(describePackages(inventory)).toEqual([
      "x@1 opt/x.list 0",
      "x@1 usr/lib/x.list 0 (pkg:os/coreutils@9)",
      "y@1 usr/lib/y.list 0 (pkg:os/coreutils@9)",
      "coreutils@9 db/list 0",
    ]);
  });

  test("tells base layers from others when the base image's chain is given", async () => {
    const source = literalImage({ layers });
    const chain = (await source.open()).layers.slice(0, 2).map((layer) => layer.diffId);
    const based = await takeInventory(source, { ecosystems: [], baseImage: chain });
    const other = await takeInventory(source, { ecosystems: [], baseImage: [...chain].reverse() });

    expect(based.artifact.layers.map((layer) => layer.base)).toEqual([true, true, false]);
    expect(based.diagnostics).toEqual([]);
    expect(other.artifact.layers.map((layer) => layer.base)).toEqual([undefined, undefined, undefined]);
    expect(other.diagnostics).toMatchObject([{ effect: "none", message: expect.stringContaining("base image") }]);
  });

  test("tells base layers from others by the base image itself, whose layers are not read, else by the history", async () => {
    const source = literalImage({ layers });
    const opened = await source.open();
    const unread: ImageSource = {
      label: "base",
      open: async () => ({
        ...opened,
        layers: opened.layers.slice(0, 1).map((layer) => ({
          ...layer,
          entries: () => {
            throw new Error("a layer of the base image is read");
          },
        })),
      }),
    };
    const remembering: ImageSource = { label: "image", open: async () => ({ ...opened, baseLayers: 2 }) };
    const bases = async (options: Partial<InventoryOptions>): Promise<unknown> =>
      (await takeInventory(remembering, { ecosystems: [], ...options })).artifact.layers.map((layer) => layer.base);

    expect(await bases({ baseImage: unread })).toEqual([true, false, false]);
    expect(await bases({})).toEqual([true, true, false]);
  });

  test("survives names that mean something to JavaScript, and very long ones", async () => {
    const long = "n".repeat(1_000_000);
    const source = literalImage({
      layers: [
        { "__proto__/a.list": "__proto__ 1\nneeds __proto__ constructor\nconstructor 1", "b.list": `${long} 1` },
      ],
    });
    const inventory = await takeInventory(source, { ecosystems: [listEcosystem()] });

    expect(inventory.packages.map((pkg) => pkg.name).filter((name) => name !== long)).toEqual(
      expect.arrayContaining(["__proto__", "constructor"]),
    );
    expect(({} as Record<string, unknown>)["1"]).toBeUndefined();
  });
});

describe("a scan that is stopped", () => {
  test.each<ScanEvent["kind"]>(["image-opened", "layer-started", "package-found", "layer-read"])(
    "at %s throws the reason and closes the image",
    async (kind) => {
      const abort = new AbortController();
      let closed = 0;
      const source = literalImage({ layers });
      const closing: ImageSource = {
        label: "closing",
        open: async () => ({ ...(await source.open()), close: async () => void closed++ }),
      };
      const scan = takeInventory(closing, {
        ecosystems: [listEcosystem()],
        signal: abort.signal,
        onEvent: (event) => {
          if (event.kind === kind) abort.abort(new Error(`stopped at ${kind}`));
        },
      });

      await expect(scan).rejects.toThrow(`stopped at ${kind}`);
      expect(closed).toBe(1);
    },
  );

  test("in an analyzer that never ends", async () => {
    const scan = takeInventory(literalImage({ layers: [{ "a.list": "hang" }] }), {
      ecosystems: [listEcosystem()],
      signal: AbortSignal.timeout(30),
    });

    await expect(scan).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("by its limit of time is a typed error", async () => {
    const scan = takeInventory(literalImage({ layers: [{ "a.list": "hang" }] }), {
      ecosystems: [listEcosystem()],
      limits: { ...defaultLimits, maxMilliseconds: 30 },
    });

    await expect(scan).rejects.toBeInstanceOf(ScanError);
  });

  test("before it began opens nothing", async () => {
    let opened = false;
    const source: ImageSource = {
      label: "x",
      open: async () => {
        opened = true;
        throw new Error("opened");
      },
    };

    await expect(takeInventory(source, { ecosystems: [], signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow(
      "no",
    );
    expect(opened).toBe(false);
  });
});

test("two scans at once do not disturb each other", async () => {
  const one = literalImage({ layers });
  const two = literalImage({ layers: layers.slice(0, 2) });
  const ecosystems = [listEcosystem()];
  const [first, second] = await Promise.all([
    takeInventory(delayed(one, [5, 1, 3]), { ecosystems }),
    takeInventory(delayed(two, [1, 5]), { ecosystems }),
  ]);

  expect(first).toEqual(await takeInventory(one, { ecosystems }));
  expect(second).toEqual(await takeInventory(two, { ecosystems }));
});

test("a listener that throws changes nothing", async () => {
  const source = literalImage({ layers });
  const ecosystems = [listEcosystem()];
  const throwing = (): never => {
    throw new Error("the listener fell asleep");
  };

  expect(await takeInventory(source, { ecosystems, onEvent: throwing })).toEqual(
    await takeInventory(source, { ecosystems }),
  );
});

test("what is known by its bytes alone counts only where no package owns the file", async () => {
  const os = listEcosystem({ id: "os", class: "os", matches: [{ path: "db/list" }] });
  const bytes = listEcosystem({ id: "bytes", matches: [{ suffix: "tool" }] });
  const programs = {
    ...bytes,
    analyzers: bytes.analyzers.map((analyzer) => ({ ...analyzer, yieldsTo: { owner: true as const } })),
  };
  const source = literalImage({
    layers: [{ "db/list": "busybox 1\nown busybox bin/tool", "bin/tool": "tool 1", "opt/tool": "tool 2" }],
  });

  expect(describePackages(await takeInventory(source, { ecosystems: [os, programs] }))).toEqual([
    "tool@2 opt/tool 0",
    "busybox@1 db/list 0",
  ]);
});

test.each([
  ["has packages", "bash 2", ["bash@2 db/new 0"], 1],
  ["is empty", "", ["bash@1 db/old 0"], 0],
])("an old form of a database counts only until a new one %s", async (_, text, expected, told) => {
  const old = listEcosystem({ id: "os", class: "os", matches: [{ path: "db/old" }] });
  const [analyzer] = old.analyzers;
  const [newer] = listEcosystem({ id: "new", class: "os", matches: [{ path: "db/new" }] }).analyzers;
  if (analyzer === undefined || newer === undefined) throw new Error("a list ecosystem has an analyzer");
  const os = { ...old, analyzers: [{ ...analyzer, yieldsTo: { files: ["db/new"] } }, newer] };
  const source = literalImage({ layers: [{ "db/old": "bash 1", "db/new": text }] });

  const inventory = await takeInventory(source, { ecosystems: [os] });

  expect(describePackages(inventory)).toEqual(expected);
  expect(inventory.diagnostics.map(({ effect }) => effect)).toEqual(Array.from({ length: told }, () => "none"));
});

test("a file that is too large for a tree analyzer costs it no other file", async () => {
  const reader: TreeAnalyzer = {
    kind: "tree",
    id: "lang/reader",
    revision: 1,
    matches: [{ basename: "lock" }],
    maxBytes: 8,
    async *analyze(files) {
      for (const file of files)
        yield { kind: "package", package: { name: await file.text(), version: "1" }, at: file.path };
    },
  };
  const lang = { ...listEcosystem({ id: "lang", matches: [] }), analyzers: [reader] };
  const source = literalImage({ layers: [{ "a/lock": "too long a name", "b/lock": "short" }, { "c/lock": "x" }] });

  const inventory = await takeInventory(source, { ecosystems: [lang] });

  expect(describePackages(inventory)).toEqual(["short@1 b/lock 0", "x@1 c/lock 1"]);
  expect(inventory.diagnostics).toMatchObject([
    {
      code: "limit-exceeded",
      effect: "incomplete",
      message: "a/lock was not read: lang/reader reads files of at most 8 bytes, and 536870912 in all",
      location: { path: "a/lock", layer: { index: 0 } },
    },
  ]);
});

test("a file gives way to a neighbour that is read in its place, and only where it has one", async () => {
  const list = listEcosystem({ id: "lang", matches: [{ basename: "old" }, { basename: "new" }] });
  const [analyzer] = list.analyzers;
  if (analyzer === undefined) throw new Error("a list ecosystem has an analyzer");
  const lang = { ...list, analyzers: [{ ...analyzer, yieldsTo: { sibling: "new" } }] };
  const source = literalImage({ layers: [{ "a/old": "bash 1", "a/new": "bash 2", "b/old": "zlib 1", "c/new": "" }] });

  const inventory = await takeInventory(source, { ecosystems: [lang] });

  expect(describePackages(inventory)).toEqual(["bash@2 a/new 0", "zlib@1 b/old 0"]);
  expect(inventory.diagnostics.map(({ effect }) => effect)).toEqual(["none"]);
});

test("what a tree analyzer reads with more at hand stands in place of what the file alone says", async () => {
  const list = listEcosystem({ id: "os", class: "os", matches: [{ path: "db/list" }] });
  const [analyzer] = list.analyzers;
  if (analyzer === undefined) throw new Error("a list ecosystem has an analyzer");
  const withLog: TreeAnalyzer = {
    kind: "tree",
    id: "os/log",
    revision: 1,
    matches: [{ path: "db/list" }, { path: "db/log" }],
    async *analyze(files) {
      const names = (await files.get("db/log")?.text())?.split(" ") ?? [];
      for (const name of names) yield { kind: "package", package: { name, version: "1" }, at: "db/list" };
    },
  };
  const os = { ...list, analyzers: [{ ...analyzer, yieldsTo: { analyzer: withLog.id } }, withLog] };
  const scan = async (...layers: LiteralLayer[]) =>
    describePackages(await takeInventory(literalImage({ layers }), { ecosystems: [os] }));

  expect(await scan({ "db/list": "kept 1\nremoved 1" }, { "db/log": "kept added" })).toEqual([
    "added@1 db/list 0",
    "kept@1 db/list 0",
  ]);
  expect(await scan({ "db/list": "kept 1" })).toEqual(["kept@1 db/list 0"]);
});
