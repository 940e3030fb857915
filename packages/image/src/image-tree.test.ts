import { ScanError } from "@plimsoll/model";
import type { FileTree, Image } from "@plimsoll/model";
import { dockerArchive, literalImage } from "@plimsoll/testkit";
import type { LiteralLayer } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { imageArchive, imageTree } from "./index.ts";

const rootOwned = { mode: 0o600, uid: 0, gid: 0 };

async function open(...layers: readonly LiteralLayer[]): Promise<Image> {
  return imageArchive(await dockerArchive({ layers })).open();
}

async function treeOf(...layers: readonly LiteralLayer[]): Promise<FileTree> {
  return imageTree(await open(...layers));
}

async function textOf(tree: FileTree, path: string): Promise<string | undefined> {
  const bytes = await tree.read(path, 1 << 20);
  return bytes === null ? undefined : new TextDecoder().decode(bytes);
}

test("tells modes and owners", async () => {
  const tree = await treeOf({
    "etc/kubernetes/": { owned: "", mode: 0o700, uid: 0, gid: 0 },
    "etc/kubernetes/admin.conf": { owned: "server: x", mode: 0o644, uid: 1000, gid: 2000 },
    "etc/link": { symlink: "kubernetes/admin.conf" },
  });

  expect(await tree.stat("/etc/kubernetes")).toEqual({ type: "directory", mode: 0o700, uid: 0, gid: 0, size: 0 });
  expect(await tree.stat("/etc/kubernetes/admin.conf")).toEqual({
    type: "file",
    mode: 0o644,
    uid: 1000,
    gid: 2000,
    size: 9,
  });
  expect(await tree.stat("/etc/link")).toMatchObject({ type: "symlink", target: "kubernetes/admin.conf" });
  expect(await textOf(tree, "/etc/kubernetes/admin.conf")).toBe("server: x");
  expect(await tree.list("/etc")).toEqual(["kubernetes", "link"]);
  expect(await tree.list("/etc/link")).toBeNull();
  expect(await tree.stat("/etc/none")).toBeNull();
  expect(await tree.stat("/")).toMatchObject({ type: "directory", mode: 0o755 });
});

describe("layers on top of each other", () => {
  test("the uppermost entry holds, a whiteout hides, an opaque directory hides what is below it alone", async () => {
    const tree = await treeOf(
      { "etc/a": "old", "etc/b": "b", "etc/d/x": "x", "etc/d/e/y": "y", "etc/f/": "", "etc/f/z": "z" },
      {
        "etc/d/new": "new",
        "etc/d/.wh..wh..opq": "",
        "etc/d/e/n": "n",
        "etc/a": "now",
        "etc/.wh.b": "",
        "etc/.wh.f": "",
      },
    );

    expect(await tree.list("/etc")).toEqual(["a", "d"]);
    expect(await textOf(tree, "/etc/a")).toBe("now");
    expect(await tree.list("/etc/d")).toEqual(["e", "new"]);
    expect(await tree.list("/etc/d/e")).toEqual(["n"]);
  });

  test("what a layer writes beside its own whiteout stays, in either order", async () => {
    const below = { "etc/d/x": "x", "etc/g": "g" };
    const before = await treeOf(below, {
      "etc/.wh.d": "",
      "etc/d/": "",
      "etc/d/n": "n",
      "etc/.wh.g": "",
      "etc/g": "G",
    });
    const after = await treeOf(below, { "etc/d/": "", "etc/d/n": "n", "etc/.wh.d": "", "etc/g": "G", "etc/.wh.g": "" });

    for (const tree of [before, after]) {
      expect(await tree.list("/etc/d")).toEqual(["n"]);
      expect(await textOf(tree, "/etc/g")).toBe("G");
    }
  });

  test("a hard link outlives the name it was made of", async () => {
    const tree = await treeOf(
      { "srv/a": { owned: "a", ...rootOwned } },
      { "srv/b": { hardlink: "srv/a" } },
      { "srv/.wh.a": "" },
    );

    expect(await tree.list("/srv")).toEqual(["b"]);
    expect(await tree.stat("/srv/b")).toMatchObject({ type: "file", ...rootOwned });
    expect(await textOf(tree, "/srv/b")).toBe("a");
  });

  test("a file in place of a directory hides it, and the other way round", async () => {
    const tree = await treeOf({ "srv/a/x": "x", "srv/b": "b" }, { "srv/a": "file", "srv/b/y": "y" });

    expect(await tree.stat("/srv/a")).toMatchObject({ type: "file" });
    expect(await tree.list("/srv/b")).toEqual(["y"]);
  });
});

test("content that is not kept is read again, and more than asked for is not given", async () => {
  const tree = await treeOf({ "srv/large": "x".repeat(3000) }, { "srv/other": "y" });

  expect(await textOf(tree, "/srv/large")).toBe("x".repeat(3000));
  expect(await tree.read("/srv/large", 2999)).toBeNull();
  expect(await tree.read("/srv", 10)).toBeNull();
});

test("names that objects have are names like others", async () => {
  const tree = await treeOf({ "etc/__proto__/constructor": "x" });

  expect(await textOf(tree, "/etc/__proto__/constructor")).toBe("x");
  expect(await tree.stat("/etc/toString")).toBeNull();
});

describe("half a tree is none", () => {
  test("a damaged layer is refused", async () => {
    const bytes = await dockerArchive({ layers: [{ "etc/a": "a".repeat(2000), "etc/b": "b" }] });
    const at = Buffer.from(bytes).indexOf("etc/b");
    bytes[at + 120] = 0x39;

    await expect(imageTree(await imageArchive(bytes).open())).rejects.toThrow(ScanError);
  });

  test("a source that tells no modes is refused", async () => {
    await expect(imageTree(await literalImage({ layers: [{ "etc/a": "a" }] }).open())).rejects.toThrow(
      "its source does not know modes and owners",
    );
  });
});
