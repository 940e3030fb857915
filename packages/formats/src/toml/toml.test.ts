import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { shape } from "../document-shape.ts";
import { parseToml, parseTomlEntries, tomlTableLines } from "./toml.ts";

describe("TOML", () => {
  test("reads tables, arrays of tables and large integers", () => {
    expect(parseToml('a = 1\nbig = 9223372036854775807\n[[p]]\nn = "x"\n[[p]]\n')).toEqual({
      a: 1,
      big: 9223372036854775807n,
      p: [{ n: "x" }, {}],
    });
  });

  test.each([
    ["an unfinished string", 'a = "x'],
    ["a key twice", "a = 1\na = 2"],
    ["ten thousand brackets", `a = ${"[".repeat(10_000)}`],
    ["JSON", '{"a": 1}'],
  ])("%s is refused", (_, text) => {
    expect(() => parseToml(text)).toThrow(FormatError);
  });

  test("a key like __proto__ is data", () => {
    const value = parseToml("[__proto__]\npolluted = true\n");

    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test("elements of an array of tables know their line", () => {
    const text = 'x = 1\n[[package]]\na = 1\n\n[[package]]\n[[package.x]]\nname = "y"\n[[package]]\nb = 2\nname = "z"';

    expect(tomlTableLines(text, "package")).toEqual([2, 5, 10]);
  });
});

describe("a TOML document read element by element", () => {
  const all = shape.anything;
  const read = (text: string, wanted = all) => parseTomlEntries(new TextEncoder().encode(text), "package", wanted);

  /** Lines of which some break the pieces: a header in a text, in a list, spelled otherwise, or a table that comes twice. */
  const line = fc.constantFrom(
    "[[package]]",
    "[[ package ]]",
    '[["package"]]',
    "[package]",
    "[package.sub]",
    "[[package.list]]",
    "[metadata]",
    "[[other]]",
    'name = "a long enough name"',
    'version = "1"',
    "size = 9223372036854775807",
    "when = 2020-01-01",
    'text = """',
    '"""',
    "list = [",
    "]",
    '  "x",',
    "package = 1",
    "__proto__ = 1",
    "# comment",
    "",
  );

  test("says and refuses what reading the whole says and refuses", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), (lines, ending) => {
        const text = lines.join(ending);
        let whole: unknown;
        try {
          whole = parseToml(text);
        } catch {
          expect(() => read(text)).toThrow(FormatError);
          return;
        }
        const { document, lines: places } = read(text);
        expect(document).toEqual(whole);
        expect(places).toEqual(tomlTableLines(text, "package"));
      }),
      { numRuns: 3_000 },
    );
  });

  test("keeps what was asked for, and nothing else", () => {
    const text = `version = 1\n[[package]]\nname = "a"\nwheels = [{ url = "x" }]\n[package.source]\nurl = "u"\nhash = "h"\n[[package]]\nname = 3\n[metadata]\nfiles = []\n`;
    const entry = shape.fields({ name: shape.text, source: shape.texts("url") });

    expect(read(text, shape.fields({ package: shape.list(entry) }))).toEqual({
      document: { package: [{ name: "a", source: { url: "u" } }, { name: 3 }] },
      lines: [3, 9],
    });
  });
});
