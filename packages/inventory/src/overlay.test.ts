import { describePackages, listEcosystem, literalImage } from "@plimsoll/testkit";
import type { LiteralLayer } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { takeInventory, memoryCache } from "./index.ts";

async function scan(...layers: LiteralLayer[]): Promise<readonly string[]> {
  const inventory = await takeInventory(literalImage({ layers }), { ecosystems: [listEcosystem()] });
  expect(inventory.diagnostics).toEqual([]);
  return describePackages(inventory);
}

describe("layers on top of each other", () => {
  test.each<[string, LiteralLayer[], string[]]>([
    ["a file is replaced", [{ "db/list": "a 1" }, { "db/list": "a 2" }], ["a@2 db/list 1"]],
    ["files of all layers are there", [{ "a.list": "a 1" }, { "b.list": "b 1" }], ["a@1 a.list 0", "b@1 b.list 1"]],
    ["a whiteout deletes a file", [{ "x/a.list": "a 1" }, { "x/.wh.a.list": "" }], []],
    ["a whiteout deletes a tree", [{ "x/y/a.list": "a 1" }, { ".wh.x": "" }], []],
    [
      "a whiteout deletes nothing of its own layer",
      [{ "x/a.list": "a 1" }, { "x/b.list": "b 1", ".wh.x": "" }],
      ["b@1 x/b.list 1"],
    ],
    ["nor of layers above", [{ ".wh.x": "" }, { "x/a.list": "a 1" }], ["a@1 x/a.list 1"]],
    [
      "an opaque directory hides what was below",
      [
        { "x/a.list": "a 1", "x/y/c.list": "c 1" },
        { "x/b.list": "b 1", "x/.wh..wh..opq": "" },
      ],
      ["b@1 x/b.list 1"],
    ],
    ["and nothing beside it", [{ "xy/a.list": "a 1" }, { "x/.wh..wh..opq": "" }], ["a@1 xy/a.list 0"]],
    ["a file in place of a directory ends the tree", [{ "x/y/a.list": "a 1" }, { x: "now a file" }], []],
    ["a symlink in place of a directory ends the tree", [{ "x/a.list": "a 1" }, { x: { symlink: "elsewhere" } }], []],
    ["a directory in place of a file ends the file", [{ "a.list": "a 1" }, { "a.list/": "" }], []],
    [
      "a directory over a directory changes nothing",
      [{ "x/": "", "x/a.list": "a 1" }, { "x/": "" }],
      ["a@1 x/a.list 0"],
    ],
    [
      "what lies behind links that lead to each other is nowhere",
      [{ a: { symlink: "b" }, b: { symlink: "a" }, "a/x.list": "x 1", "c.list": "c 1" }],
      ["c@1 c.list 0"],
    ],
    ["a symlink in place of a file ends it", [{ "a.list": "a 1" }, { "a.list": { symlink: "/nowhere" } }], []],
    [
      "a file in place of a symlink counts",
      [{ "a.list": { symlink: "/nowhere" } }, { "a.list": "a 1" }],
      ["a@1 a.list 1"],
    ],
    [
      "names with .wh. in the middle are names",
      [{ "a.wh.b.list": "a 1" }, { "c.wh.list": "c 1" }],
      ["a@1 a.wh.b.list 0", "c@1 c.wh.list 1"],
    ],
    ["upper and lower case are different names", [{ "A.list": "a 1" }, { ".wh.a.list": "" }], ["a@1 A.list 0"]],
    [
      "removed and added again is the later layer's",
      [{ "a.list": "a 1" }, { ".wh.a.list": "" }, { "a.list": "a 1" }],
      ["a@1 a.list 2"],
    ],
    ["the same again is the first layer's", [{ "a.list": "a 1" }, { "a.list": "a 1" }], ["a@1 a.list 0"]],
    [
      "a database that is rewritten moves no package",
      [{ "db/list": "a 1\nb 1" }, { "db/list": "a 1\nb 2\nc 1" }, { "db/list": "a 1\nb 2\nc 1\nd 1" }],
      ["a@1 db/list 0", "b@2 db/list 1", "c@1 db/list 1", "d@1 db/list 2"],
    ],
    [
      "a package that went and came back is the later layer's",
      [{ "db/list": "a 1" }, { "db/list": "b 1" }, { "db/list": "a 1\nb 1" }],
      ["a@1 db/list 2", "b@1 db/list 1"],
    ],
    [
      "a hardlink has its target's content",
      [{ "x/data": "a 1", "x/a.list": { hardlink: "x/data" } }],
      ["a@1 x/a.list 0"],
    ],
    [
      "also when the target is in a lower layer",
      [{ "x/data": "a 1" }, { "x/a.list": { hardlink: "x/data" } }],
      ["a@1 x/a.list 1"],
    ],
    [
      "a symlinked database is found",
      [{ "usr/db/list.txt": "a 1", "db/list": { symlink: "../usr/db/list.txt" } }],
      ["a@1 usr/db/list.txt 0"],
    ],
    [
      "also behind a symlinked directory, made later",
      [{ "usr/lib/list": "a 1" }, { db: { symlink: "/usr/lib" } }],
      ["a@1 usr/lib/list 0"],
    ],
    [
      "also with its target in an upper layer",
      [{ "db/list": { symlink: "../real" } }, { real: "a 1" }],
      ["a@1 real 1"],
    ],
  ])("%s", async (_, layers, expected) => {
    expect(await scan(...layers)).toEqual(expected);
  });

  test.each<[string, LiteralLayer[], string[]]>([
    [
      "under both of its names",
      [{ "opt/tool": "#!a 1", "bin/tool": { hardlink: "opt/tool" } }],
      ["a@1 bin/tool 0", "a@1 opt/tool 0"],
    ],
    [
      "under the second name when the first is gone",
      [{ "opt/tool": "#!a 1", "bin/tool": { hardlink: "opt/tool" } }, { "opt/.wh.tool": "" }],
      ["a@1 bin/tool 0"],
    ],
    [
      "also when the link came in a later layer",
      [{ "opt/tool": "#!a 1" }, { "bin/tool": { hardlink: "opt/tool" } }, { ".wh.opt": "" }],
      ["a@1 bin/tool 1"],
    ],
    [
      "also through a link to a link, in one layer and over several",
      [
        { "opt/tool": "#!a 1", "opt/other": { hardlink: "opt/tool" }, "opt/third": { hardlink: "/opt/other" } },
        { "bin/tool": { hardlink: "opt/third" } },
        { ".wh.opt": "" },
      ],
      ["a@1 bin/tool 1"],
    ],
    [
      "as it was when the link was made, not as it is now",
      [{ "opt/tool": "#!a 1" }, { "bin/tool": { hardlink: "opt/tool" } }, { "opt/tool": "#!a 2" }],
      ["a@1 bin/tool 1", "a@2 opt/tool 2"],
    ],
    [
      "behind a link to its directory",
      [
        { "usr/lib/tool": "#!a 1", lib: { symlink: "usr/lib" } },
        { "bin/tool": { hardlink: "lib/tool" }, "usr/lib/.wh.tool": "" },
      ],
      ["a@1 bin/tool 1"],
    ],
    [
      "not where the link is gone too",
      [
        { t: "#!a 1", u: { hardlink: "t" } },
        { ".wh.t": "", ".wh.u": "" },
      ],
      [],
    ],
    ["not where the content is not of that kind", [{ t: "a 1", u: { hardlink: "t" } }], []],
    ["not where the target never was", [{ u: { hardlink: "t" }, v: { hardlink: "v" } }], []],
  ])("a file known by its first bytes is found %s", async (_, layers, expected) => {
    const ecosystems = [listEcosystem({ matches: [{ magic: new TextEncoder().encode("#!") }] })];
    const cache = memoryCache();
    for (let scan = 0; scan < 2; scan++) {
      const inventory = await takeInventory(literalImage({ layers }), { ecosystems, cache });
      expect(describePackages(inventory)).toEqual(expected.map((line) => line.replace(/^a/, "#!a")));
      expect(inventory.diagnostics).toEqual([]);
    }
  });

  test("what is wrong with a file of several names is told once", async () => {
    const ecosystems = [listEcosystem({ matches: [{ magic: new TextEncoder().encode("#!") }] })];
    const layer: LiteralLayer = { t: "#!a 1\n? it is odd", u: { hardlink: "t" }, v: { hardlink: "t" } };
    const both = await takeInventory(literalImage({ layers: [layer] }), { ecosystems });
    expect(both.diagnostics.map(({ location }) => location?.path)).toEqual(["t"]);
    const second = await takeInventory(literalImage({ layers: [layer, { ".wh.t": "" }] }), { ecosystems });
    expect(second.diagnostics.map(({ location }) => location?.path)).toEqual(["u", "v"]);
  });

  test("symlinks in a circle end", async () => {
    expect(await scan({ "db/list": { symlink: "/x" }, x: { symlink: "y" }, y: { symlink: "/db/list" } })).toEqual([]);
    expect(await scan({ db: { symlink: "db" } })).toEqual([]);
  });

  test("the last of several entries for one path in a layer counts", async () => {
    const image = literalImage({ layers: [{}] });
    const opened = await image.open();
    const file = (text: string) => ({
      kind: "file" as const,
      path: "db/list",
      size: text.length,
      executable: false,
      async *content() {
        yield new TextEncoder().encode(text);
      },
    });
    const layer = opened.layers[0];
    if (layer === undefined) throw new Error("there is one layer");
    const twice = {
      ...layer,
      async *entries() {
        yield file("a 1");
        yield file("b 2");
      },
    };

    const inventory = await takeInventory(
      { label: "twice", open: async () => ({ ...opened, layers: [twice] }) },
      { ecosystems: [listEcosystem()] },
    );

    expect(describePackages(inventory)).toEqual(["b@2 db/list 0"]);
  });
});

