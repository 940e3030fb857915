import { everyKindReport } from "@plimsoll/testkit";
import type { LicenseFinding } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { finding, pkg } from "../fixtures/literal-findings.ts";
import { osvScanner } from "./osv-scanner.ts";

describe("osv-scanner.toml", () => {
  test.each([
    ["[[IgnoredVulns]]\nreason = 'r'", "IgnoredVulns[0]", 1, "no id"],
    [
      "[[IgnoredVulns]]\nid = 'CVE-1'\nignoreUntil = 'soon'",
      "IgnoredVulns[0]",
      1,
      "CVE-1 has an expiry that is no date",
    ],
    [
      "\n[[PackageOverrides]]\nignore = true\neffectiveUntil = 'soon'",
      "PackageOverrides[0]",
      2,
      "its expiry is no date",
    ],
    [
      "[[PackageOverrides]]\nvulnerability = { ignored = true }",
      "PackageOverrides[0]",
      1,
      '"ignored" is none of ignore',
    ],
    [
      "[[PackageOverrides]]\nignore = true\nlicense.override = 1",
      "PackageOverrides[0]",
      1,
      '"override" is neither a text nor a list of texts',
    ],
    [
      "[[PackageOverrides]]\nname = 'a'",
      "PackageOverrides[0]",
      2,
      "it has none of ignore, vulnerability.ignore, license",
    ],
    [
      "[[PackageOverrides]]\nname = '(?i)a'\nnameIsRegex = true\nignore = true",
      "PackageOverrides[0]",
      2,
      'the pattern "(?i)a" is not supported',
    ],
  ])("has a rule that is void: %j", (text, place, line, problem) => {
    expect(osvScanner.read(text)).toEqual({ rules: [], problems: [{ place, line, problem }] });
  });

  test.each([
    ["IgnoredVulns = 1", "IgnoredVulns", "it is no list"],
    ["PackageOverrides = { a = 1 }", "PackageOverrides", "it is no list"],
    ["GoVersionOverride = '1.22'", "GoVersionOverride", "which version of Go is looked at is not chosen by this file"],
    ["ScanGoModVersion = true", "ScanGoModVersion", "which version of Go is looked at is not chosen by this file"],
    [
      "Ignored = 1",
      "Ignored",
      '"Ignored" is none of IgnoredVulns, PackageOverrides, GoVersionOverride, ScanGoModVersion',
    ],
  ])("has no rules where it says %j", (text, place, problem) => {
    expect(osvScanner.read(text)).toEqual({ rules: [], problems: [{ place, problem }] });
  });

  test("tells what a rule is about, why, and until when", () => {
    const { rules } = osvScanner.read(`
[[IgnoredVulns]]
id = "CVE-1"
ignoreUntil = 2030-01-01
reason = "ours"
[[PackageOverrides]]
name = "left"
version = "1.0"
ecosystem = "npm"
group = "dev"
ignore = true
effectiveUntil = 2031-01-01
reason = "for tests"
[[PackageOverrides]]
name = "right"
ignore = true
[[PackageOverrides]]
name = "middle"
license.override = ["MIT", "0BSD"]
`);

    // The line is that of the name, where it has one.
    expect(rules).toMatchObject([
      { place: "IgnoredVulns[0]", line: 2, scope: "CVE-1", reason: "ours", expires: { text: "2030-01-01" } },
      {
        place: "PackageOverrides[0]",
        line: 7,
        scope: "everything in npm left 1.0 dev",
        reason: "for tests",
        expires: { text: "2031-01-01" },
      },
      { place: "PackageOverrides[1]", line: 15, scope: "everything in right", reason: undefined, expires: undefined },
      { place: "PackageOverrides[2]", scope: "licences other than MIT, 0BSD in middle" },
    ]);
  });
});

describe("an override of a package", () => {
  const left = pkg("pkg:npm/left@1.0", { scope: "dev" });
  const [license] = everyKindReport.licenses ?? [];
  const ofLicense = { ...license, package: { ...finding("x", left).package } } as LicenseFinding;
  const { package: _, ...inFile } = ofLicense;
  const vulnerability = finding("CVE-1", left, {
    explanation: { ...finding("x", left).explanation, key: { namespace: "npm", name: "left" } },
  });
  const ofDistro = finding("CVE-2", left, {
    explanation: { ...vulnerability.explanation, key: { namespace: "Debian:12", name: "left" } },
  });

  test.each([
    ["name = 'l.*'\nnameIsRegex = true", vulnerability, true],
    ["name = 'e.*'\nnameIsRegex = true", vulnerability, false],
    ["name = 'l.*'", vulnerability, false],
    ["version = '1.0'", vulnerability, true],
    ["version = '1.1'", vulnerability, false],
    ["group = 'dev'", vulnerability, true],
    ["group = 'prod'", vulnerability, false],
    ["ecosystem = 'npm'", vulnerability, true],
    ["ecosystem = 'np'", vulnerability, false],
    ["ecosystem = 'Debian'", ofDistro, true],
    ["ecosystem = 'Debian:12'", ofDistro, true],
    ["ecosystem = 'Debian:1'", ofDistro, false],
    ["ecosystem = 'NPM'", ofLicense, true],
    ["ecosystem = 'PyPI'", ofLicense, false],
    ["name = 'left'", ofLicense, true],
    ["name = 'left'", inFile, false],
    ["", inFile, false],
    ["", everyKindReport.secrets![0]!, false],
  ])("with { %s } takes out a finding: %#", (conditions, found, expected) => {
    const { rules } = osvScanner.read(`[[PackageOverrides]]\nignore = true\n${conditions}`);
    expect(rules[0]?.matches(found, left)).toBe(expected);
  });

  test.each([
    ["['MIT']", true],
    [`['MIT', '${ofLicense.id}']`, false],
    [`['MIT OR (${ofLicense.id.toLowerCase()})']`, false],
    ["[]", undefined],
  ])("of licences takes out those that are none of %s", (licenses, expected) => {
    const { rules } = osvScanner.read(`[[PackageOverrides]]\nname = 'left'\nlicense.override = ${licenses}`);
    expect(rules[0]?.matches(ofLicense, left)).toBe(expected);
    expect(rules[0]?.matches(inFile, left)).toBe(expected === undefined ? undefined : false);
    expect(rules[0]?.matches(vulnerability, left)).toBe(expected === undefined ? undefined : false);
  });

  test("by group takes out nothing in packages that the report does not list", () => {
    const { rules } = osvScanner.read("[[PackageOverrides]]\nignore = true\ngroup = 'dev'");
    expect(rules[0]?.matches(vulnerability, undefined)).toBe(false);
  });

  test("by ecosystem takes out no licence in a package of which none is known", () => {
    const { ecosystem: _ecosystem, ...named } = ofLicense.package!;
    const { rules } = osvScanner.read("[[PackageOverrides]]\nignore = true\necosystem = 'npm'");
    expect(rules[0]?.matches({ ...ofLicense, package: named }, left)).toBe(false);
  });
});
