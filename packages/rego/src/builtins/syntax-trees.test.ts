import { expect, test } from "vitest";
import { compileModules } from "../index.ts";

function ask(query: string, input: unknown): unknown {
  const [first] = compileModules([]).query(query, { input, strictBuiltinErrors: true });
  return first?.expressions[0];
}

/** A module's tree; what is expected of it was asked of opa 1.22.4. */
function parsed(text: string): unknown {
  return ask(`rego.parse_module("x.rego", input)`, text);
}

function ref(...[head, ...names]: string[]): unknown {
  return { type: "ref", value: [{ type: "var", value: head }, ...names.map((value) => ({ type: "string", value }))] };
}

const generated = { generated: true, index: 0, terms: { type: "boolean", value: true } };

test("a module is a tree of its package, imports, rules and comments", () => {
  expect(parsed("# note\npackage a.b\nimport data.lib as l\ndefault allow := false\n")).toEqual({
    package: {
      path: [
        { type: "var", value: "data" },
        { type: "string", value: "a" },
        { type: "string", value: "b" },
      ],
    },
    imports: [{ alias: "l", path: ref("data", "lib") }],
    rules: [
      {
        default: true,
        head: {
          name: "allow",
          assign: true,
          ref: [{ type: "var", value: "allow" }],
          value: { type: "boolean", value: false },
        },
        body: [generated],
      },
    ],
    comments: [{ Text: "IG5vdGU=", Location: { file: "x.rego", row: 1, col: 1 } }],
  });
});

test("expressions carry their place in the body, negation, modifiers and quantifiers", () => {
  const text = `package a
p if {
  some x in [1]
  not input.bad with input as {"b": 1, "a": null}
  every y in {2, 1} { y > x }
}`;
  const body = (parsed(text) as { rules: { body: unknown }[] }).rules[0]?.body;
  expect(body).toEqual([
    {
      index: 0,
      terms: {
        symbols: [
          {
            type: "call",
            value: [
              ref("internal", "member_2"),
              { type: "var", value: "x" },
              { type: "array", value: [{ type: "number", value: 1 }] },
            ],
          },
        ],
      },
    },
    {
      index: 1,
      negated: true,
      terms: ref("input", "bad"),
      with: [
        {
          target: ref("input"),
          value: {
            type: "object",
            value: [
              [
                { type: "string", value: "a" },
                { type: "null", value: {} },
              ],
              [
                { type: "string", value: "b" },
                { type: "number", value: 1 },
              ],
            ],
          },
        },
      ],
    },
    {
      index: 2,
      terms: {
        key: null,
        value: { type: "var", value: "y" },
        domain: {
          type: "set",
          value: [
            { type: "number", value: 1 },
            { type: "number", value: 2 },
          ],
        },
        body: [{ index: 0, terms: [ref("gt"), { type: "var", value: "y" }, { type: "var", value: "x" }] }],
      },
    },
  ]);
});

test("heads have names, keys, arguments and what stands after else", () => {
  const text = `package a
f(_) := 1 if { input.x } else := 2
s contains 1
o[k] := v if some k, v in input
h.i.j := [v | v := 1]`;
  const heads = (parsed(text) as { rules: { head: Record<string, unknown>; else?: { head: unknown } }[] }).rules;
  expect(heads.map(({ head: { name, key, args } }) => ({ name, key, args }))).toEqual([
    { name: "f", key: undefined, args: [{ type: "var", value: "$0" }] },
    { name: "s", key: { type: "number", value: 1 }, args: undefined },
    { name: "o", key: { type: "var", value: "k" }, args: undefined },
    { name: undefined, key: undefined, args: undefined },
  ]);
  expect(heads[0]?.else).toMatchObject({ head: { value: { type: "number", value: 2 } }, body: [generated] });
  expect(heads[3]?.head["value"]).toMatchObject({ type: "arraycomprehension" });
});

test("what is no module is an error of the function", () => {
  expect(() => parsed("package a\np if {")).toThrow("rego_parse_error: unexpected eof token");
  expect(() => parsed("")).toThrow("rego.parse_module: x.rego:0: rego_parse_error: empty module");
  expect(() => parsed("package a\ncount if true")).not.toThrow();
});
