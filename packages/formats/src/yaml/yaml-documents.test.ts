import fc from "fast-check";
import { dump } from "js-yaml";
import { describe, expect, test } from "vitest";
import { parseYamlDocuments } from "./yaml-documents.ts";

function only(text: string): ReturnType<typeof parseYamlDocuments>["documents"][number] {
  const { documents, problems } = parseYamlDocuments(text);
  expect(problems).toEqual([]);
  const [document] = documents;
  if (document === undefined || documents.length > 1) throw new Error("not one document");
  return document;
}

describe("values are those that Go reads", () => {
  test.each([
    ["yes", true],
    ["Off", false],
    ["y", true],
    ["'yes'", "yes"],
    ["!!str yes", "yes"],
    ["~", null],
    ["", null],
    ["0644", 420],
    ["0o17", 15],
    ["0x1F", 31],
    ["0b11", 3],
    ["-0b11", -3],
    ["1_000", 1000],
    ["08", 8],
    ["1e3", 1000],
    [".5", 0.5],
    ["1.", 1],
    ["-.inf", -Infinity],
    ["1.2.3", "1.2.3"],
    ["2001-01-01", "2001-01-01"],
    ["12:30:45", "12:30:45"],
    ["+1", 1],
    ["500m", "500m"],
    ["!Ref x", "x"],
  ])("%s", (text, value) => {
    const read = only(`a: ${text}\n`).value as { a: unknown };

    expect(read.a).toEqual(value);
  });

  test("booleans of YAML 1.2 are only true and false", () => {
    expect(parseYamlDocuments("[yes, true, on]", { booleans: "1.2" }).documents[0]?.value).toEqual(["yes", true, "on"]);
  });

  test("keys become text, the last of a repeated key counts, merges give way to the mapping itself", () => {
    expect(only("8080: a\ntrue: b\nk: 1\nk: 2\n").value).toEqual({ "8080": "a", true: "b", k: 2 });
    expect(only("m: &m {a: 1, b: 2}\nc:\n  a: 0\n  <<: [*m, {b: 9, d: 3}]\n  b: 5\n").value).toEqual({
      m: { a: 1, b: 2 },
      c: { a: 0, b: 5, d: 3 },
    });
    expect(Object.keys(only("y: 1\noff: 2\n0x10: 3\n").value as object)).toEqual(["16", "true", "false"]);
  });

  test("a key like __proto__ is data", () => {
    const value = only("__proto__: {polluted: true}\n<<: {constructor: 1}\n").value as object;

    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test.each([
    ["a: ***\nb: 1\n", { a: "***", b: 1 }],
    ["a: *\n", { a: "*" }],
    ["a: ****==\n", { a: "****==" }],
    ["- ** x\n- {a: **, b: [***, 1]}\n", ["** x", { a: "**", b: ["***", 1] }]],
    ["a: &x 1\nb: *x\nc: **\nd: |\n  ** *\ne: 'a ** b'\n", { a: 1, b: 1, c: "**", d: "** *\n", e: "a ** b" }],
    ["**: **\n", { "**": "**" }],
  ])("asterisks that mask a value are text: %j", (text, value) => {
    const { documents, problems } = parseYamlDocuments(text);

    expect(problems).toEqual([]);
    expect(documents[0]?.value).toEqual(value);
  });

  test("what only looks like a mask stays what it is", () => {
    expect(parseYamlDocuments("a: * * *\n").problems).toHaveLength(1);
    expect(parseYamlDocuments("a: *b\n").problems).toHaveLength(1);
    expect(parseYamlDocuments('a: "\ue000"\n').documents[0]?.value).toEqual({ a: "\ue000" });
    expect(parseYamlDocuments('a: "\\uE000"\nb: [1] # **\n').documents[0]?.value).toEqual({ a: "\ue000", b: [1] });
    expect(parseYamlDocuments('a: "\\U0000e000"\nb: [1] # **\n').documents[0]?.value).toEqual({ a: "\ue000", b: [1] });
  });

  test("quoted scalars and brackets whose lines are indented too little are read all the same", () => {
    const text =
      'a:\n  - "foo\nbar # x\n\n baz"\n  - b\nc: {\nx: [1,\n2] # "foo\n}\nd: \'x\ny\'\ne: |\n  "open\nf: g\n';
    const document = only(text);

    expect(document.value).toEqual({ a: ["foo bar # x\nbaz", "b"], c: { x: [1, 2] }, d: "x y", e: '"open\n', f: "g" });
    expect(document.rangeOf(["c", "x", 1])).toMatchObject({ line: 9, column: 1 });
  });
});

describe("positions", () => {
  const text = [
    "# note",
    "a: 1",
    '"q": "x',
    ' y"',
    "list:",
    "- name: z",
    "  v: |",
    "    lines",
    "    more",
    "",
    "- {a: [1,2 , # c",
    '   3], "b": c}',
    "m: &m {x: 1, 5: 2}",
    "copy:",
    "  <<: *m",
    "  x: 3",
    "again: *m",
    "e:",
  ].join("\n");
  const document = only(text);

  test.each([
    ["", 2, 18],
    ["/a", 2, 2],
    ["/q", 3, 4],
    ["/list", 5, 12],
    ["/list/0", 6, 9],
    ["/list/0/v", 7, 9],
    ["/list/1", 11, 12],
    ["/list/1/a/2", 12, 12],
    ["/m/5", 13, 13],
    ["/copy/5", 13, 13],
    ["/copy/x", 16, 16],
    ["/again", 17, 17],
    ["/again/x", 13, 13],
    ["/e", 18, 18],
  ])("%s stands in lines %d to %d", (path, line, endLine) => {
    expect(document.rangeOf(path)).toMatchObject({ line, endLine });
  });

  test("spans cut values out of the text", () => {
    const cut = (path: string): string | undefined => {
      const span = document.spanOf(path);
      return span === undefined ? undefined : text.slice(span.start, span.end);
    };

    expect(cut("/q")).toBe('"x\n y"');
    expect(cut("/list/1")).toBe('{a: [1,2 , # c\n   3], "b": c}');
    expect(cut("/e")).toBe("");
    expect(cut("/list/7")).toBeUndefined();
    expect(cut("/a/b")).toBeUndefined();
  });

  test("documents of a stream count lines from its start", () => {
    const { documents } = parseYamlDocuments("a: 1\n---\n# c\nb:\n  c: 2\n");

    expect(documents.map((each) => each.value)).toEqual([{ a: 1 }, { b: { c: 2 } }]);
    expect(documents[1]?.rangeOf(["b", "c"])).toEqual({ line: 5, column: 3, endLine: 5, endColumn: 7 });
  });

  test("whatever is written can be cut out and read again", () => {
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.array(tie("node"), { maxLength: 4 }),
        fc.dictionary(fc.string({ minLength: 1, maxLength: 6 }), tie("node"), { maxKeys: 4 }),
      ),
    })).node;
    fc.assert(
      fc.property(value, fc.integer({ min: -1, max: 3 }), (node, flowLevel) => {
        const written = dump({ root: node }, { flowLevel });
        const read = only(written);

        expect(read.value).toEqual({ root: node });
        const check = (path: (string | number)[], part: unknown): void => {
          const span = read.spanOf(path);
          if (span === undefined) throw new Error(`no span for ${path.join("/")}`);
          const cut = written.slice(span.start, span.end);
          if (typeof part === "number" || typeof part === "boolean") expect(cut).toBe(String(part));
          if (typeof part === "object" && part !== null)
            for (const [key, member] of Object.entries(part))
              check([...path, Array.isArray(part) ? Number(key) : key], member);
        };
        check([], read.value);
      }),
      { numRuns: 300 },
    );
  });
});

