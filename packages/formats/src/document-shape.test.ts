import { describe, expect, test } from "vitest";
import { shape, wrongParts, wrongPartsSteps } from "./document-shape.ts";
import type { DocumentShape } from "./document-shape.ts";
import { finish } from "./shared/steps.ts";

const { anything, either, entries, fields, list, orNull, scalar, text } = shape;
const details = (...given: Parameters<typeof wrongParts>): readonly string[] => {
  const found = wrongParts(...given);
  expect(finish(wrongPartsSteps(...given))).toEqual(found);
  return found.map(({ detail }) => detail);
};

describe("the shape of a document", () => {
  const lock = fields({
    packages: entries(fields({ version: text, dev: scalar, needs: list(text), extra: anything })),
  });

  test("a document of the shape has no wrong parts, whatever else it holds", () => {
    const document = { other: [1], packages: { a: { version: "1", dev: true, needs: ["b"], extra: [{}] }, b: {} } };

    expect(details(document, lock)).toEqual([]);
    expect(details({}, lock)).toEqual([]);
    expect(details({ packages: { a: { version: null, dev: null } } }, lock)).toEqual([]);
  });

  test.each([
    [true, "the document is true where an object belongs"],
    [{ packages: null }, "packages is null where an object belongs"],
    [{ packages: [] }, "packages is a list where an object belongs"],
    [{ packages: { a: 7 } }, "packages.a is a number where an object belongs"],
    [{ packages: { a: { version: ["1"] } } }, "packages.a.version is a list where text belongs"],
    [{ packages: { a: { version: 1 } } }, "packages.a.version is a number where text belongs"],
    [{ packages: { a: { dev: {} } } }, "packages.a.dev is an object where a plain value belongs"],
    [{ packages: { a: { needs: "b" } } }, "packages.a.needs is text where a list belongs"],
    [{ packages: { a: { needs: ["b", {}] } } }, "packages.a.needs.1 is an object where text belongs"],
  ])("%j: %s", (document, detail) => {
    expect(details(document, lock)).toEqual([detail]);
  });

  test("says which object or list holds the wrong value, so that its line can be told", () => {
    const parent = { a: 7 };

    expect(wrongParts({ packages: parent }, lock)).toMatchObject([{ path: "packages.a", parent }]);
    expect(wrongParts({ packages: parent }, lock)[0]?.parent).toBe(parent);
  });

  test("one of several types is enough, and what is inside of it is looked at", () => {
    const many = fields({ bin: either(text, entries(text)), orNothing: orNull(list(text)) });

    expect(details({ bin: "a", orNothing: null }, many)).toEqual([]);
    expect(details({ bin: { a: "b" }, orNothing: [] }, many)).toEqual([]);
    expect(details({ bin: { a: [] } }, many)).toEqual(["bin.a is a list where text belongs"]);
    expect(details({ bin: [], orNothing: 1 }, many)).toEqual([
      "bin is a list where text or an object belongs",
      "orNothing is a number where a list belongs",
    ]);
  });

  test("empty text is nothing only where that is said", () => {
    expect(details({ packages: "" }, lock)).toHaveLength(1);
    expect(details({ packages: "" }, lock, { emptyIsAbsent: true })).toEqual([]);
  });

  test("tells some and counts the rest", () => {
    const document = { packages: Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`p${at}`, at])) };
    const told = details(document, lock);

    expect(told).toHaveLength(20);
    expect(told.at(-1)).toBe("packages.p19 is a number where an object belongs, and 980 more values have a wrong type");
  });

  test("a long list or mapping is looked at entry by entry", () => {
    const document = { packages: Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`p${at}`, {}])) };

    expect([...wrongPartsSteps(document, lock)]).toHaveLength(1_000);
    expect([...wrongPartsSteps({ all: Array(1_000).fill("a") }, fields({ all: list(text) }))]).toHaveLength(1_000);
  });

  test("a shape may hold itself, and inherited names are no members", () => {
    const tree: DocumentShape = {
      kind: "fields",
      fields: {
        get children() {
          return list(tree);
        },
        constructor: text,
      },
    };

    expect(details({ children: [{ children: [{ children: 7 }] }] }, tree)).toEqual([
      "children.0.children.0.children is a number where a list belongs",
    ]);
  });
});
