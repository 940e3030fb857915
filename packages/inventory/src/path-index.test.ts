import { describe, expect, test } from "vitest";
import { PathIndex, maxLinksFollowed, present, removed, untouched } from "./path-index.ts";
import type { Effect } from "./path-index.ts";

/** What each path comes to after the steps of one layer. */
function effects(fill: (index: PathIndex) => void, ...paths: readonly string[]): readonly Effect[] {
  const index = new PathIndex();
  fill(index);
  const found = paths.map((path) => index.effect(path));
  if (!index.plain) return found;
  const { keys, flags } = index.dump();
  const restored = PathIndex.restore(keys, flags, index.hasher);
  expect(paths.map((path) => restored.effect(path))).toEqual(found);
  expect(restored.dump().keys.toSorted()).toEqual(keys.toSorted());
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

  test("a directory that becomes a file is one, and nothing is beneath it", () => {
    const fill = (index: PathIndex): void => {
      index.add("a/b/old", present.file);
      index.add("a/b", present.file);
    };

    expect(effects(fill, "a", "a/b", "a/b/old")).toEqual([present.directory, present.file, removed]);
  });

  test("what was put there before is gone, what is put there later is kept", () => {
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

  test("also the directories beneath it, which are there again with what is put into them", () => {
    const fill = (index: PathIndex): void => {
      index.add("a/b/old", present.file);
      index.add("a", present.file);
      index.add("a/b/new", present.file);
    };

    expect(effects(fill, "a", "a/b", "a/b/old", "a/b/new")).toEqual([
      present.directory,
      present.directory,
      untouched,
      present.file,
    ]);
  });

  test("holds for as many paths as there are", () => {
    const paths = Array.from({ length: 5_000 }, (_, at) => `a/d${at % 70}/f${at}`);
    const addAll = (index: PathIndex): void => {
      for (const path of paths) index.add(path, present.file);
    };
    const replaceFirst = (index: PathIndex): void => {
      index.add("a/old", present.file);
      index.add("a", present.file);
      addAll(index);
    };

    for (const fill of [addAll, replaceFirst]) {
      expect(new Set(effects(fill, ...paths))).toEqual(new Set([present.file]));
      expect(effects(fill, "a", "a/old", "a/d1/none")).toEqual([present.directory, untouched, untouched]);
    }
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

  test("one that went with its directory is followed no more", () => {
    const index = new PathIndex();
    index.add("a/link", present.symlink, "b");
    index.add("a", present.file);
    expect(index.add("a/link/x", present.file)).toBe("a/link/x");
    index.add("a/link", present.file);
    expect(index.add("a/link/y", present.file)).toBe("a/link/y");
  });

  test("a link to the root, one beside its target and one that leads above the root", () => {
    const index = new PathIndex();
    index.add("usr/lib/now", present.symlink, "v1");
    expect(index.add("usr/lib/now/x/y", present.file)).toBe("usr/lib/v1/x/y");
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
    index.add("longer", present.symlink, "short");
    index.add("longer", present.symlink, "x".repeat(4_096));
    expect(index.linksLost).toBe(true);
    expect(index.add("longer/y", present.file)).toBe("longer/y");
  });

  test("so are those of which the targets together have more than sixteen mega characters", () => {
    const index = new PathIndex();
    const target = "x".repeat(4_096 - 1);
    for (let at = 0; at < 4_097; at++) index.add(`l${at}`, present.symlink, target);
    index.add("last", present.symlink, "x");
    expect(index.linksLost).toBe(false);
    index.add("lost", present.symlink, "x");
    expect(index.linksLost).toBe(true);
    expect([index.add("last/y", present.file), index.add("lost/y", present.file)]).toEqual(["x/y", "lost/y"]);
  });
});
