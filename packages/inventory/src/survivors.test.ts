import { defaultLimits } from "@plimsoll/model";
import type { FileAnalyzer, FoundPackage, Limits, Precedence, TreeAnalyzer } from "@plimsoll/model";
import { listEcosystem } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { findBudgets } from "./find-budget.ts";
import type { FileRecord } from "./layer-result.ts";
import { MergedView } from "./merged-view.ts";
import { ownHasher } from "./path-hash.ts";
import { PathIndex, present } from "./path-index.ts";
import { planAnalyzers } from "./plan.ts";
import type { PlannedAnalyzer } from "./plan.ts";
import type { Track } from "./second-look.ts";
import { survivingFiles, survivorsOf, withoutReplaced } from "./survivors.ts";
import type { Claim, Statement, Survivors } from "./survivors.ts";

type Said = FileRecord["observations"][number];

const pkg = (name: string, at?: string): Said => ({
  kind: "package",
  package: { name, version: "1" },
  ...(at === undefined ? {} : { at }),
});
const problem: Said = { kind: "diagnostic", code: "malformed-file", effect: "incomplete", message: "broken" };

/** An analyzer of this name that makes way for others. */
function plannedAs(
  id: string,
  yieldsTo: Precedence = {},
  kind: (FileAnalyzer | TreeAnalyzer)["kind"] = "file",
): PlannedAnalyzer {
  const analyzer = { id, kind, revision: 1, matches: [], yieldsTo, async *analyze() {} } as FileAnalyzer | TreeAnalyzer; // as: both take any files
  const [planned] = planAnalyzers([{ ...listEcosystem(), analyzers: [analyzer] }], ["installed"], defaultLimits);
  if (planned === undefined) throw new Error("one analyzer was planned");
  return planned;
}

/** What an analyzer said of the files of each layer; nothing where it has no record of a file. */
type LayerSaid = Readonly<Record<string, Partial<FileRecord> | readonly Said[] | undefined>>;

function trackOf(layers: readonly LayerSaid[], planned = plannedAs("list")): { track: Track; view: MergedView } {
  const indexes = layers.map((layer) => {
    const index = new PathIndex();
    for (const path of Object.keys(layer)) index.add(path, present.file);
    return index;
  });
  const records = layers.map((layer) => {
    const files = new Map<string, FileRecord>();
    for (const [path, said] of Object.entries(layer)) {
      const empty: FileRecord = { path, observations: [], ownership: [] };
      if (said !== undefined) files.set(path, { ...empty, ...("length" in said ? { observations: said } : said) });
    }
    return { files, links: new Map() };
  });
  return { track: { planned, layers: records }, view: new MergedView(indexes) };
}

async function survivorsIn(layers: readonly LayerSaid[], limits: Partial<Limits> = {}): Promise<Survivors> {
  const { track, view } = trackOf(layers);
  return survivorsOf([track], view, findBudgets({ ...defaultLimits, ...limits }));
}

/** A statement as `path name layer`. */
const shown = ({ path, observation, layer }: Statement): string =>
  `${path} ${observation.kind === "package" ? observation.package.name : observation.kind} ${layer}`;

describe("what was said about files that are there at the end", () => {
  test.each<[string, LayerSaid[], string[]]>([
    ["in the order of paths", [{ b: [pkg("x")], a: [pkg("z"), pkg("y")] }], ["a z 0", "a y 0", "b x 0"]],
    [
      "not what was said of an earlier version, where nothing is known of the last",
      [{ a: [pkg("x")] }, { a: undefined }],
      [],
    ],
    [
      "a package is of the layer since which it is in the file",
      [{ a: [pkg("x")] }, { a: [problem, pkg("x")] }, { a: [pkg("x"), pkg("y")] }],
      ["a x 0", "a y 2"],
    ],
    ["also where nothing was said of a version", [{ a: [pkg("x")] }, { a: undefined }, { a: [pkg("x")] }], ["a x 2"]],
    [
      "one at another place inside of the file is another",
      [{ a: [pkg("x", "!/1")] }, { a: [pkg("x", "!/2")] }],
      ["a x 1"],
    ],
    ["a problem is of the last version", [{ a: [problem] }, { a: [problem] }], ["a diagnostic 1"]],
  ])("%s", async (_, layers, expected) => {
    expect((await survivorsIn(layers)).statements.map(shown)).toEqual(expected);
  });

  test.each<[string, Partial<FoundPackage>]>([
    ["version", { version: "2" }],
    ["architecture", { architecture: "arm64" }],
    ["key", { key: "x(peer)" }],
  ])("a package of another %s is another", async (_, other) => {
    const later: Said = { kind: "package", package: { name: "x", version: "1", ...other } };
    expect((await survivorsIn([{ a: [pkg("x")] }, { a: [later] }])).statements.map(shown)).toEqual(["a x 1"]);
  });

  test.each<[string, string | undefined, string | undefined]>([
    ["the link", "db/list", "usr/list.txt"],
    ["a place inside of it", "db/list!/x.jar", "usr/list.txt!/x.jar"],
    ["a place inside of the file", "!/x.jar", "!/x.jar"],
    ["another file", "db/list.d", "db/list.d"],
    ["no place", undefined, undefined],
  ])("what a link led to is told by its true path: %s", async (_, at, expected) => {
    const record = { as: "db/list", observations: [pkg("x", at), problem] };

    const { statements } = await survivorsIn([{ "usr/list.txt": record }]);
    expect(statements.map(({ observation }) => observation)).toEqual([pkg("x", expected), problem]);
    const { statements: direct } = await survivorsIn([{ "usr/list.txt": { observations: record.observations } }]);
    expect(direct.map(({ observation }) => observation)).toEqual(record.observations);
  });

  test("as much as the budget has left; what is wrong with a file and who owns what is told all the same", async () => {
    const ownership = [{ owner: "x", hasher: ownHasher(), hashes: new Float64Array() }];
    const layer = { a: { observations: [pkg("x"), pkg("y"), pkg("z"), problem], ownership }, b: [problem, pkg("w")] };

    const { statements, claims } = await survivorsIn([layer], { maxPackages: 2 });
    expect(statements.map(shown)).toEqual(["a x 0", "a y 0", "a diagnostic 0", "b diagnostic 0"]);
    expect(claims).toEqual([{ planned: expect.anything() as unknown, path: "a", owned: ownership[0] }]);
  });

  test.each<[string, LayerSaid[]]>([
    ["that are gone", [{ a: [], b: [] }, { "a/x": undefined }]],
    ["of whose last version nothing is known", [{ a: [], b: [] }, { a: undefined }]],
    ["of other projects, where the tree shows them", [{ "a/deps/x/a": [], "a/mix.exs": undefined, b: [] }]],
  ])("files are left out %s", async (_, layers) => {
    const outsideOfTree = [{ name: "deps", beside: ["mix.exs"] }];
    const { track, view } = trackOf(layers, { ...plannedAs("list"), outsideOfTree });

    expect(await survivingFiles(track, view)).toEqual([
      { path: "b", versions: [0], record: { path: "b", observations: [], ownership: [] } },
    ]);
  });
});

