import { describe, expect, test, vi } from "vitest";
import { MergedView } from "./merged-view.ts";
import { PathIndex, maxLinksFollowed, present } from "./path-index.ts";

/** Layers by what they have: a file `a`, a directory `a/`, a link `a -> b`, a hard link `a = b`, a whiteout `-a`. */
function viewOf(...layers: readonly (readonly string[])[]): MergedView {
  return new MergedView(
    layers.map((entries) => {
      const index = new PathIndex();
      for (const entry of entries) {
        const [, path = "", sign, target] = /^-?(.*?)\/?(?: (->|=) (.*))?$/.exec(entry) ?? [];
        if (entry.startsWith("-")) index.whiteout(path);
        else if (sign === "->") index.add(path, present.symlink, target);
        else if (sign === "=") index.add(path, present.hardlink);
        else index.add(path, entry.endsWith("/") ? present.directory : present.file);
      }
      return index;
    }),
  );
}

test("the uppermost entry of a path is there, and below a given layer that of the layers up to it", () => {
  const view = viewOf(["a", "b", "d/x"], ["b"], ["-a", "d"]);

  expect(["a", "b", "d", "d/x", "none"].map((path) => view.at(path))).toEqual([
    undefined,
    { kind: present.file, layer: 1 },
    { kind: present.file, layer: 2 },
    undefined,
    undefined,
  ]);
  expect(["a", "b", "d", "d/x"].map((path) => view.at(path, 0)?.kind)).toEqual([
    present.file,
    present.file,
    present.directory,
    present.file,
  ]);
  expect(view.at("a", 1)).toEqual({ kind: present.file, layer: 0 });
});

test.each<[string, string[][], number[]]>([
  ["all of them, uppermost first", [["a"], ["b"], ["a = b"], ["a"]], [3, 2, 0]],
  ["none from before it was removed", [["a"], ["-a"], ["a"], ["a"]], [3, 2]],
  ["nor from before something else stood there", [["a"], ["a -> b"], ["a"]], [2]],
  ["none where something else is there at the end", [["a"], ["a/"]], []],
  ["none where nothing is", [["a"], ["-a"]], []],
])("versions of a file: %s", (_, layers, expected) => {
  expect(viewOf(...layers).fileVersions("a")).toEqual(expected);
});

describe("where links lead", () => {
  test.each<[string, string[][], string | undefined]>([
    ["a path without links is itself", [["a/x"]], "a/x"],
    ["nothing where nothing is", [["a/y"]], undefined],
    ["a link at the end", [["a/x -> y", "a/y"]], "a/y"],
    ["a link on the way", [["a -> b/c", "b/c/x"]], "b/c/x"],
    [
      "one behind the other, each from where it lies",
      [
        ["a -> /b/c", "b/c -> ../d"],
        ["d/x -> y", "d/y"],
      ],
      "d/y",
    ],
    ["a link to the root", [["a -> /", "x"]], "x"],
    ["a link above the root", [["a -> ../../b", "b/x"]], "b/x"],
    ["a link of an upper layer over the directory of a lower one", [["a/x", "b/x"], ["a -> b"]], "b/x"],
    ["a directory over a link", [["a -> b", "b/x"], ["a/x"]], "a/x"],
    ["nowhere where it dangles", [["a -> b"]], undefined],
    ["nowhere where it leads to itself", [["a -> a"]], undefined],
    ["nowhere where its target was too long to be kept", [[`a -> ${"./".repeat(2_048)}b`, "b/x"]], undefined],
  ])("%s", (_, layers, expected) => {
    expect(viewOf(...layers).resolve("a/x")).toBe(expected);
  });

  test("the root where a link is all of the path", () => {
    expect(viewOf(["a -> /", "x"]).resolve("a")).toBe("");
  });

  test("as the layers up to a given one have them", () => {
    const view = viewOf(["a -> b", "b/x", "c/x"], ["a -> c"]);
    expect([view.resolve("a/x", 0), view.resolve("a/x")]).toEqual(["b/x", "c/x"]);
  });

  test("through as many as Linux follows, and no more", () => {
    const chain = (length: number): string[] => Array.from({ length }, (_, at) => `l${at} -> l${at + 1}`);
    expect(viewOf([...chain(maxLinksFollowed), `l${maxLinksFollowed}`]).resolve("l0")).toBe(`l${maxLinksFollowed}`);
    expect(viewOf([...chain(maxLinksFollowed + 1), `l${maxLinksFollowed + 1}`]).resolve("l0")).toBeUndefined();
  });
});

test("layers that put something into a directory are those that have it as one", () => {
  expect(viewOf(["a/x"], ["b/x"], ["a"], ["a/"]).layersWith("a")).toEqual([0, 3]);
});

test("links near the root that lead to directories are named in order, with their true targets", () => {
  const view = viewOf(
    ["sbin -> usr/sbin", "lib -> usr/lib", "usr/lib/", "usr/sbin -> bin", "usr/bin/", "a/b/c -> /usr/lib"],
    ["bin -> usr/bin", "was -> usr/lib", "file -> usr/bin/x", "usr/bin/x", "gone -> none", "root -> /"],
    ["was/"],
  );

  expect(view.directoryLinks()).toEqual([
    { link: "bin", target: "usr/bin" },
    { link: "lib", target: "usr/lib" },
    { link: "sbin", target: "usr/bin" },
    { link: "usr/sbin", target: "usr/bin" },
  ]);
});

test("where many links near the root lead is looked up once", () => {
  const commands = Array.from({ length: 300 }, (_, at) => `usr/${at} -> /busybox/bin/${at % 2}`);
  const view = viewOf([...commands, "busybox -> box", "box/bin/0/", "box/bin/1"]);
  const lookUps = vi.spyOn(view, "at");

  expect(view.directoryLinks()).toHaveLength(151);
  expect(lookUps.mock.calls.length).toBeLessThan(330);
  lookUps.mockClear();
  expect(view.directoryLinks()).toHaveLength(151);
  expect(lookUps).not.toHaveBeenCalled();
});
