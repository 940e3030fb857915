import { describe, expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { parseToml, tomlTableLines } from "./toml.ts";

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
