import fc from "fast-check";
import { expect, test } from "vitest";
import { standardBuiltins } from "../builtins/index.ts";
import { jsonText } from "../values/text.ts";
import { compileModules } from "../policies.ts";
import type { Body, Expression, Module, Rule } from "./ast.ts";
import { RegoError } from "./errors.ts";
import { moduleTree } from "./json-tree.ts";
import { parseModule } from "./modules.ts";
import { printBody, printExpression, printRef, printTerm } from "./print.ts";

const builtins = new Set(standardBuiltins.keys());

function parse(text: string): Module {
  return parseModule("p.rego", text, { version: "v1", builtins });
}

/** What a module is, without places and comments. */
function treeOf(module: Module): string {
  return jsonText(moduleTree({ ...module, comments: [] }));
}

// A writer of modules over the printer of terms, which writes operators as calls.
function writeModule({ package: path, imports, rules }: Module): string {
  const written = imports.map(
    ({ path: target, alias }) => `import ${printTerm(target)}${alias === undefined ? "" : ` as ${alias}`}`,
  );
  return [`package ${path.join(".")}`, ...written, ...rules.map((rule) => writeRule(rule))].join("\n\n");
}

function writeRule(rule: Rule): string {
  const { reference, args, key, value, assign } = rule.head;
  const [first, ...rest] = reference;
  if (first === undefined) throw new Error("a rule without a name");
  const name = printRef(first, rest) + (args.length === 0 ? "" : `(${args.map(printTerm).join(", ")})`);
  const isSet = key !== undefined && value === undefined;
  const head = isSet
    ? `${name} contains ${printTerm(key)}`
    : `${name} ${assign ? ":=" : "="} ${value === undefined ? "true" : printTerm(value)}`;
  const body = rule.generatedBody || rule.default ? "" : ` if ${writeBody(rule.body)}`;
  return `${rule.default ? "default " : ""}${head}${body}${writeElse(rule.otherwise)}`;
}

function writeElse(rule: Rule | undefined): string {
  if (rule === undefined) return "";
  const { value, assign } = rule.head;
  const head = value === undefined ? "" : ` ${assign ? ":=" : "="} ${printTerm(value)}`;
  return ` else${head}${rule.generatedBody ? "" : ` if ${writeBody(rule.body)}`}${writeElse(rule.otherwise)}`;
}

function writeBody(body: Body): string {
  return `{ ${body.map(writeExpression).join("; ")} }`;
}

function writeExpression(expression: Expression): string {
  // As an operator it would make a comprehension of the braces around it.
  if (expression.kind === "call" && printTerm(expression.operator) === "or" && expression.args.length === 2) {
    const call = { kind: "call", operator: expression.operator, args: expression.args, span: expression.span } as const;
    return printExpression({ ...expression, kind: "term", term: call });
  }
  const [symbol] = expression.kind === "some" ? expression.symbols : [];
  if (expression.kind === "some" && symbol?.kind === "call") {
    const names = symbol.args.slice(0, -1).map(printTerm).join(", ");
    const domain = printTerm(symbol.args.at(-1) ?? symbol);
    return printExpression({ ...expression, symbols: [] }).replace(/^some ?/, `some ${names} in ${domain}`);
  }
  return printExpression(expression);
}

const depth = { maxDepth: 3, depthSize: "small" } as const;

/** Texts of modules that the grammar allows. */
const modules = (() => {
  const name = fc.constantFrom("a", "b", "x", "y", "long_name", "p1");
  const text = fc.constantFrom('"a"', '""', '"ü \\n \\"q\\" \\u00e9"', "`raw \\ text`", '"data"');
  const number = fc.constantFrom("0", "1", "-2", "1.50", "1e3", "123456789012345678901234567890");
  const parts = fc.letrec<Record<"term" | "reference" | "collection" | "body" | "expression", string>>((tie) => {
    const term = tie("term");
    const list = fc.array(term, { minLength: 1, maxLength: 3 }).map((items) => items.join(", "));
    return {
      term: fc.oneof(
        depth,
        fc.oneof(name, text, number, fc.constantFrom("true", "null", "_", "input", "input.x", "data.p.q")),
        tie("reference"),
        tie("collection"),
        fc.tuple(fc.constantFrom("count", "f", "data.lib.f", "json.marshal"), list).map(([f, args]) => `${f}(${args})`),
        fc
          .tuple(term, fc.constantFrom("+", "-", "*", "/", "%", "|", "&"), term)
          .map(([left, sign, right]) => `(${left} ${sign} ${right})`),
      ),
      reference: fc.oneof(
        depth,
        fc.tuple(fc.constantFrom("input", "data.p", "x"), name).map(([head, field]) => `${head}.${field}`),
        fc.tuple(fc.constantFrom("input", "data.p", "x"), term).map(([head, key]) => `${head}[${key}]`),
      ),
      collection: fc.oneof(
        depth,
        fc.constantFrom("[]", "{}", "set()"),
        list.map((items) => `[${items}]`),
        list.map((items) => `{${items}}`),
        fc.tuple(text, term).map(([key, value]) => `{${key}: ${value}}`),
        fc.tuple(term, tie("body")).map(([value, body]) => `[${value} | ${body}]`),
        fc.tuple(term, tie("body")).map(([value, body]) => `{${value} | ${body}}`),
        fc.tuple(text, term, tie("body")).map(([key, value, body]) => `{${key}: ${value} | ${body}}`),
      ),
      body: fc.array(tie("expression"), { minLength: 1, maxLength: 3 }).map((each) => each.join("; ")),
      expression: fc.oneof(
        depth,
        term,
        fc
          .tuple(term, fc.constantFrom("==", "!=", "<", ">=", "=", "in"), term)
          .map(([left, sign, right]) => `${left} ${sign} ${right}`),
        fc.tuple(name, term).map(([left, right]) => `${left} := ${right}`),
        tie("reference").map((each) => `not ${each}`),
        fc.tuple(name, name, tie("collection")).map(([key, value, domain]) => `some ${key}, ${value} in ${domain}`),
        name.map((each) => `some ${each}`),
        fc
          .tuple(name, tie("collection"), tie("body"))
          .map(([value, domain, body]) => `every ${value} in ${domain} { ${body} }`),
        fc.tuple(tie("reference"), term).map(([each, value]) => `${each} with input.z as ${value} with data.w as 1`),
      ),
    };
  });
  const { term, body } = parts;
  const rule = fc.oneof(
    fc.tuple(name, term, body).map(([head, value, each]) => `${head} := ${value} if { ${each} }`),
    fc.tuple(name, term).map(([head, value]) => `${head} := ${value}`),
    fc.tuple(name, term, body).map(([head, key, each]) => `${head} contains ${key} if { ${each} }`),
    fc.tuple(name, body).map(([head, each]) => `${head}[x].y := 1 if { ${each} }`),
    fc
      .tuple(name, body, term, body)
      .map(
        ([head, one, value, two]) => `${head}(x, [y, _]) := x if { ${one} } else := ${value} if { ${two} } else := 2`,
      ),
    fc.tuple(name, number).map(([head, value]) => `default ${head} := ${value}`),
    fc.tuple(name, body).map(([head, each]) => `# METADATA\n# title: t\n${head} if { ${each} }`),
  );
  const imports = fc.constantFrom("", "import data.lib", "import data.lib.x as y\nimport input.z", "import rego.v1");
  return fc
    .tuple(imports, fc.array(rule, { minLength: 1, maxLength: 4 }))
    .map(([head, rules]) => `package p.q\n\n${head}\n\n${rules.join("\n\n")}\n`);
})();

