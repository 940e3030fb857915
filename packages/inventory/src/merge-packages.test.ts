import { describePackages, listEcosystem, literalImage } from "@plimsoll/testkit";
import type { Ecosystem, FoundPackage, Image, Package, PackageLocation } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import type { Found } from "./found-packages.ts";
import { takeInventory } from "./index.ts";
import { mergePackages } from "./merge-packages.ts";

const spelled = (normalName?: Ecosystem["normalName"]): Ecosystem => ({
  ...listEcosystem(),
  ...(normalName === undefined ? {} : { normalName }),
});

test("one name in several spellings is one package, by the ecosystem's normal form", async () => {
  const image = literalImage({ layers: [{ "a.list": "Left 1\nleft 2", "b.list": "left 1" }] });
  const scan = async (ecosystem: Ecosystem) =>
    describePackages(await takeInventory(image, { ecosystems: [ecosystem] }));

  expect(await scan(spelled((name) => name.toLowerCase()))).toEqual([
    "Left@1 a.list 0",
    "Left@1 b.list 0",
    "left@2 a.list 0",
  ]);
  expect(await scan(spelled())).toEqual(["Left@1 a.list 0", "left@1 b.list 0", "left@2 a.list 0"]);
});

describe("where a package comes from", () => {
  function ecosystemOf(origins: Readonly<Record<string, FoundPackage["origin"]>>): Ecosystem {
    const list = listEcosystem();
    return {
      ...list,
      analyzers: [
        {
          kind: "file",
          id: "list/origins",
          revision: 1,
          matches: [{ suffix: ".list" }],
          *analyze({ path }) {
            const origin = origins[path];
            yield {
              kind: "package",
              package: { name: "left", version: "1", ...(origin === undefined ? {} : { origin }) },
            };
          },
        },
      ],
    };
  }
  async function originsIn(kind: Image["kind"], origins: Parameters<typeof ecosystemOf>[0]) {
    const source = literalImage({ layers: [Object.fromEntries(Object.keys(origins).map((path) => [path, "x"]))] });
    const open = async (): Promise<Image> => ({ ...(await source.open()), kind });
    const { packages } = await takeInventory({ label: "x", open }, { ecosystems: [ecosystemOf(origins)] });
    return packages.map(({ origin, locations }) => [origin, locations.map(({ path }) => path).join()]);
  }

  test("tells it from one of the same name", async () => {
    expect(await originsIn("filesystem", { "a.list": undefined, "b.list": "project" })).toEqual([
      [undefined, "a.list"],
      ["project", "b.list"],
    ]);
  });

  test("what states itself is the project in a source tree, and any package elsewhere", async () => {
    const origins = { "a.list": "manifest", "b.list": "project" } as const;
    expect(await originsIn("filesystem", origins)).toEqual([["project", "a.list,b.list"]]);
    expect(await originsIn("container-image", origins)).toEqual([
      [undefined, "a.list"],
      ["project", "b.list"],
    ]);
  });
});

/** What sets a mention apart from one of left 1 that is installed at `a.list`. */
interface Told extends Partial<FoundPackage>, Partial<Omit<PackageLocation, "layer">> {
  readonly ecosystem?: string;
  readonly analyzer?: string;
}

function mentionOf({ path = "a.list", line, evidence = "installed", ecosystem, analyzer, ...pkg }: Told): Found {
  const found: FoundPackage = { name: "left", version: "1", ...pkg };
  const purl = `pkg:list/${found.name}@${found.version}`;
  return {
    ecosystem: listEcosystem({ id: ecosystem ?? "list" }),
    package: found,
    purl,
    identity: purl,
    location: { path, evidence, ...(line === undefined ? {} : { line }) },
    layer: 0,
    file: path,
    analyzer: analyzer ?? "list/file",
    yieldsToOwner: false,
  };
}