/** What a layer does to paths in the property below; few names, so that they meet. */
const segment = fc.constantFrom("x", "y", "z");
const directory = fc.array(segment, { maxLength: 2 }).map((parts) => parts.join("/"));
const under = (parent: string, name: string): string => (parent === "" ? name : `${parent}/${name}`);
const operation = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(directory, segment, fc.constantFrom("1", "2"))
      .map(([parent, name, version]) => [under(parent, `${name}.list`), `p ${version}`] as const),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(directory, segment).map(([parent, name]) => [under(parent, `.wh.${name}.list`), ""] as const),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(directory, segment).map(([parent, name]) => [under(parent, `.wh.${name}`), ""] as const),
  },
  { weight: 1, arbitrary: directory.map((parent) => [under(parent, ".wh..wh..opq"), ""] as const) },
  {
    weight: 1,
    arbitrary: fc.tuple(directory, segment).map(([parent, name]) => [under(parent, name), "a plain file"] as const),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(directory, segment).map(([parent, name]) => [`${under(parent, name)}/`, ""] as const),
  },
);
/** A layer as tar writers make them: no path is both a file and a directory. */
const layer = fc
  .uniqueArray(operation, { maxLength: 6, selector: ([path]) => path.replace(/\/$/, "") })
  .map((entries) => {
    const layerEntries = Object.fromEntries(entries) as LiteralLayer;
    const plain = Object.keys(layerEntries).filter((path) => !path.endsWith("/") && !path.includes(".wh."));
    return Object.fromEntries(
      Object.entries(layerEntries).filter(([path]) => !plain.some((file) => path.startsWith(`${file}/`))),
    ) as LiteralLayer;
  });

