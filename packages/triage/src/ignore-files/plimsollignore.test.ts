import { everyKindReport } from "@plimsoll/testkit";
import { findingsOf } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { plimsollignore } from "./plimsollignore.ts";

const read = (entry: string) => plimsollignore.read(`ignore:\n  - ${entry}\n`);
const packages = new Map(everyKindReport.packages.map((pkg) => [pkg.id, pkg]));
const hidden = (entry: string) => {
  const [rule] = read(entry).rules;
  return findingsOf(everyKindReport)
    .filter((finding) =>
      rule?.matches(finding, "package" in finding ? packages.get(finding.package?.id ?? "") : undefined),
    )
    .map(({ id }) => id);
};

describe("a rule of .plimsollignore.yaml", () => {
  test.each([
    ["kinds: [secret, license]", ["aws-access-key-id", "GPL-2.0-only"], "every secret or license"],
    ["kind: misconfiguration, id: DS-0002", ["DS-0002"], "DS-0002"],
    ["ids: [DS-0002, ds-0026]", ["DS-0002", "DS-0026"], "DS-0002, ds-0026"],
    ["packages: [musl, ssl_client]", ["CVE-2020-28928", "GPL-2.0-only"], "everything in musl, ssl_client"],
    [
      "purls: ['pkg:apk/alpine/musl', 'pkg:apk/alpine/ssl_client']",
      ["CVE-2020-28928", "GPL-2.0-only"],
      "everything in pkg:apk/alpine/musl, pkg:apk/alpine/ssl_client",
    ],
    [
      "paths: [Dockerfile, '**/.env']",
      ["aws-access-key-id", "DS-0002", "DS-0026"],
      "everything in Dockerfile, **/.env",
    ],
    [
      "kind: license, package: ssl_client, purl: 'pkg:apk/alpine/ssl_client', path: '**'",
      ["GPL-2.0-only"],
      "every license in ssl_client, pkg:apk/alpine/ssl_client, **",
    ],
    ["kind: license, package: musl", [], "every license in musl"],
  ])("{ %s } takes out %j and is told as %j", (conditions, expected, scope) => {
    const entry = `{ ${conditions}, reason: r }`;

    expect(read(entry)).toMatchObject({ rules: [{ scope, place: "ignore[0]", reason: "r" }], problems: [] });
    expect(hidden(entry)).toEqual(expected);
  });

  test("takes out what was found at several paths where one of them matches", () => {
    const [secret] = everyKindReport.secrets ?? [];
    const twice = { ...secret!, locations: [{ path: "srv/a" }, { path: "opt/b" }] };
    const { rules } = read("{ path: opt/*, reason: r }");

    expect(rules.map((rule) => rule.matches(twice, undefined))).toEqual([true]);
  });

  test("tells until when it holds", () => {
    expect(read("{ id: CVE-1, reason: r, expires: 2030-01-01, owner: '' }").rules).toMatchObject([
      { reason: "r", expires: { text: "2030-01-01" } },
    ]);
  });

  test.each([
    ["{ kind: secrets, reason: r }", '"secrets" is none of vulnerability, secret, license, misconfiguration'],
    ["{ kinds: [secret, text], reason: r }", '"text" is none of vulnerability, secret, license, misconfiguration'],
    ["{ purl: left, reason: r }", '"left" is not a package URL'],
    ["{ ids: [CVE-1, ''], reason: r }", '"ids" is neither a text nor a list of texts'],
  ])("%s is void: %s", (entry, problem) => {
    expect(read(entry)).toEqual({ rules: [], problems: [{ place: "ignore[0]", problem }] });
  });

  test.each([
    ["ignore: CVE-1", [{ place: "ignore", problem: "it is no list" }]],
    ["ignore:", []],
    ["ignore: ''", []],
    ["vulnerabilities: []", [{ place: "vulnerabilities", problem: '"vulnerabilities" is none of ignore' }]],
  ])("%s has none", (text, problems) => {
    expect(plimsollignore.read(text)).toEqual({ rules: [], problems });
  });
});
