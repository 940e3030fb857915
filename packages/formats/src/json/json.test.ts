import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keptOf, shape } from "../document-shape.ts";
import type { DocumentShape } from "../document-shape.ts";
import { FormatError } from "../format-error.ts";
import { jsonIn, parseJson, parseJsonDocument, parseLocatedJson } from "./json.ts";

describe("JSON", () => {
  test("both readers agree with JSON.parse on any value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);

        expect(parseJson(text)).toEqual(JSON.parse(text));
        expect(parseJsonDocument(text).value).toEqual(JSON.parse(text));
      }),
    );
  });

  test("of a document is kept what a shape names, also while it is read", () => {
    const { shapes } = fc.letrec<{ shapes: DocumentShape }>((tie) => ({
      shapes: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(shape.anything, shape.text, shape.scalar),
        tie("shapes").map(shape.list),
        tie("shapes").map(shape.entries),
        tie("shapes").map(shape.orNull),
        fc.tuple(tie("shapes"), tie("shapes")).map(([a, b]) => shape.either(a, b)),
        fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tie("shapes")).map(shape.fields),
      ),
    }));
    const { values } = fc.letrec((tie) => ({
      values: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(1, null, true, "text", "a text that is long enough"),
        fc.array(tie("values"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), tie("values")),
      ),
    }));
    fc.assert(
      fc.property(values, shapes, (value, only) => {
        const text = JSON.stringify(value);

        expect(parseJsonDocument(text, { only }).value).toEqual(keptOf(JSON.parse(text), only));
      }),
    );
    const only = shape.fields({ packages: shape.list(shape.texts("name")) });
    const text = '{ "packages": [{ "name": "a", "dist": { "url": "u" } }, 7], "more": [[]] }';
    expect(parseJsonDocument(text, { only }).value).toEqual({ packages: [{ name: "a" }, 7] });
  });

  test("both readers refuse the same texts", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[[\]{}":,a1e.\-\\ \n]{0,12}$/), (text) => {
        const accepts = (read: () => unknown): boolean => {
          try {
            read();
            return true;
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
            return false;
          }
        };

        expect(accepts(() => parseJsonDocument(text))).toBe(accepts(() => parseJson(text)));
      }),
      { numRuns: 2000 },
    );
  });

  test("objects and arrays know the line of their key", () => {
    const document = parseJsonDocument('{\n "a": {\n  "b":\n   [1]\n },\n "c": []\n}');
    const value = document.value as { a: { b: unknown[] }; c: unknown[] };

    expect([value, value.a, value.a.b, value.c].map((part) => document.lineOf(part))).toEqual([1, 2, 3, 6]);
    expect(document.lineOf("a")).toBeUndefined();
  });

  test("comments and trailing commas are read only when asked for", () => {
    const text = '// one\n{ "a": [1, 2,], /* two\n */ "b": {}, }';
    const document = parseJsonDocument(text, { lenient: true });

    expect(document.value).toEqual({ a: [1, 2], b: {} });
    expect(document.lineOf((document.value as { b: object }).b)).toBe(3);
    expect(() => parseJsonDocument(text)).toThrow(FormatError);
  });

  test("asterisks that mask a number are text, only when asked for", () => {
    expect(parseJsonDocument('{"pin": ****, "a": [**]}', { lenient: true }).value).toEqual({ pin: "****", a: ["**"] });
    expect(() => parseJsonDocument('{"pin": ****}')).toThrow(FormatError);
    expect(() => parseJsonDocument('{"pin": **1}', { lenient: true })).toThrow(FormatError);
  });

  test.each(["__proto__", "constructor"])("%s is an ordinary key", (key) => {
    for (const value of [parseJson(`{"${key}":{"x":1}}`), parseJsonDocument(`{"${key}":{"x":1}}`).value]) {
      expect(Object.keys(value as object)).toEqual([key]);
      expect((value as { x?: number }).x).toBeUndefined();
    }
  });

  test.each([parseJson, (text: string) => parseJsonDocument(text).value])("nesting is bounded", (read) => {
    expect(() => read("[".repeat(1000) + "]".repeat(1000))).not.toThrow();
    expect(() => read("[".repeat(1002) + "]".repeat(1002))).toThrow(FormatError);
    expect(() => read("[".repeat(100_000))).toThrow(FormatError);
  });
});

describe("JSON that is looked at in passing", () => {
  test("is undefined where it is none", () => {
    expect(jsonIn('{"a":1}')).toEqual({ a: 1 });
    expect(jsonIn(new TextEncoder().encode("null"))).toBeNull();
    expect(jsonIn("{")).toBeUndefined();
    expect(jsonIn(Uint8Array.of(0x22, 0xff, 0x22))).toBeUndefined();
  });

  test.each([
    [900, false],
    [1_100, true],
  ])("nested %i deep: refused is %s, whatever brackets its strings hold", (depth, refused) => {
    const text = `${"[".repeat(depth)}"${"]".repeat(5_000)}"${"]".repeat(depth)}`;
    expect(jsonIn(text) === undefined).toBe(refused);
  });
});

test("values of JSON know where they stand", () => {
  const text = '{"a":\n [1,\n2], "b": {"c":1,"c":\n2, "5":6}}';
  const document = parseLocatedJson(text);
  const cut = (path: string): string | undefined => {
    const span = document.spanOf(path);
    return span === undefined ? undefined : text.slice(span.start, span.end);
  };

  expect(document.value).toEqual({ a: [1, 2], b: { c: 2, "5": 6 } });
  expect(["/a", "/a/1", "/b/c", "/b/5", "/x"].map(cut)).toEqual(["[1,\n2]", "2", "2", "6", undefined]);
  expect(document.rangeOf("/a")).toEqual({ line: 1, column: 2, endLine: 3, endColumn: 3 });
  expect(document.rangeOf("/b/c")).toMatchObject({ line: 3, endLine: 4 });
});
