import { sharedFile, sharedTable } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { formatVers, parseVers, versContains, versFromNative, versionScheme } from "./index.ts";

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

/** Rows that follow one implementation where node-semver says otherwise, with what it says. */
const otherwise = new Map([
  [">= 1.x", "no upper bound: `>=1.x` is `>=1.0.0`"],
  [">= 0.2.0 <= 0.9.6 || ~0.8.0-pre", "one range and not two: `~0.8.0-pre` is `>=0.8.0-pre <0.9.0`"],
]);

describe.skipIf(all.length === 0)("published native ranges in VERS notation", () => {
  test.each(
    all.filter((one) => one.test_type === "from_native").map((one) => [JSON.stringify(one.input), one] as const),
  )("%s", (_, { input, expected_output: expected }) => {
    const { scheme, native_range: native } = input as { scheme: string; native_range: string };
    const range = versFromNative(scheme, native, schemeOf(`vers:${scheme}/`));
    const text = range === undefined ? undefined : formatVers(range);

    if (otherwise.has(native)) expect(text).not.toBe(expected);
    else expect(text).toBe(expected);
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

test.each([
  ["npm", "1.5.0", "vers:npm/>=1.0.0|<2.0.0", true],
  ["npm", "2.0.0", "vers:npm/>=1.0.0|<2.0.0", false],
  ["debian", "1.0~rc1-1", "vers:deb/<1.0-1", true],
  ["maven", "1.0-rc1", "vers:maven/<1.0", true],
  ["pypi", "2.0b1", "vers:pypi/<2.0", true],
  ["pypi", "2.0b1", "vers:pypi/", undefined],
])("every scheme reads the notation: %s %s in %s", (scheme, version, range, expected) => {
  expect(versionScheme(scheme)?.satisfies(version, range)).toBe(expected);
});

test.each([
  ["packagist", "~1.2 || ^3.1", "vers:composer/>=1.2|<2-dev|>=3.1|<4-dev"],
  ["pypi", "~=1.4.2", "vers:composer/>=1.4.2|<1.5"],
  ["semver", "^0.2.3", "vers:composer/>=0.2.3|<0.3.0"],
  ["debian", ">= 1.0-1, << 2", undefined],
  ["debian", ">= 1.0-1, < 2", "vers:composer/>=1.0-1|<2"],
])("a range of %s: %s", (scheme, range, expected) => {
  const parsed = versFromNative("composer", range, versionScheme(scheme) ?? schemeOf("vers:npm/*"));

  expect(parsed === undefined ? undefined : formatVers(parsed)).toBe(expected);
});
