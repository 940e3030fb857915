import { describe, expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { parseYaml, yamlKeyLines } from "./yaml.ts";

describe("YAML", () => {
  test("scalars stay text, several documents are several", () => {
    expect(parseYaml("a: 1.10\nb: true\nc: ~\n---\n- 0x10\n")).toEqual([{ a: "1.10", b: "true", c: "~" }, ["0x10"]]);
    expect(parseYaml("")).toEqual([]);
  });

  test("a key like __proto__ is data", () => {
    const [value] = parseYaml("__proto__:\n  polluted: yes\n");

    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each([
    ["a tab as indentation", "a:\n\t- b"],
    ["an open bracket", "a: [1, 2"],
    ["ten thousand brackets", "[".repeat(10_000)],
    [
      "ten thousand levels",
      Array.from({ length: 10_000 }, (_, depth) => `${" ".repeat(depth)}a:`)
        .join("\n")
        .slice(0, 2_000_000),
    ],
    ["an unknown alias", "a: *b"],
  ])("%s is refused", (_, text) => {
    expect(() => parseYaml(text)).toThrow(FormatError);
  });

  test("aliases do not multiply", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 40; i++)
      lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(", ")}]`);

    expect(() => parseYaml(lines.join("\n"))).not.toThrow();
  });

  test("keys of a section know their line", () => {
    const lines = yamlKeyLines(
      "version: 1\npackages:\n\n  # note\n  /a/1.0.0:\n    b: c\n  '@s/n@1':\n    d: e\nother:\n  /a/2:\n",
      "packages",
    );

    expect([...lines]).toEqual([
      ["/a/1.0.0", 5],
      ["@s/n@1", 7],
    ]);
  });
});
