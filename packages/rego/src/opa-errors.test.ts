import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileModules, formatErrors, formatErrorsJson, RegoError, schemaName, type RegoIssue } from "./index.ts";

/** What `opa check` 1.22.4 prints; in JSON without the descriptions of arguments. */
interface Recorded {
  readonly schemas: Readonly<Record<string, unknown>>;
  readonly cases: readonly {
    readonly name: string;
    readonly text: string;
    readonly schemas?: boolean;
    readonly strict?: boolean;
    readonly pretty: string;
    readonly json: readonly unknown[];
  }[];
}

const recorded = JSON.parse(readFileSync(new URL("fixtures/opa-errors.json", import.meta.url), "utf8")) as Recorded; // as: the fixture has this form
const schemas = new Map(
  Object.entries(recorded.schemas).map(([path, schema]) => [schemaName(path.replace(".json", "").split("/")), schema]),
);

function errorsOf(text: string, given?: ReadonlyMap<string, unknown>, strict = false): readonly RegoIssue[] {
  try {
    compileModules([{ path: "t.rego", text }], { strict, ...(given === undefined ? {} : { schemas: given }) });
  } catch (error) {
    if (error instanceof RegoError) return error.errors;
    throw error;
  }
  return [];
}

test.each(recorded.cases)("$name: errors are those of opa, with types and places", ({ text, pretty, json, ...row }) => {
  const errors = errorsOf(text, row.schemas === true ? schemas : undefined, row.strict);
  expect(formatErrors(errors)).toBe(pretty);
  expect(JSON.parse(formatErrorsJson(errors))).toEqual({ errors: json });
});

test("a schema for the input holds everywhere, also for queries", () => {
  const given = new Map([[schemaName([]), { type: "object", properties: { name: { type: "string" } } }]]);
  const policies = compileModules([{ path: "p.rego", text: 'package p\na if input.name == "x"' }], { schemas: given });
  expect(policies.query("data.p.a", { input: { name: "x" } })).toHaveLength(1);
  expect(() => policies.query("input.nam")).toThrow("undefined ref: input.nam");
  expect(errorsOf("package p\na if input.name == 1", given)[0]?.message).toBe("match error");
});

test("what is no schema is an error of the module, and its rules are still checked", () => {
  const annotated = (schema: string): string =>
    `package p\n# METADATA\n# schemas:\n#   - input: ${schema}\na if input.x\n\nb if startswith(1, "a")\n`;
  for (const schema of [
    '{"type": 5}',
    '{"$ref": "http://example.com/x.json"}',
    '{"allOf": [{type: string}, {type: number}]}',
  ]) {
    const errors = errorsOf(annotated(schema));
    expect(errors.map(({ code }) => code)).toEqual(["rego_type_error", "rego_type_error"]);
    expect(errors[1]?.message).toBe("startswith: invalid argument(s)");
  }
});

test("schemas that refer to themselves, share parts or are very deep end", () => {
  const doubled: Record<string, unknown> = { d0: { type: "string" } };
  for (let index = 1; index <= 40; index++) {
    const part = { $ref: `#/definitions/d${index - 1}` };
    doubled[`d${index}`] = { type: "object", properties: { a: part, b: part } };
  }
  let deep: unknown = { type: "string" };
  for (let index = 0; index < 5000; index++) deep = { type: "object", properties: { a: deep } };
  const loop = { a: { $ref: "#/definitions/b" }, b: { $ref: "#/definitions/a" } };
  const tree = { n: { type: "object", properties: { n: { $ref: "#/definitions/n" } } } };
  for (const schema of [
    { definitions: doubled, $ref: "#/definitions/d40" },
    { definitions: loop, $ref: "#/definitions/a" },
    { definitions: tree, $ref: "#/definitions/n" },
    deep,
  ]) {
    const given = new Map([[schemaName([]), schema]]);
    const errors = errorsOf(
      'package p\na if input == 1\nb if input.a == input.b\nc if { x := input; y := {"z": x}; y == [x] }',
      given,
    );
    expect(errors.every(({ code }) => code === "rego_type_error" || code === "limit_exceeded")).toBe(true);
    expect(formatErrors(errors).length).toBeLessThan(200_000);
  }
});
