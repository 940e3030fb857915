import { processorTime } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { compileGlob } from "./glob.ts";

describe("globs", () => {
  test.each([
    ["a/b", "a/b", true],
    ["/a/b", "a/b", true],
    ["a/*", "a/b", true],
    ["a/*", "a/b/c", false],
    ["a/**", "a/b/c", true],
    ["a/", "a/b/c", true],
    ["a/**/c", "a/c", true],
    ["a/**/c", "a/x/y/c", true],
    ["a/**/c", "a/xc", false],
    ["**/c", "c", true],
    ["**/c", "a/c", true],
    ["**/c", "ac", false],
    ["**.jar", "a/x.jar", true],
    ["a**c", "a/b/c", true],
    ["a?c", "abc", true],
    ["a?c", "a/c", false],
    ["*.jar", "x.jar", true],
    ["*.jar", "x.jarx", false],
    ["a.c", "abc", false],
    ["", "", true],
    ["", "a", false],
  ])("%j and %j: %s", (glob, path, expected) => {
    expect(compileGlob(glob)(path)).toBe(expected);
  });

  test("cannot be made to take long", () => {
    const begin = processorTime();
    expect(compileGlob("*a".repeat(400))("a".repeat(4_000) + "b")).toBe(false);
    expect(processorTime() - begin).toBeLessThan(2_000);
  });
});