test("what is read, written and read again is the same", () => {
  let read = 0;
  fc.assert(
    fc.property(modules, (text) => {
      let module: Module;
      try {
        module = parse(text);
      } catch (error) {
        // Some of what the generator makes is refused: `some` without a use, two heads that differ.
        if (error instanceof RegoError) return;
        throw error;
      }
      read++;
      const written = writeModule(module);
      expect(treeOf(parse(written)), written).toBe(treeOf(module));
    }),
    { numRuns: 200 },
  );
  expect(read).toBeGreaterThan(100);
});

test("blank lines, comments and layout change nothing but places", () => {
  fc.assert(
    fc.property(modules, fc.constantFrom("\t", "  ", "\n", " # a comment\n"), (text, space) => {
      let module: Module;
      try {
        module = parse(text);
      } catch {
        return;
      }
      const loose = text.replaceAll("; ", `;${space}`).replaceAll("{ ", `{${space}`);
      expect(treeOf(parse(loose)), loose).toBe(treeOf(module));
    }),
    { numRuns: 80 },
  );
});

test("a module that is cut off anywhere is read or refused with places within it", () => {
  fc.assert(
    fc.property(modules, fc.nat(), (text, at) => {
      const part = text.slice(0, at % text.length);
      try {
        parse(part);
      } catch (error) {
        if (!(error instanceof RegoError)) throw error;
        const rows = part.split("\n").length;
        for (const { location } of error.errors) expect(location === undefined || location.row <= rows).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test("printing of bodies is that of OPA", () => {
  const [rule] = parse("package p\na if { some x; x = 1; not x == 2 }").rules;
  expect(printBody(rule?.body ?? [])).toBe("some x; x = 1; not x == 2");
});

test.each([
  ["and, or", "(((input.a or input.b)))", true],
  ["and, or", "((input.a or input.b)) and input.b", true],
  ["and, or", "(input.x < 2 with input.x as 1) and input.x == 5", true],
  ["and, or", "input.a or (input.x < 2 with input.x as 1 with input.b as 2)", true],
  ["and, or", "(not input.a) and input.b", true],
  ["and, or", "(not input.a)", true],
  ["and, or, not", "not ((input.a or input.b))", undefined],
  ["and, or, not", "not (input.a with input.a as true)", undefined],
  ["and, or", "(input.x < 2 with input.x as 1)", "non-terminated expression"],
  ["and, or", "(input.a with input.a as 1 or input.b)", "`with` modifier is not allowed on operand of `or`"],
])("with the keywords %s, %s is what OPA makes of it", (keywords, body, expected) => {
  const imports = keywords.split(", ").map((keyword) => `import future.keywords.${keyword}`);
  const source = ["package t", ...imports, `p if { ${body} }`].join("\n");
  const ask = (): unknown =>
    compileModules([{ path: "p.rego", text: source }]).query("data.t.p", { input: { a: false, b: true, x: 5 } })[0]
      ?.expressions[0];
  if (typeof expected === "string") expect(ask).toThrow(expected);
  else expect(ask()).toBe(expected);
});

test("a with at the beginning of a line is the name of a rule where a dot or a bracket follows", () => {
  const text =
    'package t\np if {\n  with.a == 1\n  with.b(2) == 2\n  x := 1\n  with["a"] == x\n}\nwith.a := 1\nwith.b(x) := x';
  expect(compileModules([{ path: "p.rego", text }]).query("data.t.p")[0]?.expressions).toEqual([true]);
});

test("annotations of more lines than a call takes arguments are read", () => {
  const module = parse(`package p\n# METADATA\n# title: x\n${"# # y\n".repeat(130_000)}a := 1\n`);

  expect(module.rules).toHaveLength(1);
});
