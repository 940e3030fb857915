import fc from "fast-check";
import { expect, test } from "vitest";
import { formatYaml } from "./format-yaml.ts";
import { parseYamlDocuments } from "./yaml-documents.ts";

test("keys are sorted, lists are not indented, and what only looks like another type is quoted", () => {
  const shared = { z: 1 };
  const value = { b: [{ name: "x", args: ["1", "yes", ""] }], a: "", c: shared, d: shared, e: [] };

  expect(formatYaml(value)).toBe(
    'a: ""\nb:\n- args:\n  - "1"\n  - "yes"\n  - ""\n  name: x\nc:\n  z: 1\nd:\n  z: 1\ne: []\n',
  );
});

test("what is written is read again as it was", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: true }), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify({ value }));

      expect(parseYamlDocuments(formatYaml(plain)).documents[0]?.value).toEqual(plain);
    }),
  );
});
