import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyJsonPatch, JsonPatchTestError, jsonPatchBetween, pointerOf, stepsOf } from "./json-patch.ts";
import type { JsonPatchOperation } from "./json-patch.ts";

const document = { a: { b: [1, 2, 3] }, "x/y": { "~": true } };

describe("operations of RFC 6902", () => {
  test.each<[string, JsonPatchOperation, unknown]>([
    ["a member is added", { op: "add", path: "/a/c", value: 1 }, { ...document, a: { b: [1, 2, 3], c: 1 } }],
    ["a member is replaced by add", { op: "add", path: "/a", value: 1 }, { ...document, a: 1 }],
    ["an item is put in", { op: "add", path: "/a/b/1", value: 9 }, { ...document, a: { b: [1, 9, 2, 3] } }],
    ["an item is put at the end", { op: "add", path: "/a/b/-", value: 9 }, { ...document, a: { b: [1, 2, 3, 9] } }],
    ["an item is taken out", { op: "remove", path: "/a/b/0" }, { ...document, a: { b: [2, 3] } }],
    ["keys are escaped", { op: "replace", path: "/x~1y/~0", value: 0 }, { ...document, "x/y": { "~": 0 } }],
    ["a value is copied", { op: "copy", from: "/a/b/0", path: "/c" }, { ...document, c: 1 }],
    ["a value is moved", { op: "move", from: "/a/b", path: "/b" }, { ...document, a: {}, b: [1, 2, 3] }],
    ["the document is replaced", { op: "replace", path: "", value: 1 }, 1],
    ["a test holds", { op: "test", path: "/a/b", value: [1, 2, 3] }, document],
    ["nothing is null to a test", { op: "test", path: "/a/none", value: null }, document],
  ])("%s", (_, operation, expected) => {
    expect(applyJsonPatch(document, [operation])).toEqual(expected);
  });

  test.each<[JsonPatchOperation]>([
    [{ op: "add", path: "/none/deeper", value: 1 }],
    [{ op: "add", path: "/a/b/4", value: 1 }],
    [{ op: "add", path: "/a/b/01", value: 1 }],
    [{ op: "add", path: "/a/b/-1", value: 1 }],
    [{ op: "add", path: "a", value: 1 }],
    [{ op: "replace", path: "/none", value: 1 }],
    [{ op: "replace", path: "/a/b/-", value: 1 }],
    [{ op: "replace", path: "/a/b/3", value: 1 }],
    [{ op: "remove", path: "/none" }],
    [{ op: "remove", path: "/a/b/3" }],
    [{ op: "remove", path: "/a/b/0/deeper" }],
    [{ op: "copy", from: "/none", path: "/c" }],
    [{ op: "move", from: "/a", path: "/a/inner" }],
    [{ op: "test", path: "/none/deeper", value: null }],
  ])("%j has no place to be applied at", (operation) => {
    expect(() => applyJsonPatch(document, [operation])).toThrow(RangeError);
  });

  test("an error about the source of a copy or move names that path, not the target", () => {
    const copy: JsonPatchOperation = { op: "copy", from: "/none/deeper", path: "/c" };

    expect(() => applyJsonPatch(document, [copy])).toThrow("copy: there is nothing at /none/deeper");
  });

  test("a test that does not hold is told apart", () => {
    expect(() => applyJsonPatch(document, [{ op: "test", path: "/a/b/0", value: 2 }])).toThrow(JsonPatchTestError);
  });

  test("a member called __proto__ is a member", () => {
    const patched = applyJsonPatch({}, [{ op: "add", path: "/__proto__", value: { polluted: true } }]);

    expect(Object.hasOwn(patched as object, "__proto__")).toBe(true);
    expect("polluted" in (patched as object)).toBe(false);
  });
});

test("any two documents have a patch between them", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), (from, to) => {
      expect(applyJsonPatch(from, jsonPatchBetween(from, to))).toEqual(to);
    }),
  );
});

test("what is put at the front of a list is one addition", () => {
  expect(jsonPatchBetween({ l: [1, 2] }, { l: [0, 1, 2] })).toEqual([{ op: "add", path: "/l/0", value: 0 }]);
});

test("any steps are those of their pointer", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (steps) => {
      expect(stepsOf(pointerOf(steps))).toEqual(steps);
    }),
  );
});
