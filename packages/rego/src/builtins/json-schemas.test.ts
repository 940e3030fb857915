import fc from "fast-check";
import { expect, test } from "vitest";
import { compileModules, RegoError } from "../index.ts";

const policies = compileModules([
  {
    path: "schemas.rego",
    text: `package schemas
matched := json.match_schema(input.document, input.schema)
verified := json.verify_schema(input.schema)`,
  },
]);

function match(document: unknown, schema: unknown): [boolean, string[]] {
  const [result] = policies.query("data.schemas.matched", { input: { document, schema }, strictBuiltinErrors: true });
  const [valid, failures] = (result?.expressions[0] ?? [false, []]) as [boolean, { error: string; type: string }[]];
  return [valid, failures.map(({ error, type }) => `${type}: ${error}`)];
}

function verify(schema: unknown): unknown {
  return policies.query("data.schemas.verified", { input: { schema } })[0]?.expressions[0];
}

// The answers below are those of `opa eval` 1.22.4.
test("failures of a document come in OPA's order and words", () => {
  const schema = {
    type: "object",
    properties: {
      a: { type: "integer", minimum: 3, multipleOf: 1.5 },
      b: { type: ["string", "null"], minLength: 2, pattern: "^a" },
    },
    required: ["z"],
    additionalProperties: false,
  };
  expect(match({ a: 2.5, b: "x", c: 1 }, schema)).toEqual([
    false,
    [
      "required: (Root): z is required",
      "additional_property_not_allowed: (Root): Additional property c is not allowed",
      "invalid_type: a: Invalid type. Expected: integer, given: number",
      "string_gte: b: String length must be greater than or equal to 2",
      "pattern: b: Does not match pattern '^a'",
    ],
  ]);
  expect(match({ a: 4.5, b: 1 }, JSON.stringify({ ...schema, required: [] }))).toEqual([
    false,
    [
      "invalid_type: a: Invalid type. Expected: integer, given: number",
      "invalid_type: b: Invalid type. Expected: [string,null], given: integer",
    ],
  ]);
});

test("of alternatives that all fail, the failures of the one that fits best are told", () => {
  const schema = { anyOf: [{ type: "string" }, { properties: { b: { type: "string" }, c: { type: "null" } } }] };
  expect(match({ b: "x", c: 1 }, schema)).toEqual([
    false,
    [
      "number_any_of: (Root): Must validate at least one schema (anyOf)",
      "invalid_type: c: Invalid type. Expected: null, given: integer",
    ],
  ]);
});

test("bounds are exact for numbers of any size, and printed as Go prints them", () => {
  expect(match({ n: 1.1 }, { properties: { n: { minimum: 1_000_000, maximum: -0.1, multipleOf: 0.25 } } })[1]).toEqual([
    "multiple_of: n: Must be a multiple of 0.25",
    "number_lte: n: Must be less than or equal to -0.1",
    "number_gte: n: Must be greater than or equal to 1e+06",
  ]);
  expect(match('{"n": 9007199254740993}', '{"properties": {"n": {"maximum": 9007199254740992}}}')[0]).toBe(false);
  expect(match('{"n": 1e999999999}', '{"properties": {"n": {"multipleOf": 7}}}')[0]).toBe(false);
  expect(match('{"n": 1e-999999999}', '{"properties": {"n": {"multipleOf": 7}}}')[0]).toBe(false);
});

test("references name definitions, parts with an own address, and the schema itself", () => {
  const schema = {
    $id: "http://example.com/root.json",
    definitions: { port: { $id: "port.json", type: "integer" } },
    properties: { port: { $ref: "port.json" }, next: { $ref: "#" } },
  };
  expect(match({ next: { next: { port: "x" } } }, schema)).toEqual([
    false,
    ["invalid_type: next.next.port: Invalid type. Expected: integer, given: string"],
  ]);
  expect(verify({ $ref: "http://example.com/other.json" })).toEqual([
    false,
    "jsonschema: remote reference loading disabled: http://example.com/other.json",
  ]);
});

test.each([
  [{ type: "unknown" }, "has a primitive type that is NOT VALID -- given: /unknown/ Expected valid values are:[array boolean integer number null object string]"], // prettier-ignore
  [{ minimum: "x" }, "minimum must be of a Number"],
  [{ pattern: "(?=a)" }, "pattern must be a valid regex"],
  [{ required: ["a", "a"] }, "required items must be unique"],
  [{ enum: [1, 1] }, "enum items must be unique"],
  [{ $ref: "#/absent" }, "Object has no key 'absent'"],
  [{ items: [1] }, "Invalid type. Expected: Valid Schema/Array Of Schemas, given: items"],
  ["[", "invalid JSON string"],
])("the schema %j is refused as OPA refuses it", (schema, message) => {
  expect(verify(schema)).toEqual([false, `jsonschema: ${message}`]);
});

test("a schema that refers to itself without end, or repeats work without end, ends in a typed error", () => {
  expect(() => match({}, { $ref: "#" })).toThrow(RegoError);
  const doubling: Record<string, unknown> = {};
  for (let level = 0; level < 40; level++) {
    doubling[`level${level}`] = { allOf: [{ $ref: `#/definitions/level${level + 1}` }, { $ref: `#/definitions/level${level + 1}` }] }; // prettier-ignore
  }
  doubling["level40"] = { type: "object" };
  const schema = { definitions: doubling, $ref: "#/definitions/level0" };
  expect(() => match({}, schema)).toThrow(/steps|limit/);
});

test("any JSON may be a schema or a document: the answer is a result or OPA's error", () => {
  const keyword = fc.constantFrom("type", "properties", "items", "enum", "$ref", "minimum", "allOf", "not", "pattern", "$id", "id", "dependencies", "required", "format"); // prettier-ignore
  const schema = fc.letrec((tie) => ({
    schema: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.dictionary(keyword, tie("value"))),
    value: fc.oneof({ maxDepth: 4 }, fc.constantFrom("string", "#", "(", "#/properties/a", "email"), tie("schema"), fc.array(tie("schema"))), // prettier-ignore
  })).schema;
  fc.assert(
    fc.property(schema, fc.jsonValue(), (given, document) => {
      const result = verify(given) as [boolean, string | null];
      expect(result[0] ? result[1] : typeof result[1]).toBe(result[0] ? null : "string");
      try {
        match(document, given);
      } catch (error) {
        expect(error).toBeInstanceOf(RegoError);
      }
    }),
    { numRuns: 150 },
  );
});
