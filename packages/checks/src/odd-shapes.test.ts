import { readConfigs } from "@plimsoll/configs";
import { asObject } from "@plimsoll/kubernetes";
import { generatedConfig, randomFrom } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { runChecks } from "./run-checks.ts";

/** Files that are made, and parts of each that are given a value of another type. */
const files = 120;
const partsOfEach = 5;

type Path = readonly (string | number)[];

function* partsOf(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (typeof value !== "object" || value === null) return;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, each] of entries) yield* partsOf(each, [...path, key]);
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((each, index): unknown => (index === key ? replaced(each, rest, by) : each));
  const members = asObject(value) ?? {};
  return { ...members, [key]: replaced(members[key], rest, by) };
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((here, key) => (here as Readonly<Record<string | number, unknown>>)[key], value); // as: the path is one of its own
}

/** Values of other types than a value has. */
function othersOf(value: unknown): readonly unknown[] {
  if (typeof value === "string") return [[], {}, 7, true, ["x"]];
  if (typeof value === "number") return ["seven", [], {}, true, 1.5];
  if (typeof value === "boolean") return [String(value), Number(value), [], {}];
  return Array.isArray(value) ? [{}, "x", 3, { 0: "x" }] : [[], "x", 3, "{{ .Values.x }}", [{}]];
}

/** The checks of the object, by what they say. */
function verdicts(text: string): { readonly failed: ReadonlySet<string>; readonly passed: ReadonlySet<string> } {
  const { documents } = readConfigs([{ path: "object.json", text }]);
  const { findings } = runChecks(documents, { includePasses: true });
  const having = (status: string): ReadonlySet<string> =>
    new Set(findings.filter((finding) => finding.status === status).map(({ id }) => id));
  expect(findings.filter(({ message }) => message.startsWith("the check failed"))).toEqual([]);
  return { failed: having("fail"), passed: having("pass") };
}

test("a part of the wrong type never makes a failing check pass: it fails still, or it is unknown", () => {
  const random = randomFrom(7);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T; // as: no list is empty
  const wrong: string[] = [];
  for (let index = 0; index < files; index++) {
    // Every fourth file is a Dockerfile, whose parts have no types.
    const { text } = generatedConfig(index - (index % 4) + (index % 3), random);
    const object: unknown = JSON.parse(text);
    const before = verdicts(text);
    const parts = [...partsOf(object)].filter(([first]) => first !== "kind" && first !== "apiVersion");
    for (let count = 0; count < partsOfEach && parts.length > 0; count++) {
      const path = pick(parts);
      // What is known of a node may be text, a number, true or false.
      const isFact = path[0] === "info" && path[2] === "values" && path.length === 4;
      const odd = pick(isFact ? [[], {}] : othersOf(valueAt(object, path)));
      const { passed } = verdicts(JSON.stringify(replaced(object, path, odd)));
      for (const id of before.failed)
        if (passed.has(id)) wrong.push(`${id}: ${path.join(".")} = ${JSON.stringify(odd)}`);
    }
  }

  expect(wrong).toEqual([]);
});
