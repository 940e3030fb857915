import { expect, test } from "vitest";
import { meaningOf } from "./whiteouts.ts";

test.each([
  ["etc/.wh.passwd", { kind: "whiteout", path: "etc/passwd" }],
  [".wh.etc", { kind: "whiteout", path: "etc" }],
  ["a/.wh..wh..opq", { kind: "opaque", path: "a" }],
  [".wh..wh..opq", { kind: "opaque", path: "" }],
  ["a/.wh..hidden", { kind: "whiteout", path: "a/.hidden" }],
  [".wh..wh.aufs", { kind: "ignored" }],
  [".wh..wh.plnk/12.34", { kind: "ignored" }],
  ["a/.wh..wh.orph/x", { kind: "plain" }],
  ["a/.wh..wh.orph", { kind: "whiteout", path: "a/.wh.orph" }],
  ["a/.wh.", { kind: "ignored" }],
  ["a/.wh..", { kind: "ignored" }],
  ["a/.wh...", { kind: "ignored" }],
  ["pkg.wh.whl", { kind: "plain" }],
  ["a/b.wh.c/d", { kind: "plain" }],
  ["a/x.wh..wh..opq", { kind: "plain" }],
])("%s means %j", (path, meaning) => {
  expect(meaningOf(path)).toEqual(meaning);
});