/** The obvious way: a map of what is there, changed layer by layer. Values are the versions with the layer they are from. */
function simulate(layers: readonly LiteralLayer[]): readonly string[] {
  let files = new Map<string, { version: string; layer: number }>();
  for (const [index, entries] of layers.entries()) {
    const remove = (gone: (path: string) => boolean): void =>
      void (files = new Map([...files].filter(([path]) => !gone(path))));
    const before = files;
    for (const path of Object.keys(entries)) {
      const cut = path.lastIndexOf("/") + 1;
      const [parent, base] = [path.slice(0, cut), path.slice(cut)];
      if (base === ".wh..wh..opq") remove((other) => other.startsWith(parent));
      else if (base.startsWith(".wh."))
        remove((other) => other === parent + base.slice(4) || other.startsWith(`${parent}${base.slice(4)}/`));
    }
    for (const [path, content] of Object.entries(entries)) {
      if (path.split("/").at(-1)?.startsWith(".wh.") === true) continue;
      const name = path.replace(/\/$/, "");
      // A path that is a file ends what was beneath; a directory, also one that a deeper entry implies, ends a file.
      if (!path.endsWith("/")) remove((other) => other.startsWith(`${name}/`));
      const parents = name.split("/").map((_, at, parts) => parts.slice(0, at + 1).join("/"));
      remove((other) => parents.includes(other) && !Object.hasOwn(entries, other));
      if (path.endsWith("/") || !name.endsWith(".list")) continue;
      const version = String(content).slice(2);
      const known = before.get(name);
      files.set(name, { version, layer: known?.version === version ? known.layer : index });
    }
  }
  return [...files].map(([path, { version, layer: from }]) => `p@${version} ${path} ${from}`).sort();
}

test("any sequence of layers gives what the obvious simulation gives", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 4 }), async (layers) => {
      expect([...(await scan(...layers))].sort()).toEqual(simulate(layers));
    }),
    { numRuns: 500 },
  );
});
