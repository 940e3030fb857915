import type { Ecosystem, FileMatcher, TreeAnalyzer } from "@plimsoll/model";
import { listEcosystem, literalImage } from "@plimsoll/testkit";
import type { LiteralLayer } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { readFirst } from "./fixtures/first-pass.ts";
import type { MergedView } from "./merged-view.ts";
import { contentSources, findLookRequests, nameSharedContent } from "./second-look.ts";
import type { Track } from "./second-look.ts";

/** What one analyzer saw of an image when its layers were read for the first time. */
async function firstPass(
  layers: readonly LiteralLayer[],
  what: readonly FileMatcher[] | Ecosystem,
): Promise<{ readonly track: Track; readonly view: MergedView }> {
  const image = await literalImage({ layers }).open({});
  const ecosystem = "analyzers" in what ? what : listEcosystem({ matches: what });
  const { tracks, view } = await readFirst(image.layers, [ecosystem]);
  const [track] = tracks as readonly [Track]; // as: the ecosystem has one analyzer
  return { track, view };
}

const list = [{ path: "db/list" }];
const directory = [{ directory: "db" }];
const program = [{ magic: new TextEncoder().encode("#!") }];

const lockReader: TreeAnalyzer = {
  kind: "tree",
  id: "list/tree",
  revision: 1,
  matches: [],
  *analyze() {},
};