describe("bad documents", () => {
  test("one broken document does not lose the others", () => {
    const { documents, problems } = parseYamlDocuments(
      "a: 1\n---\n- [\n---\nb: *x\n---\nc: 3\n...\n%YAML 1.1\n---\nd: 4\n---\n? {a: b}\n: c\n",
    );

    expect(documents.map((document) => document.value)).toEqual([{ a: 1 }, { c: 3 }, { d: 4 }]);
    expect(problems.map(({ problem, line }) => [problem, line])).toEqual([
      ["truncated", 4],
      ["malformed", 5],
      ["malformed", 13],
    ]);
  });

  test("documents of a stream are read as each of them is alone, at their places in the stream", () => {
    const document = fc.constantFrom(
      "a: 1\n",
      "- x\n- {y: 1}\n",
      "# only a comment\n",
      "",
      "a: &n [1]\nb: *n\n",
      "b: *n\n",
      "- [\n",
      "'open\n",
      "text: |\n  one\n\n  two\n",
      'a: "b\nc"\n',
      "scalar\n",
      "a:\n",
      "%TAG ! tag:x,2000:\n",
    );
    const separator = fc.constantFrom("---\n", "--- # c\n", "...\n---\n", "...\n", "---\n---\n");
    fc.assert(
      fc.property(fc.array(fc.tuple(separator, document), { minLength: 1, maxLength: 6 }), (parts) => {
        const text = parts.flat().join("");
        const all = parseYamlDocuments(text);
        // The same documents so far apart that the parser gets each alone.
        const far = `# ${"x".repeat(40_000)}\n`;
        const apart = text.replaceAll(/^---/gm, `${far}---`);
        const alone = parseYamlDocuments(apart);

        expect(all.documents.map(({ value }) => value)).toEqual(alone.documents.map(({ value }) => value));
        expect(all.problems.map(({ problem }) => problem)).toEqual(alone.problems.map(({ problem }) => problem));
        for (const [at, { value }] of all.documents.entries())
          for (const key of ["", ...(typeof value === "object" && value !== null ? Object.keys(value) : [])]) {
            const path = key === "" ? [] : [Array.isArray(value) ? Number(key) : key];
            const span = all.documents[at]?.spanOf(path);
            const other = alone.documents[at]?.spanOf(path);
            if (value !== null) expect(text.slice(span?.start, span?.end)).toBe(apart.slice(other?.start, other?.end));
          }
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["aliases that multiply", bomb(9), "limit-exceeded"],
    [
      "merges that multiply",
      `a: &a {${Array.from({ length: 2000 }, (_, i) => `k${i}: 1`).join(", ")}}\nb:\n${"- <<: *a\n".repeat(600)}`,
      "limit-exceeded",
    ],
    ["an alias in its own value", "a: &a [*a]", "malformed"],
    ["ten thousand brackets", "[".repeat(10_000), "limit-exceeded"],
  ])("%s are refused", (_, text, problem) => {
    const { documents, problems } = parseYamlDocuments(text);

    expect(documents).toEqual([]);
    expect(problems).toMatchObject([{ problem }]);
  });

  test("many keys without a colon cost linear time", () => {
    expect(parseYamlDocuments("? a\n".repeat(100_000)).documents).toHaveLength(1);
    expect(parseYamlDocuments(`a: "${"\n".repeat(100_000)}"\nb: [\n]`).documents).toHaveLength(1);
  });
});

function bomb(levels: number): string {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < levels; i++)
    lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(", ")}]`);
  return lines.join("\n");
}
