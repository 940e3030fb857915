import { describe, expect, test } from "vitest";
import { functionsWithOptions, optionFunctions } from "./checked-options.ts";

/** One step of another function, which has looked at all options and hands them on with its own among them. */
const steps: ReadonlySet<string> = new Set([
  "packages/image/src/open-manifest.ts: openManifest",
  "packages/image/src/open-manifest.ts: listManifests",
  "packages/plimsoll/src/node.ts: openNamedAdvisories",
  "packages/plimsoll/src/node.ts: expectNamedAdvisories",
  "packages/plimsoll/src/node.ts: openAdvisoriesFor",
]);

describe("functions with options", () => {
  const all = functionsWithOptions();

  test("look at what they are, in every package", () => {
    const missing = all.filter(({ name, isChecked }) => !isChecked && !steps.has(name)).map(({ name }) => name);

    expect(missing).toEqual([]);
  });

  test("that are steps of others are there, and look at nothing", () => {
    const left = new Set(all.filter(({ isChecked }) => !isChecked).map(({ name }) => name));

    expect([...steps].filter((name) => !left.has(name))).toEqual([]);
    expect(all.length).toBeGreaterThan(100);
  });

  test.each<readonly [string, string, readonly unknown[]]>([
    [
      "a body that checks",
      'export function a(x: string, options: AOptions = {}): void {\n  checkOptions("a", options, c);\n}',
      [["a", true]],
    ],
    [
      "a body that does not",
      "export async function b(\n  options: BOptions,\n): Promise<void> {\n  use(options);\n}",
      [["b", false]],
    ],
    [
      "a check by another name",
      'export function c(options: COptions): void {\n  checkOptions("d", options, c);\n}',
      [["c", false]],
    ],
    [
      "a check in the next function",
      'export function d(options: DOptions): void {\n}\nfunction e(o: X): void {\n  checkOptions("d", o, c);\n}',
      [["d", false]],
    ],
    [
      "taken apart, with generics",
      "export async function* f<S extends Id = 1>(a: (x: S) => void, { b, c }: FOptions = {}): X {\n}",
      [["f", false]],
    ],
    [
      "written out",
      "export function g(text: string, options: { readonly now?: string } = {}): void {\n}",
      [["g", false]],
    ],
    ["no options", "export function h(text: string, many: readonly string[]): void {\n}", []],
    ["not exported", "function i(options: IOptions): void {\n}", []],
  ])("are seen: %s", (_, text, expected) => {
    expect(optionFunctions(text).map(({ name, isChecked }) => [name, isChecked])).toEqual(expected);
  });
});
