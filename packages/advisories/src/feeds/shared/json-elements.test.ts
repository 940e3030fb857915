import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listElements } from "./json-elements.ts";

async function elements(text: string, size = 7): Promise<unknown[]> {
  const bytes = new TextEncoder().encode(text);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const found: unknown[] = [];
  for await (const each of listElements(chunks(), "vulnerabilities")) found.push(each);
  return found;
}

describe("the elements of a list in a document", () => {
  test("are those of the named member of the outermost object alone", async () => {
    const text = `{"x":{"vulnerabilities":[{"a":0}]},"y":"vulnerabilities","z":[{"b":1}],"vulnerabilities":[{"c":"}]{\\""},{"d":[{}]}],"more":[{}]}`;
    expect(await elements(text)).toEqual([{ c: '}]{"' }, { d: [{}] }]);
  });

  test("are whole whatever the pieces the document comes in", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue())),
        fc.integer({ min: 1, max: 50 }),
        fc.jsonValue(),
        async (list, size, other) => {
          const text = JSON.stringify({ other, vulnerabilities: list, last: list });
          const plain: unknown = JSON.parse(JSON.stringify(list));
          expect(await elements(text, size)).toEqual(plain);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("of a document that ends within the list are followed by an error", async () => {
    await expect(elements('{"vulnerabilities":[{"a":1},{"b"')).rejects.toThrow(/ends within "vulnerabilities"/);
  });
});