describe("what several mentions say of one package", () => {
  const inPlaces = (said: readonly Partial<FoundPackage>[]): readonly Found[] =>
    said.map((each, at) => mentionOf({ ...each, path: `${at}.list` }));

  test.each<[string, readonly Partial<FoundPackage>[], Partial<Package>]>([
    ["nothing is nothing", [{}, {}], {}],
    [
      "of what is one thing, the first that says something",
      [
        { supplier: "" },
        { supplier: "Jane", architecture: "amd64" },
        { supplier: "Joe", architecture: "arm64", module: "m:1", kind: "machine-learning-model" },
        { module: "m:2" },
      ],
      { supplier: "Jane", architecture: "amd64", module: "m:1", kind: "machine-learning-model" },
    ],
    ["an empty text is none", [{ supplier: "" }], {}],
    ["one source", Array(2).fill({ source: { name: "src", version: "2" } }), { source: { name: "src", version: "2" } }],
    [
      "of lists all, each once",
      [{ licenses: ["MIT", "0BSD"], cpes: ["c:2"] }, {}, { licenses: ["MIT", "Zlib"], cpes: ["c:1"] }],
      { licenses: ["MIT", "0BSD", "Zlib"], cpes: ["c:2", "c:1"] },
    ],
    ["empty lists and records are none", [{ licenses: [], cpes: [], hashes: {}, facts: {} }], {}],
    [
      "of records all, and of one key the first",
      [{ hashes: { sha1: "a" }, facts: { y: "1" } }, {}, { hashes: { sha1: "b", md5: "c" }, facts: { x: "2" } }],
      { hashes: { md5: "c", sha1: "a" }, facts: { x: "2", y: "1" } },
    ],
    [
      "approximate where all say so",
      [{ confidence: "approximate" }, { confidence: "approximate" }],
      { confidence: "approximate" },
    ],
    ["and stated where one says so", [{ confidence: "approximate" }, {}], {}],
    ["for development where all say so", [{ scope: "dev" }, { scope: "dev" }], { scope: "dev" }],
    ["optional where it is one or the other", [{ scope: "dev" }, { scope: "optional" }], { scope: "optional" }],
    ["needed where one needs it", [{ scope: "dev" }, {}], {}],
    [
      "the closest relationship",
      [{ relationship: "indirect" }, {}, { relationship: "direct" }],
      { relationship: "direct" },
    ],
    [
      "a member of a workspace",
      [{ relationship: "direct" }, { relationship: "workspace" }],
      { relationship: "workspace" },
    ],
    ["the project itself", [{ relationship: "workspace" }, { relationship: "root" }], { relationship: "root" }],
    ["an indirect dependency", [{ relationship: "indirect" }], { relationship: "indirect" }],
  ])("%s", async (_, said, expected) => {
    const merged = await mergePackages(inPlaces(said));

    const common = { name: "left", version: "1", ecosystem: "list", class: "library", purl: "pkg:list/left@1" };
    const locations = said.map((_each, at) => ({ path: `${at}.list`, evidence: "installed" }));
    expect(merged.map((each) => each.package)).toEqual([
      { id: common.purl, ...common, ...expected, locations, foundBy: ["list/file"] },
    ]);
  });

  test("records are in the order of their keys", async () => {
    const [merged] = await mergePackages(inPlaces([{ facts: { y: "1" } }, { facts: { x: "2" } }]));

    expect(Object.keys(merged?.package.facts ?? {})).toEqual(["x", "y"]);
  });

  test.each<[string, Told, Told]>([
    ["installed before declared", { path: "b.list" }, { path: "a.list", evidence: "declared" }],
    ["declared before requested", { path: "b.list", evidence: "declared" }, { path: "a.list", evidence: "requested" }],
    ["the lower path", { path: "a.list", line: 2 }, { path: "b.list", line: 1 }],
    ["of one file the upper line", { line: 2, analyzer: "z" }, { line: 10, analyzer: "a" }],
    ["and what has no line", { analyzer: "z" }, { line: 1, analyzer: "a" }],
    ["the analyzer that is named first", { analyzer: "a", supplier: "Z" }, { analyzer: "b", supplier: "A" }],
    ["and of one analyzer what is lower as text", { supplier: "A" }, { supplier: "Z" }],
  ])("%s is believed first, whatever the order", async (_, first, second) => {
    const [believed, doubted] = [mentionOf({ supplier: "A", ...first }), mentionOf({ supplier: "B", ...second })];
    const merged = await mergePackages([believed, doubted]);

    expect(merged).toMatchObject([{ package: { supplier: believed.package.supplier }, mentions: [believed, doubted] }]);
    expect(await mergePackages([doubted, believed])).toEqual(merged);
  });

  test("a place that several tell of is one, as the first of them tells it, and all who found it are named", async () => {
    const told = [
      mentionOf({ path: "b.list", analyzer: "z" }),
      mentionOf({ path: "a.list", evidence: "declared", analyzer: "y" }),
      mentionOf({ path: "b.list", evidence: "declared", line: 3, analyzer: "y" }),
    ];

    expect(await mergePackages(told)).toMatchObject([
      {
        package: {
          locations: [
            { path: "a.list", evidence: "declared" },
            { path: "b.list", evidence: "installed" },
          ],
          foundBy: ["y", "z"],
        },
      },
    ]);
  });
});

describe("packages that share a purl are told apart and numbered", () => {
  const source = { name: "src", version: "1" };
  test.each<[string, Told, Told]>([
    ["by their source, sorted by place", { path: "a.list", source }, { path: "b.list" }],
    ["by a version of the source", { source }, { source: { ...source, version: "2" } }],
    ["by the name of the source", { source }, { source: { ...source, name: "srd" } }],
    ["by their ecosystem", { ecosystem: "a", supplier: "Z" }, { ecosystem: "b", supplier: "A" }],
    ["by whether they are of a registry", {}, { origin: "path" }],
  ])("%s", async (_, first, second) => {
    const [one, other] = [mentionOf(first), mentionOf(second)];
    const merged = await mergePackages([one, other]);

    expect(merged.map(({ mentions }) => mentions)).toEqual([[one], [other]]);
    expect(merged.map((each) => each.package.id)).toEqual(["pkg:list/left@1", "pkg:list/left@1~2"]);
    expect(await mergePackages([other, one])).toEqual(merged);
  });

  test("and others by their purl, wherever they are", async () => {
    const merged = await mergePackages([
      mentionOf({ name: "right", path: "a.list" }),
      mentionOf({ name: "left", path: "b.list" }),
    ]);

    expect(merged.map((each) => each.package.id)).toEqual(["pkg:list/left@1", "pkg:list/right@1"]);
  });
});
