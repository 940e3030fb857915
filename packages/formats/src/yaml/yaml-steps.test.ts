import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shape } from "../document-shape.ts";
import { FormatError } from "../format-error.ts";
import { finish } from "../shared/steps.ts";
import { parseYaml } from "./yaml.ts";
import { yamlSteps } from "./yaml-steps.ts";
import type { YamlStepsOptions } from "./yaml-steps.ts";

const read = (text: string, options: YamlStepsOptions = {}) => finish(yamlSteps(text, options));

function outcome(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { problem: error.problem, message: error.message };
  }
}

/** Lines of which some do not end where the indentation says so, and some say something of others. */
const line = fc.constantFrom(
  "a:",
  "b:",
  '"c d":',
  "'e':",
  "f: 1",
  "g: &g {h: 1}",
  "i: *g",
  "*g : 1",
  "&j k: 1",
  "!t l: 1",
  "m: [1,",
  "]",
  "n: {o: 1}",
  "p: |",
  "p: >2",
  "text",
  'q: "text',
  'text"',
  "r: 'text",
  "text'",
  "- 1",
  "- s: 1",
  "-",
  "-t: 1",
  "? u",
  ": v",
  "# comment",
  "w: 1 # comment",
  "x: # comment",
  "y: | # comment:",
  "z: '' # comment:",
  "a: !!str # comment:",
  " ---",
  "__proto__: 1",
  "__proto__:",
  "---",
  "--- 1",
  "...",
  "%YAML 1.2",
  "\ufeffy: 1",
  "\tz: 1",
  "\t",
  "",
);
const indent = fc.constantFrom("", "", "", " ", "  ", "  ", "    ");
const lines = fc
  .array(fc.tuple(indent, line), { maxLength: 12 })
  .map((pairs) => pairs.map(([spaces, text]) => spaces + text));

/** Entries that are right wherever they stand: each gives its lines for an indentation. */
type Written = (indent: string) => readonly string[];
const scalar = fc.constantFrom<readonly string[]>(
  ["1"],
  ["'it''s'"],
  ['"a', ' b"'],
  ["plain", "  and more", "", "  of it"],
  ["|", "  text", "", "    # more"],
  [">+2", "    text", "   text", ""],
  ["[1, {a: b},", "  c]"],
  ["&anchor x"],
  ["&same", "  # comment", "  x"],
  ["# comment"],
  [""],
);
const blocks = fc.letrec<{ block: Written; mapping: Written; list: Written }>((tie) => ({
  block: fc.oneof({ maxDepth: 4 }, tie("mapping"), tie("list")),
  mapping: fc
    .uniqueArray(
      fc.tuple(
        fc.constantFrom("a", "b b", "'c'", '"d\\u0065"', "10", "2", "-e", "__proto__", "https://f"),
        fc.oneof({ maxDepth: 4 }, scalar, fc.tuple(fc.constantFrom("  ", " ", "    "), tie("block")), tie("list")),
      ),
      { selector: ([key]) => key, minLength: 1, maxLength: 5 },
    )
    .map((members) => (outer) => members.flatMap(([key, value]) => written(`${outer}${key}:`, outer, value))),
  list: fc
    .array(fc.oneof({ maxDepth: 4 }, scalar, tie("mapping")), { minLength: 1, maxLength: 4 })
    .map((elements) => (outer) => elements.flatMap((value) => element(outer, value))),
}));

function written(start: string, outer: string, value: readonly string[] | readonly [string, Written] | Written) {
  if (typeof value === "function") return [start, ...value(outer)];
  const [first = "", second, ...more] = value;
  if (typeof second === "function") return [start, "# comment", ...second(outer + first)];
  const rest = second === undefined ? [] : [second, ...more];
  return [`${start} ${first}`, ...rest.map((text) => outer + text)];
}

function element(outer: string, value: readonly string[] | Written): readonly string[] {
  if (typeof value !== "function") return written(`${outer}-`, outer, value);
  const [first = "", ...rest] = value(`${outer}  `);
  return [`${outer}- ${first.trimStart()}`, ...rest];
}

