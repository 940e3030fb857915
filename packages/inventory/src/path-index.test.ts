import { describe, expect, test } from "vitest";
import { hashPrefixes } from "./path-hash.ts";
import { PathIndex, maxLinksFollowed, present, removed, untouched } from "./path-index.ts";
import type { Effect } from "./path-index.ts";

function effectOf(index: PathIndex, path: string): Effect {
  const hashes: number[] = [];
  const count = hashPrefixes(path, hashes);
  return index.effect(hashes, count);
}

/** What each path comes to after the steps of one layer. */
function effects(fill: (index: PathIndex) => void, ...paths: readonly string[]): readonly Effect[] {
  const index = new PathIndex();
  fill(index);
  const restored = index.plain ? PathIndex.restore(index.dump().keys, index.dump().flags) : index;
  const found = paths.map((path) => effectOf(index, path));
  expect(paths.map((path) => effectOf(restored, path))).toEqual(found);
  return found;
}

describe("what a layer does to a path", () => {
  test("an entry is there, its ancestors are directories, and nothing else is touched", () => {
    const fill = (index: PathIndex): void => void index.add("a/b/c", present.file);

    expect(effects(fill, "a", "a/b", "a/b/c", "a/b/c/d", "a/b/x", "x")).toEqual([
      present.directory,
      present.directory,
      present.file,
      removed,
      untouched,
      untouched,
    ]);
  });

  test("the last entry of a path wins", () => {
    const fill = (index: PathIndex): void => {
      index.add("a", present.file);
      index.add("a", present.other);
    };

    expect(effects(fill, "a")).toEqual([present.other]);
  });

  test("a whiteout removes what is below it and nothing beside it, wherever it stands", () => {
    const fill = (index: PathIndex): void => {
      index.add("a/new", present.file);
      index.whiteout("a");
      index.whiteout("b/c");
    };

    expect(effects(fill, "a", "a/new", "a/old", "b", "b/c", "b/c/d", "b/x")).toEqual([
      present.directory,
      present.file,
      removed,
      untouched,
      removed,
      removed,
      untouched,
    ]);
  });

  test("an opaque directory is there and empty; an opaque root removes everything", () => {
    expect(effects((index) => index.opaque("a/b"), "a/b", "a/b/c", "a/c")).toEqual([
      present.directory,
      removed,
      untouched,
    ]);
    expect(effects((index) => index.opaque(""), "a", "a/b")).toEqual([removed, removed]);
  });

  test("a directory that becomes a file loses what was put beneath it, and what is put there later is kept", () => {
    const fill = (index: PathIndex): void => {
      index.add("a/old", present.file);
      index.add("a", present.file);
      index.add("a/new", present.file);
    };

    expect(effects(fill, "a", "a/old", "a/new")).toEqual([present.directory, untouched, present.file]);
    const index = new PathIndex();
    fill(index);
    expect(index.plain).toBe(false);
  });

  test("holds for as many paths as there are", () => {
    const paths = Array.from({ length: 5_000 }, (_, at) => `d${at % 70}/f${at}`);
    const fill = (index: PathIndex): void => {
      index.add("gone/old", present.file);
      index.add("gone", present.file);
      for (const path of paths) index.add(path, present.file);
    };

    expect(new Set(effects(fill, ...paths))).toEqual(new Set([present.file]));
    expect(effects(fill, "gone", "gone/old", "d1/none")).toEqual([present.file, removed, untouched]);
  });
});

describe("links within a layer", () => {
  test("entries behind a link are where it leads, until it is replaced", () => {
    const index = new PathIndex();
    index.add("lib", present.symlink, "usr/lib");
    expect(index.add("lib/x", present.file)).toBe("usr/lib/x");
    expect(index.add("lib/y/z", present.file)).toBe("usr/lib/y/z");
    expect([...index.shallowLinks]).toEqual(["lib"]);

    index.add("lib", present.directory);
    expect(index.add("lib/x", present.file)).toBe("lib/x");
    expect([...index.shallowLinks]).toEqual([]);
    expect(index.links.size).toBe(0);
  });

  test("a link to the root and one that leads above it", () => {
    const index = new PathIndex();
    index.add("here", present.symlink, "/");
    index.add("a/up", present.symlink, "../../../b");
    expect(index.add("here/x", present.file)).toBe("x");
    expect(index.add("a/up/y", present.file)).toBe("b/y");
  });

  test("as many are followed as Linux follows, and no more", () => {
    const chain = (length: number): string | undefined => {
      const index = new PathIndex();
      for (let at = 0; at < length; at++) index.add(`l${at}`, present.symlink, `l${at + 1}`);
      return index.add("l0/x", present.file);
    };

    expect(chain(maxLinksFollowed)).toBe(`l${maxLinksFollowed}/x`);
    expect(chain(maxLinksFollowed + 1)).toBeUndefined();
    const loop = new PathIndex();
    loop.add("a", present.symlink, "a");
    expect(loop.add("a/x", present.file)).toBeUndefined();
  });

  test("those of the first two levels are named; a target that no file system holds is lost, and told", () => {
    const index = new PathIndex();
    index.add("a/b", present.symlink, "c");
    index.add("a/b2/c", present.symlink, "d");
    expect([...index.shallowLinks]).toEqual(["a/b"]);
    expect(index.linksLost).toBe(false);

    index.add("long", present.symlink, "x".repeat(4_095));
    expect(index.linksLost).toBe(false);
    index.add("longer", present.symlink, "x".repeat(4_096));
    expect(index.linksLost).toBe(true);
    expect(index.add("longer/y", present.file)).toBe("longer/y");
  });
});
