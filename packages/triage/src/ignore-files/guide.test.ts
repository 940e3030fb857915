import { readFileSync } from "node:fs";
import { findingKinds } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { grype } from "./grype.ts";
import { osvScanner } from "./osv-scanner.ts";
import { plimsollignore } from "./plimsollignore.ts";
import { trivyignoreYaml } from "./trivyignore-yaml.ts";

/** docs/guide/ignore-files.md names what there is: what it names is known, and what is known it names. */

const page = readFileSync(new URL("../../../../docs/guide/ignore-files.md", import.meta.url), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| `"));
const cell = (file: string): string => rows.find((row) => row.startsWith(`| \`${file}\``)) ?? "";
const words = (text: string): readonly string[] => [...text.matchAll(/`([\w-]+)`/g)].map(([, word = ""]) => word);
/** The keys that a mistaken rule is told there are. */
const known = (problem: string | undefined): readonly string[] => problem?.split(" is none of ")[1]?.split(", ") ?? [];

describe("docs/guide/ignore-files.md", () => {
  test("has an example whose rules all hold", () => {
    const { rules, problems } = plimsollignore.read(/^```yaml\n([^]*?)^```/m.exec(page)?.[1] ?? "");

    expect(problems).toEqual([]);
    expect(rules).toHaveLength(3);
  });

  test("names every key of a rule, and every kind", () => {
    const listed = rows
      .filter((row) => !/^\| `\.?[\w-]+\.|^\| `\.\w+`/.test(row))
      .flatMap((row) => words(row.split("|")[1] ?? ""));
    const { problems } = plimsollignore.read("ignore:\n- nonsense: 1\n");

    expect(listed.toSorted()).toEqual(known(problems[0]?.problem).toSorted());
    expect(findingKinds.every((kind) => words(page).includes(kind))).toBe(true);
  });

  test.each([
    [".trivyignore.yaml", trivyignoreYaml.read("vulnerabilities:\n- nonsense: 1\n").problems],
    [".trivyignore.yaml", trivyignoreYaml.read("nonsense: 1\n").problems],
    ["osv-scanner.toml", osvScanner.read("[[IgnoredVulns]]\nnonsense = 1\n").problems],
    ["osv-scanner.toml", osvScanner.read("[[PackageOverrides]]\nnonsense = 1\n").problems],
    [".grype.yaml", grype.read("ignore:\n- nonsense: 1\n").problems],
    [".grype.yaml", grype.read("ignore:\n- package: {nonsense: 1}\n").problems],
  ])("names every key of %s", (file, problems) => {
    const keys = known(problems[0]?.problem);

    expect(keys.length).toBeGreaterThan(2);
    expect(keys.filter((key) => !words(cell(file)).includes(key))).toEqual([]);
  });
});