describe("a file is looked at again", () => {
  test.each<[string, readonly FileMatcher[], readonly LiteralLayer[], readonly string[]]>([
    // By a path or a name that is a symbolic link.
    [
      "when a wanted path is a link to it",
      list,
      [{ real: "a 1", "db/list": { symlink: "../real" } }],
      ["0 real as db/list"],
    ],
    [
      "when a wanted path is behind a link",
      list,
      [{ "lib/db/list": "a 1", db: { symlink: "lib/db" } }],
      ["0 lib/db/list as db/list"],
    ],
    [
      "in each version since it was there for the last time",
      list,
      [
        { real: "a 1", "db/list": { symlink: "/real" } },
        { ".wh.real": "" },
        { real: "a 2" },
        { other: "" },
        { real: "a 3" },
      ],
      ["4 real as db/list", "2 real as db/list"],
    ],
    [
      "when a wanted name is a link to it",
      [{ basename: "list" }],
      [{ "x/real": "a 1", "x/list": { symlink: "real" } }],
      ["0 x/real as x/list"],
    ],
    [
      "once, under the first of its names, in whatever order they stand",
      [{ basename: "list" }],
      [{ real: "a 1", "y/list": { symlink: "/real" } }, { "x/list": { symlink: "/real" } }],
      ["0 real as x/list"],
    ],
    [
      "under the name of a matcher before others",
      [{ basename: "list" }, { path: "z/list" }],
      [{ real: "a 1", "x/list": { symlink: "/real" }, "z/list": { symlink: "/real" } }],
      ["0 real as z/list"],
    ],
    [
      "not when it is not there at the end",
      list,
      [{ real: "a 1", "db/list": { symlink: "../real" } }, { ".wh.real": "" }],
      [],
    ],
    // By a directory that is a symbolic link.
    [
      "with all beside it when their directory is wanted and a link, of every layer that has it",
      directory,
      [{ "real/a": "a 1" }, { db: { symlink: "real" } }, { "real/b": "b 1" }],
      ["0 real/* as db", "2 real/* as db"],
    ],
    [
      "not when its directory is wanted by its own name, too",
      [{ directory: "db" }, { directory: "real" }],
      [{ "real/a": "a 1", db: { symlink: "real" } }],
      [],
    ],
    [
      "once, where some names of its directory are wanted, and no others by its own name",
      [
        { directory: "db", ending: ".a" },
        { directory: "db", beginning: "b" },
        { directory: "real", ending: ".c" },
      ],
      [{ "real/x.a": "a 1", db: { symlink: "real" } }],
      ["0 real/* as db"],
    ],
    [
      "not when the same names of its directory are wanted by its own name, too",
      [
        { directory: "db", ending: ".a" },
        { directory: "real", ending: ".a" },
      ],
      [{ "real/x.a": "a 1", db: { symlink: "real" } }],
      [],
    ],
    [
      "under each of two names of its directory, under which other files are wanted",
      [
        { directory: "db", ending: ".a" },
        { directory: "base", ending: ".b" },
      ],
      [{ "real/x.a": "a 1", "real/x.b": "b 1", db: { symlink: "real" }, base: { symlink: "real" } }],
      ["0 real/* as db", "0 real/* as base"],
    ],
    [
      "under one of two names of its directory, under which the same files are wanted",
      [{ directory: "db" }, { directory: "base", ending: ".a" }],
      [{ "real/x.a": "a 1", db: { symlink: "real" }, base: { symlink: "real" } }],
      ["0 real/* as db"],
    ],
    ["not when its directory is no link", directory, [{ "db/a": "a 1" }], []],
    [
      "not when what was a directory is a file at the end",
      directory,
      [{ "real/a": "a 1", db: { symlink: "real" } }, { real: "no directory any more" }],
      [],
    ],
    ["not when the directory is a link to the root", directory, [{ a: "a 1", db: { symlink: "/" } }], []],
    ["not when the directory is a link to nowhere", directory, [{ db: { symlink: "real" } }], []],
    // Under a name that is a hard link.
    [
      "under a wanted name that is a hard link to it",
      list,
      [{ data: "a 1", "db/list": { hardlink: "data" } }],
      ["0 data as db/list for 0 db/list"],
    ],
    [
      "for the layer of the link where it is of a lower one",
      list,
      [{ data: "a 1" }, { "db/list": { hardlink: "/data" } }],
      ["0 data as db/list for 1 db/list"],
    ],
    [
      "also where the layer of the link removes it",
      list,
      [{ data: "a 1" }, { "db/list": { hardlink: "data" }, ".wh.data": "" }],
      ["0 data as db/list for 1 db/list"],
    ],
    [
      "in the version that was there when the link was made",
      list,
      [{ data: "a 1" }, { "db/list": { hardlink: "data" } }, { data: "a 2" }],
      ["0 data as db/list for 1 db/list"],
    ],
    [
      "for each version of the link that counts",
      list,
      [
        { data: "a 1", "db/list": { hardlink: "data" } },
        { ".wh.db": "" },
        { "db/list": { hardlink: "data" } },
        { data: "a 2" },
        { "db/list": { hardlink: "data" } },
      ],
      ["0 data as db/list for 2 db/list", "3 data as db/list for 4 db/list"],
    ],
    [
      "not for links whose names are files now",
      list,
      [{ data: "a 1", "db/list": { hardlink: "data" } }, { "db/list": "b 1" }],
      ["0 data as db/list for 0 db/list"],
    ],
    [
      "behind a wanted name that is a link to a link",
      [{ suffix: ".list" }],
      [{ data: "a 1", "a.list": { hardlink: "data" }, "b.list": { hardlink: "a.list" } }],
      ["0 data as a.list for 0 a.list", "0 data as b.list for 0 b.list"],
    ],
    [
      "first by a name that leads on, where that was not wanted",
      list,
      [{ data: "a 1", other: { hardlink: "data" }, "db/list": { hardlink: "other" } }],
      ["0 other as db/list for 0 db/list"],
    ],
    [
      "not when the hard link leads nowhere, to itself or to a directory",
      [{ suffix: ".list" }],
      [{ "a.list": { hardlink: "none" }, "b.list": { hardlink: "b.list" }, "c.list": { hardlink: "x" }, "x/": "" }],
      [],
    ],
    [
      "not because of a hard link in a directory that became a link",
      [{ below: "x" }],
      [{ "x/data": "a 1", "x/a": { hardlink: "data" }, data: "a 1", "y/a": "b 1" }, { x: { symlink: "y" } }],
      [],
    ],
    [
      "not under the further names of a content that is known by its first bytes",
      program,
      [{ t: "#!a 1", u: { hardlink: "t" } }, { v: { hardlink: "t" } }],
      [],
    ],
    // Under a name that the tar has for it.
    [
      "where the layer has it under a name that leads through its own link",
      [{ path: "usr/lib/list" }],
      [{ lib: { symlink: "usr/lib" }, "lib/list": "a 1" }],
      ["0 lib/list as usr/lib/list for 0 usr/lib/list"],
    ],
  ])("%s", async (_, matches, layers, expected) => {
    const { track, view } = await firstPass(layers, matches);

    const requests = findLookRequests(track, view).map(({ layer, path, directory: all, as, storeLayer, storePath }) => {
      const isElsewhere = storeLayer !== layer || storePath !== path;
      return `${layer} ${path}${all ? "/*" : ""} as ${as}${isElsewhere ? ` for ${storeLayer} ${storePath}` : ""}`;
    });

    expect(requests).toEqual(expected);
  });

  test.each<[string, FileMatcher]>([
    ["its path", { path: "opt/real.list" }],
    ["its name", { basename: "real.list" }],
    ["the beginning of its name", { stem: "real" }],
    ["the end of its name", { suffix: ".list" }],
    ["its directory", { directory: "opt" }],
    ["a directory above it", { below: "opt" }],
  ])("not when it was shown because of %s, and was not wanted", async (_, matcher) => {
    const layers = [{ "opt/real.list": "a 1", "db/list": { symlink: "../opt/real.list" } }];
    const requests = async (matches: readonly FileMatcher[]): Promise<number> => {
      const unwilling = { ...listEcosystem(), analyzers: [{ ...lockReader, matches, wants: async () => false }] };
      const { track, view } = await firstPass(layers, unwilling);
      return findLookRequests(track, view).length;
    };

    expect([await requests(list), await requests([...list, matcher])]).toEqual([1, 0]);
  });

  test("not when it was shown because of its first bytes", async () => {
    const layers = [{ "bin/real": "#!a 1", "db/list": { symlink: "../bin/real" } }];
    const { track, view } = await firstPass(layers, [...list, ...program]);

    expect(findLookRequests(track, view)).toEqual([]);
  });

  test("even where files of its name are wanted, and not in its directory", async () => {
    const matches = [...list, { basename: "real", outside: "vendor" }];
    const layers = [{ "vendor/real": "a 1", "db/list": { symlink: "../vendor/real" } }];
    const { track, view } = await firstPass(layers, matches);

    expect(findLookRequests(track, view)).toMatchObject([{ path: "vendor/real", as: "db/list" }]);
  });
});

