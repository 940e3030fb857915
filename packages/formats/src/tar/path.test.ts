import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalizePath } from "./path.ts";

describe("a member name", () => {
  test.each([
    ["usr/bin/sh", "usr/bin/sh"],
    ["./usr/bin/sh", "usr/bin/sh"],
    ["/usr//bin/./sh", "usr/bin/sh"],
    ["usr/bin/", "usr/bin"],
    ["usr/../etc/passwd", "etc/passwd"],
    ["./", ""],
    ["/", ""],
    ["", ""],
    ["...", "..."],
    ["..a/.b/c..", "..a/.b/c.."],
    [".wh.x", ".wh.x"],
  ])("%j is the path %j", (name, path) => {
    expect(normalizePath(name)).toBe(path);
  });

  test.each(["..", "../etc", "a/../../etc", "/..", "a\0b", "x".repeat(20_000)])("%j is none of the image", (name) => {
    expect(normalizePath(name)).toBeUndefined();
  });

  test("becomes a path that stays itself, without empty or dotted segments", () => {
    const pieces = fc.constantFrom("a", "bc", ".", "..", "...", "/", "//", ".x", "x.", "ü");
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const path = normalizePath(parts.join(""));

        if (path === undefined || path === "") return;
        expect(normalizePath(path)).toBe(path);
        expect(path.split("/").filter((segment) => ["", ".", ".."].includes(segment))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
