import { field, listField, record, textField } from "@plimsoll/formats";
import { describe, expect, test } from "vitest";
import { objectsField, textsField } from "./document-fields.ts";

const inner = { a: 1 };

describe("a field of a foreign document", () => {
  test.each([
    ["x", undefined, undefined, [], [], []],
    ["own", "text", "text", [], ["text"], []],
    ["own", "", undefined, [], [], []],
    ["own", 7, undefined, [], [], []],
    ["own", null, undefined, [], [], []],
    ["own", inner, undefined, [], [], []],
    ["own", ["one", "", 7, null, inner, ["two"]], undefined, ["one", "", 7, null, inner, ["two"]], ["one"], [inner]],
  ])("%s: %j as a text, a list, texts and objects", (name, value, text, list, texts, objects) => {
    const fields = { own: value };

    expect(textField(fields, name)).toBe(text);
    expect(listField(fields, name)).toEqual(list);
    expect(textsField(fields, name)).toEqual(texts);
    expect(objectsField(fields, name)).toEqual(objects);
  });

  test.each(["constructor", "toString", "__proto__"])("that is inherited is none: %s", (name) => {
    expect(field({}, name)).toBeUndefined();
  });

  test("of what is no object is none", () => {
    expect(field(undefined, "own")).toBeUndefined();
    expect([null, undefined, 7, "text", [inner]].map(record)).toEqual(Array(5).fill(undefined));
    expect(record(inner)).toBe(inner);
  });
});