describe("what was said of a content that is known by its first bytes", () => {
  async function namesOf(...layers: readonly LiteralLayer[]): Promise<readonly string[]> {
    const { track, view } = await firstPass(layers, program);
    const sources = [...contentSources(track, view)].map(({ layer, path }) => `read ${layer} ${path}`);
    await nameSharedContent(track, view);
    const told = track.layers.flatMap(({ files }, layer) =>
      [...files.values()].map(({ path, as, observations }) => {
        const kinds = observations.map(({ kind }) => kind).join(" and ");
        return `${layer} ${path}${as === undefined ? "" : ` seen as ${as}`}: ${kinds}`;
      }),
    );
    return [...told, ...sources];
  }
  const said = "#!a 1\n? it is odd";

  test.each<[string, readonly LiteralLayer[], readonly string[]]>([
    [
      "is said under each name; problems under the first",
      [{ t: said, u: { hardlink: "t" }, v: { hardlink: "t" } }],
      ["0 t: package and diagnostic", "0 u seen as t: package", "0 v seen as t: package", "read 0 t", "read 0 t"],
    ],
    [
      "with its problems under the others, when the first is gone or another file",
      [{ t: said }, { u: { hardlink: "t" }, ".wh.t": "" }, { v: { hardlink: "u" }, t: "" }],
      [
        "0 t: package and diagnostic",
        "1 u seen as t: package and diagnostic",
        "2 v seen as t: package and diagnostic",
        "read 0 t",
        "read 0 t",
      ],
    ],
    [
      "in versions below the last; only that of the last is needed at the end",
      [{ t: "#!a 1" }, { u: { hardlink: "t" } }, { t: "#!a 2" }, { u: { hardlink: "t" } }],
      ["0 t: package", "1 u seen as t: package", "2 t: package", "3 u seen as t: package", "read 2 t"],
    ],
    [
      "not under a name that is gone or something else",
      [{ t: "#!a 1" }, { u: { hardlink: "t" }, v: { hardlink: "t" } }, { ".wh.u": "", v: { symlink: "t" } }],
      ["0 t: package"],
    ],
    [
      "not of a name that another content has at the end",
      [{ t: "#!a 1" }, { u: { hardlink: "t" } }, { u: "#!b 1" }],
      ["0 t: package", "1 u seen as t: package", "2 u: package"],
    ],
    ["not where the content is of another kind", [{ t: "a 1" }, { u: { hardlink: "t" } }], ["read 0 t"]],
    ["not where there is none", [{ u: { hardlink: "t" }, v: { hardlink: "v" } }], []],
  ])("%s", async (_, layers, expected) => {
    expect(await namesOf(...layers)).toEqual(expected);
  });
});
