import type { FileMatcher } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { compileMatchers } from "./file-matching.ts";

/** Each matcher with paths that it means and paths that come near. */
const cases: readonly (readonly [FileMatcher, readonly string[], readonly string[]])[] = [
  [{ path: "etc/os-release" }, ["etc/os-release"], ["usr/etc/os-release", "etc/os-release/x", "etc/os-releas"]],
  [{ basename: "go.mod" }, ["go.mod", "a/b/go.mod"], ["ago.mod", "go.mod/x", "a/go.mo"]],
  [{ directory: "var/lib/dpkg" }, ["var/lib/dpkg/status"], ["var/lib/dpkg", "var/lib/dpkg/info/a", "a/var/lib/dpkg/b"]],
  [{ below: "var/lib/dpkg" }, ["var/lib/dpkg/status", "var/lib/dpkg/info/a"], ["var/lib/dpkg", "var/lib/dpkgs/a"]],
  [{ stem: "Dockerfile" }, ["Dockerfile", "a/Dockerfile.prod"], ["Dockerfiles.d/a", "a/my-Dockerfile"]],
  [{ suffix: ".spdx" }, ["a.spdx", ".spdx", "b/a.spdx"], ["a.spd", "a.spdx/b", "spdx", "a.spdx2"]],
];

describe.each(cases)("files that a layer's thread hands on for %j", (matcher, meant, near) => {
  test.each(meant)("%s", (path) => expect(compileMatchers([matcher]).byPath(path)).toBe(true));
  test.each(near)("but not %s", (path) => expect(compileMatchers([matcher]).byPath(path)).toBe(false));
});

test("an empty suffix means every file, as it does to whoever is shown the files", () => {
  const compiled = compileMatchers([{ suffix: ".jar" }, { suffix: "" }]);

  expect(["a", "etc/init.d/script", "x.jar"].map((path) => compiled.byPath(path))).toEqual([true, true, true]);
});

test("several suffixes of one length and of several are all known", () => {
  const compiled = compileMatchers([{ suffix: ".jar" }, { suffix: ".war" }, { suffix: ".nupkg" }, { suffix: "a" }]);

  expect(["x.jar", "x.war", "x.nupkg", "xa", "x.ear"].map((path) => compiled.byPath(path))).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
});

describe("first bytes", () => {
  const script = { magic: new Uint8Array([0x23, 0x21]) };
  const program = { magic: new Uint8Array([0x7f, 0x45, 0x4c, 0x46]), executable: true };

  test("as many are looked at as the longest that may apply has, and none where none does", () => {
    const compiled = compileMatchers([script, program]);

    expect([compiled.magicLength(true), compiled.magicLength(false)]).toEqual([4, 2]);
    expect(compileMatchers([program]).magicLength(false)).toBe(0);
    expect(compileMatchers([{ suffix: "a" }]).magicLength(true)).toBe(0);
    // Any executable file, whatever it begins with: one byte tells that it is not empty.
    expect(compileMatchers([{ magic: new Uint8Array(), executable: true }]).magicLength(true)).toBe(1);
  });

  test("decide whole, and those of programs only for executable files", () => {
    const compiled = compileMatchers([script, program]);

    expect(compiled.byMagic(new Uint8Array([0x23, 0x21, 0x2f]), false)).toBe(true);
    expect(compiled.byMagic(new Uint8Array([0x23]), false)).toBe(false);
    expect(compiled.byMagic(new Uint8Array([0x7f, 0x45, 0x4c, 0x46]), true)).toBe(true);
    expect(compiled.byMagic(new Uint8Array([0x7f, 0x45, 0x4c, 0x47]), true)).toBe(false);
    expect(compiled.byMagic(new Uint8Array([0x7f, 0x45, 0x4c, 0x46]), false)).toBe(false);
  });
});
