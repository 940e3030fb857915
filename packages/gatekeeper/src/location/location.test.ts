import fc from "fast-check";
import { sharedFile } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { PolicyError } from "../policy-error.ts";
import { formatLocation, parseLocation, type LocationNode } from "./location.ts";
import { pathTester, type PathTest } from "./path-tests.ts";
import { locationTokens } from "./tokens.ts";

function rows<Row>(table: string): readonly Row[] {
  const text = sharedFile(`conformance/gatekeeper/${table}.json`);
  return text === undefined ? [] : (JSON.parse(text) as readonly Row[]);
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(PolicyError);
    return (error as PolicyError).code;
  }
}

interface RowNode {
  readonly field?: string;
  readonly keyField?: string;
  readonly keyValue?: string | number;
  readonly glob?: boolean;
}

function asRow(node: LocationNode): RowNode {
  if (node.kind === "field") return { field: node.name };
  return "glob" in node
    ? { keyField: node.key, glob: true }
    : { keyField: node.key, keyValue: typeof node.value === "bigint" ? Number(node.value) : node.value };
}

describe.skipIf(rows("path-parse").length === 0)("the published location cases", () => {
  test.each(
    rows<{ id: string; input: string; tokens: readonly (readonly [string, string])[]; error: string | null }>(
      "path-tokens",
    ).map((row) => [row.id, row] as const),
  )("%s", (_, { input, tokens, error }) => {
    const found = locationTokens(input);

    expect(found.map(({ type, text }) => [type, text])).toEqual(tokens);
    expect(found.at(-1)?.code ?? null).toBe(error);
  });

  test.each(
    rows<{ id: string; input: string; nodes: readonly RowNode[]; error: string | null }>("path-parse").map(
      (row) => [row.id, row] as const,
    ),
  )("%s", (_, { input, nodes, error }) => {
    if (error !== null) expect(codeOf(() => parseLocation(input))).toBe(error);
    else {
      expect(parseLocation(input).map(asRow)).toEqual(nodes);
      expect(parseLocation(formatLocation(parseLocation(input)))).toEqual(parseLocation(input));
    }
  });

  test.each(
    rows<{
      id: string;
      location: string;
      pathTests: readonly { subPath: string; condition: PathTest["condition"] }[];
      error: string | null;
    }>("path-tests").map((row) => [row.id, row] as const),
  )("%s", (_, { location, pathTests, error }) => {
    const tests = pathTests.map(({ subPath, condition }) => ({ subPath: parseLocation(subPath), condition }));

    expect(codeOf(() => pathTester(parseLocation(location), tests)) ?? null).toBe(error);
  });
});

describe("locations", () => {
  test("a number and its text are different keys", () => {
    expect(parseLocation("ports[containerPort: 8888]")).not.toEqual(parseLocation('ports[containerPort: "8888"]'));
  });

  test.each([
    ["spec.", "ErrTrailingSeparator"],
    ["spec..a", "ErrUnexpectedToken"],
    ["spec[name: 99999999999999999999]", "ErrInvalidInteger"],
    ['spec["name', "ErrUnexpectedToken"],
  ])("%s is refused", (text, code) => {
    expect(codeOf(() => parseLocation(text))).toBe(code);
  });

  test("a written location parses to what it was", () => {
    const key = fc.oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.constantFrom("name", "a.b", "0", "*"));
    const field = key.map((name): LocationNode => ({ kind: "field", name }));
    const list = fc.oneof(
      key.map((name): LocationNode => ({ kind: "list", key: name, glob: true })),
      fc.tuple(key, fc.oneof(key, fc.nat())).map(([name, value]): LocationNode => ({ kind: "list", key: name, value })),
    );
    const location = fc
      .array(fc.tuple(field, fc.option(list)), { maxLength: 5 })
      .map((steps) => steps.flatMap(([first, second]) => (second === null ? [first] : [first, second])));

    fc.assert(
      fc.property(location, (nodes) => {
        expect(parseLocation(formatLocation(nodes))).toEqual(nodes);
      }),
    );
  });

  test("any text is parsed or refused, and nothing else happens", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        codeOf(() => parseLocation(text));
      }),
    );
  });
});
