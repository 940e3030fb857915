import { describe, expect, test } from "vitest";
import type { FileMatcher } from "./ecosystem.ts";
import { compileMatchers } from "./file-matching.ts";

/** Each matcher with paths that it means and paths that come near. */
const cases: readonly (readonly [FileMatcher, readonly string[], readonly string[]])[] = [
  [{ path: "etc/os-release" }, ["etc/os-release"], ["usr/etc/os-release", "etc/os-release/x", "etc/os-releas"]],
  [{ basename: "go.mod" }, ["go.mod", "a/b/go.mod"], ["ago.mod", "go.mod/x", "a/go.mo"]],
  [
    { basename: "go.mod", outside: "vendor" },
    ["go.mod", "a/go.mod", "my-vendor/go.mod", "vendored/go.mod"],
    ["vendor/go.mod", "a/vendor/b/go.mod", "vendor/go.mo"],
  ],
  [{ directory: "var/lib/dpkg" }, ["var/lib/dpkg/status"], ["var/lib/dpkg", "var/lib/dpkg/info/a", "a/var/lib/dpkg/b"]],
  [{ directory: "" }, ["a", ".a"], ["a/b"]],
  [{ directory: "i", ending: ".list" }, ["i/a.list", "i/.list"], ["i/a.lists", "i/a", "a.list", "i/j/a.list"]],
  [{ directory: "boot", beginning: "vmlinu" }, ["boot/vmlinuz-6", "boot/vmlinu"], ["boot/initrd", "vmlinuz", "boot/v"]],
  [{ directory: "d", beginning: "ab", ending: "c" }, ["d/abc", "d/ab.c"], ["d/ab", "d/bc", "d/c"]],
  [{ below: "var/lib/dpkg" }, ["var/lib/dpkg/status", "var/lib/dpkg/info/a"], ["var/lib/dpkg", "var/lib/dpkgs/a"]],
  [{ stem: "Dockerfile" }, ["Dockerfile", "a/Dockerfile.prod"], ["Dockerfiles.d/a", "a/my-Dockerfile"]],
  [{ suffix: ".spdx" }, ["a.spdx", ".spdx", "b/a.spdx"], ["a.spd", "a.spdx/b", "spdx", "a.spdx2"]],
  [{ suffix: "/lib/a" }, ["x/lib/a"], ["lib/a", "x/lib/b"]],
  [{ suffix: "" }, ["a", "etc/init.d/script", "x.jar"], []],
];

describe.each(cases)("files that %j means", (matcher, meant, near) => {
  const { byPath } = compileMatchers([[{ path: "another" }], [matcher]]);

  test.each(meant)("%s", (path) => expect(byPath(path)).toEqual([1]));
  test.each(near)("but not %s", (path) => expect(byPath(path)).toBeUndefined());
});

test("several of one kind are all known, each with whose it is", () => {
  const { byPath } = compileMatchers([
    [{ suffix: ".jar" }, { suffix: "a" }, { directory: "d", ending: ".x" }],
    [{ suffix: ".war" }, { suffix: ".nupkg" }, { directory: "d", beginning: "a" }, { basename: "b.jar" }],
    [{ directory: "d" }, { basename: "b.jar", outside: "v" }, { basename: "b.jar", outside: "w" }],
  ]);
  const whose = (path: string): readonly number[] => [...new Set(byPath(path))].sort();

  expect(["x.jar", "xa", "x.war", "x.nupkg", "x.ear"].map(whose)).toEqual([[0], [0], [1], [1], []]);
  expect(["d/b.x", "d/a.y", "d/a.x", "d/c", "e/a.x"].map(whose)).toEqual([[0, 2], [1, 2], [0, 1, 2], [2], []]);
  expect(["b.jar", "v/b.jar", "v/w/b.jar"].map(whose)).toEqual([
    [0, 1, 2],
    [0, 1, 2],
    [0, 1],
  ]);
});

test("matchers are listed once each, in one order", () => {
  const { matches } = compileMatchers([
    [{ suffix: ".jar" }, { magic: new Uint8Array([1, 2]), marks: [new Uint8Array([3])] }],
    [{ basename: "a" }, { suffix: ".jar" }, { magic: new Uint8Array([1, 2]) }],
  ]);

  expect(matches).toEqual([{ magic: new Uint8Array([1, 2]) }, { basename: "a" }, { suffix: ".jar" }]);
});

describe("first bytes", () => {
  const script = { magic: new Uint8Array([0x23, 0x21]) };
  const program = { magic: new Uint8Array([0x7f, 0x45, 0x4c, 0x46]), executable: true };
  const anyProgram = { magic: new Uint8Array(), executable: true };

  test("as many are looked at as the longest that may apply has, and none where none does", () => {
    const compiled = compileMatchers([[script], [program]]);

    expect([compiled.magicLength(true), compiled.magicLength(false)]).toEqual([4, 2]);
    expect(compileMatchers([[program]]).magicLength(false)).toBe(0);
    expect(compileMatchers([[{ suffix: "a" }]]).magicLength(true)).toBe(0);
    // Any executable file, whatever it begins with: one byte tells that it is not empty.
    expect(compileMatchers([[anyProgram]]).magicLength(true)).toBe(1);
  });

  test("decide whole, and those of programs only for executable files", () => {
    const { byMagic } = compileMatchers([[script], [program], [anyProgram]]);

    expect(byMagic(new Uint8Array([0x23, 0x21, 0x2f]), false)).toEqual([0]);
    expect(byMagic(new Uint8Array([0x23]), false)).toBeUndefined();
    expect(byMagic(new Uint8Array([0x7f, 0x45, 0x4c, 0x46]), true)).toEqual([1, 2]);
    expect(byMagic(new Uint8Array([0x7f, 0x45, 0x4c, 0x47]), true)).toEqual([2]);
    expect(byMagic(new Uint8Array([0x7f, 0x45, 0x4c, 0x46]), false)).toBeUndefined();
  });
});
