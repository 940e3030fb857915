import type { FixStatus } from "@plimsoll/model";
import { fixStatuses } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { finding, pkg } from "../fixtures/literal-findings.ts";
import { grype } from "./grype.ts";

const read = (entry: string) => grype.read(`ignore:\n  - ${entry}\n`);

describe("a rule of .grype.yaml", () => {
  test.each<[string, readonly FixStatus[]]>([
    ["fixed", ["fixed"]],
    ["not-fixed", ["affected", "fix_deferred", "end_of_life"]],
    ["wont-fix", ["will_not_fix"]],
    ["unknown", ["under_investigation"]],
  ])("about the fix state %s means the statuses %j", (state, expected) => {
    const [rule] = read(`fix-state: ${state}`).rules;
    const lib = pkg("pkg:npm/left@1.0");

    expect(fixStatuses.filter((status) => rule?.matches(finding("CVE-1", lib, { status }), lib)).toSorted()).toEqual(
      expected.toSorted(),
    );
  });

  test.each([
    ["maven", ["java-archive", "jenkins-plugin", "java", "maven"]],
    ["pypi", ["python", "pypi"]],
    ["golang", ["go-module", "go"]],
    ["cargo", ["rust-crate", "rust"]],
    ["composer", ["php-composer", "php"]],
    ["gem", ["gem", "ruby"]],
    ["npm", ["npm", "javascript"]],
    ["nuget", ["dotnet", "nuget"]],
    ["pub", ["dart-pub", "dart"]],
    ["deb", ["deb"]],
  ])("about packages means those of %s where it says any of %j", (type, words) => {
    const packages = ["maven", "pypi", "golang", "cargo", "composer", "gem", "npm", "nuget", "pub", "deb"].map((each) =>
      pkg(`pkg:${each}/left@1.0`),
    );
    const hidden = (entry: string) =>
      packages
        .filter((of) => read(entry).rules[0]?.matches(finding("CVE-1", of), of))
        .map(({ ecosystem }) => ecosystem);

    for (const word of words) {
      expect(hidden(`package: { type: ${word} }`)).toEqual([type]);
      expect(hidden(`package: { language: ${word} }`)).toEqual([type]);
    }
  });

  const lib = pkg("pkg:deb/debian/libssl3@3.0", {
    source: { name: "openssl", version: "3.0" },
    locations: [
      { path: "var/lib/dpkg/status", evidence: "installed" },
      { path: "srv/lib", evidence: "installed" },
    ],
  });
  const found = finding("CVE-1", lib);

  test.each([
    ["version: '3.0'", true],
    ["version: '3.1'", false],
    ["upstream-name: openssl", true],
    ["upstream-name: libssl3", true],
    ["upstream-name: open", false],
    ["name: openssl", false],
    ["location: srv/*", true],
    ["location: '/var/lib/**'", true],
    ["location: opt/*", false],
  ])("about a package with { %s }: %s", (condition, expected) => {
    expect(read(`package: { ${condition} }`).rules[0]?.matches(found, lib)).toBe(expected);
  });

  test.each([
    ["upstream-name: openssl", false],
    ["upstream-name: libssl3", true],
    ["location: '**'", false],
    ["version: '3.0'", true],
  ])("about a package that the report does not list, with { %s }: %s", (condition, expected) => {
    expect(read(`package: { ${condition} }`).rules[0]?.matches(found, undefined)).toBe(expected);
  });

  test("about a package type means no package whose URL cannot be read", () => {
    const unreadable = { ...found, package: { ...found.package, purl: "libssl3" } };
    expect(read("package: { type: deb }").rules[0]?.matches(unreadable, lib)).toBe(false);
  });

  test.each([
    ["vulnerability: CVE-1", "CVE-1", undefined],
    ["{ vulnerability: CVE-1, reason: ours, fix-state: fixed }", "CVE-1, fix-state fixed", "ours"],
    ["{ package: { name: left, version: '1.0' } }", "name left, version 1.0", undefined],
  ])("%s is told as %j", (entry, scope, reason) => {
    expect(read(entry)).toMatchObject({ rules: [{ scope, place: "ignore[0]", reason }], problems: [] });
  });

  test.each([
    ["namespace: nvd", 'the condition "namespace" is not supported'],
    ["match-type: exact-direct-match", 'the condition "match-type" is not supported'],
    ["vex-status: fixed", 'the condition "vex-status" is not supported'],
    ["vex-justification: none", 'the condition "vex-justification" is not supported'],
    ["{ vulnerability: CVE-1, include-aliases: perhaps }", '"include-aliases" is neither true nor false'],
    ["CVE-1", "not a mapping"],
  ])("%s is void: %s", (entry, problem) => {
    expect(read(entry)).toEqual({ rules: [], problems: [{ place: "ignore[0]", problem }] });
  });
});