describe("what yields to a better source", () => {
  const survivors = (said: readonly (readonly [PlannedAnalyzer, string, Said])[]): Survivors => ({
    statements: said.map(([planned, path, observation]) => ({ planned, path, observation, layer: 0 })),
    claims: said.map(([planned, path]) => ({
      planned,
      path,
      owned: { owner: path, hasher: ownHasher(), hashes: new Float64Array() },
    })),
  });
  const shownClaim = ({ planned, path }: Claim): string => `${planned.id} ${path}`;

  const old = plannedAs("old", { files: ["newer", "db/newest"] });
  const sibling = plannedAs("sibling", { sibling: "lock" });
  const corrected = plannedAs("corrected", { analyzer: "tree" });
  const other = plannedAs("other");
  const tree = plannedAs("tree", {}, "tree");
  const otherTree = plannedAs("otherTree", {}, "tree");
  const asTree = plannedAs("tree");

  test.each<[string, (readonly [PlannedAnalyzer, string, Said])[], string[], string[]]>([
    [
      "nothing without one",
      [
        [old, "a", pkg("x")],
        [other, "b", pkg("y")],
      ],
      ["a x 0", "b y 0"],
      ["old a", "other b"],
    ],
    [
      "a file, with all that was said of it, to one that is named",
      [
        [old, "a", pkg("x")],
        [old, "a", pkg("y")],
        [old, "a", problem],
        [other, "db/newest", pkg("x")],
      ],
      ["db/newest x 0", "a diagnostic 0"],
      ["other db/newest"],
    ],
    ["but not to itself", [[old, "newer", pkg("x")]], ["newer x 0"], ["old newer"]],
    [
      "nor to one without packages",
      [
        [old, "a", pkg("x")],
        [other, "newer", problem],
      ],
      ["a x 0", "newer diagnostic 0"],
      ["old a", "other newer"],
    ],
    [
      "a file to its neighbour",
      [
        [sibling, "lib/b", pkg("x")],
        [sibling, "b", pkg("y")],
        [other, "lib/lock", pkg("z")],
      ],
      ["b y 0", "lib/lock z 0", "lib/b diagnostic 0"],
      ["sibling b", "other lib/lock"],
    ],
    [
      "also at the root",
      [
        [sibling, "b", pkg("y")],
        [sibling, "lib/b", pkg("x")],
        [other, "lock", pkg("z")],
      ],
      ["lib/b x 0", "lock z 0", "b diagnostic 0"],
      ["sibling lib/b", "other lock"],
    ],
    [
      "packages of a file to a tree analyzer that found some there, not problems",
      [
        [corrected, "a", pkg("x")],
        [corrected, "a", problem],
        [corrected, "b", pkg("x")],
        [tree, "a", pkg("y")],
      ],
      ["a diagnostic 0", "b x 0", "a y 0"],
      ["corrected b", "tree a"],
    ],
    [
      "not to one that found none",
      [
        [corrected, "a", pkg("x")],
        [tree, "a", problem],
      ],
      ["a x 0", "a diagnostic 0"],
      ["corrected a", "tree a"],
    ],
    [
      "nor to another, nor to one that is no tree analyzer",
      [
        [corrected, "a", pkg("x")],
        [otherTree, "a", pkg("y")],
        [asTree, "a", pkg("z")],
      ],
      ["a x 0", "a y 0", "a z 0"],
      ["corrected a", "otherTree a", "tree a"],
    ],
    [
      "and others do not",
      [
        [other, "a", pkg("x")],
        [tree, "a", pkg("y")],
      ],
      ["a x 0", "a y 0"],
      ["other a", "tree a"],
    ],
  ])("%s", async (_, said, statements, claims) => {
    const left = await withoutReplaced(survivors(said));

    expect(left.statements.map(shown)).toEqual(statements);
    expect(left.claims.map(shownClaim)).toEqual(claims);
  });

  test("it is told which file took the place of which", async () => {
    const { statements } = await withoutReplaced(
      survivors([
        [old, "a", pkg("x")],
        [other, "newer", pkg("x")],
      ]),
    );

    expect(statements.at(-1)).toMatchObject({
      planned: old,
      path: "a",
      observation: {
        kind: "diagnostic",
        code: "unsupported-format",
        effect: "none",
        message: "a: not used, since newer has taken its place",
      },
    });
  });
});
