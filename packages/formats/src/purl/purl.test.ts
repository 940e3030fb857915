import { sharedFile } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPurl, parsePurl, purlProblem } from "./purl.ts";
import type { PurlParts } from "./purl.ts";

interface PurlCase {
  readonly suite: string;
  readonly description: string;
  readonly test_type: "parse" | "build" | "validate";
  readonly input: unknown;
  readonly expected_output: unknown;
  readonly expected_failure: boolean;
}

const cases = JSON.parse(sharedFile("conformance/purl.json") ?? "[]") as PurlCase[];

/** Rows of the specification's tests that contradict its own text, with the reason. */
const contradictions = new Map<string, string>([
  [
    'types/rpm-test parse "pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch=i386&Distro=fedora-25"',
    "upper case in type and keys is to be refused here, but to be lowered in the Maven and PyPI tests and the grammar",
  ],
]);

describe.skipIf(cases.length === 0)("the tests of the purl specification", () => {
  test.each(cases.map((row) => [`${row.suite} ${row.test_type} ${JSON.stringify(row.input)}`, row] as const))(
    "%s",
    (title, row) => {
      const outcome = run(row);
      if (contradictions.has(title)) return expect(outcome).not.toEqual(row.expected_output);

      if (row.expected_failure) return expect(outcome).toBeUndefined();
      return expect(outcome).toEqual(row.expected_output);
    },
  );
});

function run(row: PurlCase): unknown {
  const parts =
    row.test_type === "build" ? partsOf(row.input as Record<string, unknown>) : parsePurl(String(row.input));
  if (parts === undefined || purlProblem(parts) !== undefined) return undefined;
  return row.test_type === "parse" ? nulled(parts) : formatPurl(parts);
}

function partsOf(input: Record<string, unknown>): PurlParts {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as unknown as PurlParts;
}

function nulled(parts: PurlParts): unknown {
  const absent = { namespace: null, version: null, qualifiers: null, subpath: null };
  return { ...absent, ...parts };
}

describe("package URLs", () => {
  test("what is special in a URL is encoded, a colon is not", () => {
    const parts = {
      type: "deb",
      namespace: "debian",
      name: "g++",
      version: "1:1.0+b1~(x)",
      qualifiers: { upstream: "a/b@1", epoch: "" },
    };

    expect(formatPurl(parts)).toBe("pkg:deb/debian/g%2B%2B@1:1.0%2Bb1~%28x%29?upstream=a%2Fb%401");
  });

  test.each([
    "",
    "npm/a@1",
    "pkg:",
    "pkg:npm",
    "pkg:npm/",
    "pkg:npm/%",
    "http://x",
    "pkg:npm/a\n",
    "pkg://user:pw@npm/a",
  ])("%j is none", (text) => {
    expect(parsePurl(text)).toBeUndefined();
  });

  test("a plus sign is text", () => {
    expect(parsePurl("pkg:generic/a+b@1+2?vcs_url=git+https://x")).toEqual({
      type: "generic",
      name: "a+b",
      version: "1+2",
      qualifiers: { vcs_url: "git+https://x" },
    });
  });

  test("reading what was written gives the same parts, whatever they are", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        text,
        fc.option(text, { nil: undefined }),
        fc.dictionary(fc.stringMatching(/^[a-z][a-z_]{0,8}$/), text),
        (name, version, qualifiers) => {
          const written = formatPurl({ type: "generic", name, version, qualifiers });
          const read = parsePurl(written);

          expect(read === undefined ? undefined : formatPurl(read)).toBe(written);
        },
      ),
    );
  });
});