describe("YAML in portions", () => {
  test("says and refuses what reading the whole says and refuses", () => {
    fc.assert(
      fc.property(lines, fc.constantFrom("\n", "\n", "\r\n", "\r"), fc.nat(30), (each, ending, portion) => {
        const text = each.join(ending);
        expect(outcome(() => read(text, { portion }))).toEqual(outcome(() => parseYaml(text)));
      }),
      { numRuns: 1_000 },
    );
  });

  test("says what reading the whole says, in whatever style it is written, and reads none of it at once", () => {
    fc.assert(
      fc.property(fc.array(blocks.block, { minLength: 1, maxLength: 3 }), fc.nat(60), (documents, portion) => {
        const text = documents.flatMap((block) => ["---", ...block("")]).join("\n");
        expect(read(text, { portion, atOnce: { characters: text.length - 1, values: Infinity } })).toEqual(
          parseYaml(text),
        );
      }),
      { numRuns: 200 },
    );
  });

  test("keeps what was asked for, and nothing else", () => {
    const entries = Array.from({ length: 200 }, (_, at) => `  p${at}:\n    version: ${at}\n    other: x\n`).join("");
    const text = `settings:\n  a: 1\npackages:\n${entries}list:\n- a: 1\n  b: 2\n`;
    const wanted = shape.fields({
      packages: shape.entries(shape.texts("version")),
      list: shape.list(shape.texts("b")),
    });

    const kept = Array.from({ length: 200 }, (_, at) => [`p${at}`, { version: String(at) }] as const);
    expect(read(text, { wanted, portion: 100 })).toEqual([{ packages: Object.fromEntries(kept), list: [{ b: "2" }] }]);
  });

  test.each([
    ["a block scalar behind whose mark a comment ends with a colon", "a: | # text:\n  b: 1\n"],
    ["a value behind which a comment ends with a colon", "a: '' # text:\n  b: 1\n"],
    ["a type behind which a comment ends with a colon", "a: !!str # text:\n  b: 1\n"],
    ["what would be a mark further left", "a: 1\nb:\n  c: 1\n  ---\n   d: 1\n"],
  ])("reads %s as the whole says", (_, text) => {
    for (let portion = 0; portion <= text.length; portion++)
      expect(outcome(() => read(text, { portion }))).toEqual(outcome(() => parseYaml(text)));
  });

  test.each([
    ["an alias from one entry to another", "a: &a [1]\nb: *a\n"],
    ["an alias inside of one", "a: [&a 1, *a]\nb: 1\n"],
    ["a text over several lines as far left as its key", 'a: 1\nb:\n"x\n y"\n'],
    ["a key in two places", "a: 1\nb: 1\na: 2\n"],
    ["a flow mapping", "{a: 1,\nb: 2}\n"],
    ["what is no YAML", "a: 1\n b: 2\n"],
  ])("reads %s at once, and not at all where that is too much", (_, text) => {
    expect(outcome(() => read(text, { portion: 1 }))).toEqual(outcome(() => parseYaml(text)));
    for (const atOnce of [
      { characters: 6, values: 100 },
      { characters: 100, values: 1 },
    ])
      expect(outcome(() => read(text, { portion: 1, atOnce }))).toEqual({
        problem: "limit-exceeded",
        message: `yaml: more than ${atOnce.characters} characters or ${atOnce.values} values, and not one entry after the other`,
      });
  });

  test("no portion is longer than a few entries", () => {
    const entries = Array.from({ length: 5_000 }, (_, at) => `  p${at}: { version: 1.0.0, needs: [a, b, c] }\n`).join(
      "",
    );
    const portions = [...yamlSteps(`a: 1\npackages:\n${entries}b:\n${entries.replaceAll("  p", "- p")}`)];

    expect(Math.max(...portions)).toBeLessThanOrEqual(16 * 1024 * 16);
  });

  test("is as deep as the whole may be", () => {
    const nested = (depth: number) => `a:\n  b:\n    c: ${"[".repeat(depth)}${"]".repeat(depth)}\n`;
    for (const depth of [190, 195, 196, 197, 198, 199, 200])
      expect(outcome(() => read(nested(depth), { portion: 1 }))).toEqual(outcome(() => parseYaml(nested(depth))));
  });
});
