import fc from "fast-check";
import type { Advisory, FeedRecord } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { readOsvRecord } from "./record.ts";

const affected = {
  package: { ecosystem: "npm", name: "left-pad" },
  ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.3.1" }] }],
};

function records(record: object, folder?: string): FeedRecord[] {
  return [...readOsvRecord(record, "all.zip!/x.json", folder)];
}

function advisory(record: object, folder?: string): Advisory {
  const [first] = records({ id: "X-1", modified: "2024-01-01T00:00:00Z", affected: [affected], ...record }, folder);
  if (first?.kind !== "advisory") throw new Error(JSON.stringify(first));
  return first.advisory;
}

test("a record keeps its facts", () => {
  const record = {
    id: "GHSA-1",
    aliases: ["CVE-2024-0001", "GHSA-1"],
    related: ["CVE-2024-0002"],
    published: "2024-01-01T00:00:00Z",
    modified: "2024-01-02T00:00:00.5Z",
    summary: "Padding",
    details: "Too much of it.",
    severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
    references: [{ type: "WEB", url: "https://a.example" }, { type: "FIX", url: "https://a.example" }, { type: "X" }],
    database_specific: { cwe_ids: ["CWE-79"], severity: "HIGH" },
    credits: [{ name: "Somebody" }],
  };

  expect(advisory(record, "npm")).toEqual({
    id: "GHSA-1",
    source: "osv/npm",
    aliases: ["CVE-2024-0001"],
    published: "2024-01-01T00:00:00Z",
    modified: "2024-01-02T00:00:00.5Z",
    summary: "Padding",
    details: "Too much of it.",
    severities: [
      { system: "cvss-3.1", value: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", source: "ghsa" },
      { system: "rating", value: "HIGH", source: "ghsa" },
    ],
    cwes: ["CWE-79"],
    references: ["https://a.example"],
    affected: [
      {
        advisory: "GHSA-1",
        namespace: "npm",
        name: "left-pad",
        ranges: [{ introduced: "0", end: { kind: "fixed", version: "1.3.1" } }],
      },
    ],
  });
});

describe("what an advisory covers is kept apart from what it is", () => {
  const alma = { ...affected, package: { ecosystem: "AlmaLinux:9", name: "bash" } };

  test.each<readonly [string, object, readonly string[], readonly string[] | undefined]>([
    ["aliases are the same vulnerability", { aliases: ["CVE-2024-0001"] }, ["CVE-2024-0001"], undefined],
    [
      "upstream is what it covers",
      { upstream: ["CVE-2024-0001", "CVE-2024-0002"] },
      [],
      ["CVE-2024-0001", "CVE-2024-0002"],
    ],
    ["related is merely similar", { related: ["CVE-2024-0001"] }, [], undefined],
    [
      "related CVEs of an erratum are what it covers",
      { affected: [alma], related: ["CVE-2024-0001", "ALSA-2023:1"] },
      [],
      ["CVE-2024-0001"],
    ],
    [
      "an erratum with upstream needs no guess",
      { affected: [alma], upstream: ["CVE-2024-0001"], related: ["CVE-2024-0002"] },
      [],
      ["CVE-2024-0001"],
    ],
  ])("%s", (_, record, aliases, upstream) => {
    expect(advisory(record)).toMatchObject({ aliases });
    expect(advisory(record).upstream).toEqual(upstream);
  });
});

describe("modules of distributions", () => {
  const modular = (fixed: string): object => ({
    package: { ecosystem: "AlmaLinux:8", name: "postgresql" },
    ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed }] }],
  });

  test.each([
    ["Important: postgresql:12 security update", "12.17-1.module_el8.9.0+3704+f1f917ce", ["postgresql:12"]],
    [
      "Low: virt:rhel and virt-devel:rhel security, bug fix update",
      "1-1.module+el8.9.0+1",
      ["virt:rhel", "virt-devel:rhel"],
    ],
    ["Important: pki-deps:10.6, idm:DL1 security update", "1-1.module_el8.9.0+1", ["pki-deps:10.6", "idm:DL1"]],
    ["Moderate: ruby security update", "1-1.module_el8.9.0+1", undefined],
    ["Important: postgresql:12 security update", "12.17-1.el8", undefined],
  ])("%s fixed in %s speaks of %s", (summary, fixed, modules) => {
    expect(
      advisory({ id: "ALSA-2023:7714", summary, affected: [modular(fixed)] }).affected[0]?.qualifiers?.modules,
    ).toEqual(modules);
  });

  test.each(["ALBA-2022:1831", "ALEA-2020:0346"])("%s is no vulnerability", (id) => {
    expect(records({ id, affected: [modular("1-1.module_el8.9.0+1")] }, "AlmaLinux")).toEqual([
      { kind: "skipped", id, reason: "no security advisory", source: "osv/AlmaLinux" },
    ]);
  });
});

describe("ratings", () => {
  test.each<readonly [string, object, unknown]>([
    ["AlmaLinux opens its title with one", { id: "ALSA-2024:1", summary: "Important: bash" }, ["Important", "alma"]],
    ["Bitnami has a word", { id: "BIT-x-1", database_specific: { severity: "Critical" } }, ["Critical", "bitnami"]],
    [
      "Ubuntu has a priority",
      { id: "UBUNTU-CVE-1", severity: [{ type: "Ubuntu", score: "medium" }] },
      ["medium", "ubuntu"],
    ],
  ])("%s", (_, record, expected) => {
    expect(advisory(record).severities.map(({ value, source }) => [value, source])).toEqual([expected]);
  });

  test.each<readonly [string, object, unknown]>([
    ["Debian's urgency", { ecosystem_specific: { urgency: "unimportant" } }, [["rating", "unimportant"]]],
    ["no urgency yet", { ecosystem_specific: { urgency: "not yet assigned" } }, undefined],
    [
      "a vector of RustSec",
      { database_specific: { cvss: "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H" } },
      [["cvss-3.0", "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H"]],
    ],
    ["a score without a vector", { database_specific: { cvss_v2: 9.5, cvss_v3: 7.5 } }, [["rating", "HIGH"]]],
    [
      "a version 2 vector",
      { severity: [{ type: "CVSS_V2", score: "AV:N/AC:L/Au:N/C:P/I:P/A:P" }] },
      [["cvss-2.0", "AV:N/AC:L/Au:N/C:P/I:P/A:P"]],
    ],
  ])("%s holds for the package", (_, extra, expected) => {
    const [entry] = advisory({ affected: [{ ...affected, ...extra }] }).affected;

    expect(entry?.severities?.map(({ system, value }) => [system, value])).toEqual(expected);
  });
});

describe("facts that narrow an entry down", () => {
  test.each<readonly [string, object, unknown]>([
    [
      "symbols of Go packages",
      {
        ecosystem_specific: {
          imports: [{ path: "a/b", symbols: ["F", "T.M"], goos: ["linux"] }, { symbols: ["lost"] }],
        },
      },
      { imports: [{ path: "a/b", symbols: ["F", "T.M"], goos: ["linux"] }] },
    ],
    [
      "ranges outside of the module proxy",
      {
        ecosystem_specific: {
          custom_ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "5" }, { introduced: "6" }] }],
        },
      },
      { customRanges: [">=0 <5", ">=6"] },
    ],
    [
      "crates that are not vulnerable",
      { database_specific: { informational: "unmaintained" } },
      { informational: "unmaintained" },
    ],
    [
      "architectures and functions of crates",
      { ecosystem_specific: { affects: { arch: ["x86"], os: ["windows", "linux"], functions: ["a::b"] } } },
      { arch: ["x86"], os: ["windows", "linux"], functions: ["a::b"] },
    ],
    ["Debian's urgency", { ecosystem_specific: { urgency: "low" } }, { urgency: "low" }],
    [
      "Ubuntu's binary packages",
      { ecosystem_specific: { binaries: [{ binary_name: "libssl3", binary_version: "3" }, { openssl: "3" }] } },
      { binaries: ["libssl3", "openssl"] },
    ],
    ["nothing", { ecosystem_specific: {}, database_specific: null }, undefined],
  ])("%s", (_, extra, expected) => {
    expect(advisory({ affected: [{ ...affected, ...extra }] }).affected[0]?.qualifiers).toEqual(expected);
  });

  test.each([
    ["fixed", "fixed"],
    ["pending-upstream-fix", "fix_deferred"],
    ["fix-not-planned", "will_not_fix"],
    ["true-positive-determination", "affected"],
    ["something new", undefined],
  ])("status %s means %s", (status, expected) => {
    expect(advisory({ affected: [{ ...affected, database_specific: { status } }] }).affected[0]?.status).toBe(expected);
  });
});

test.each([
  ["PyPI", "Zope.Interface_X", "zope-interface-x"],
  ["NuGet", "Newtonsoft.Json", "newtonsoft.json"],
  ["Packagist", "Symfony/Http-Kernel", "symfony/http-kernel"],
  ["npm", "JSONStream", "JSONStream"],
  ["Go", "github.com/Masterminds/goutils", "github.com/Masterminds/goutils"],
  ["Debian:12", "linux", "linux"],
])("in %s, %s is looked up as %s", (ecosystem, name, expected) => {
  expect(advisory({ affected: [{ ...affected, package: { ecosystem, name } }] }).affected[0]?.name).toBe(expected);
});

describe("every record is either kept or left out with a reason", () => {
  test.each<readonly [string, unknown, string]>([
    ["taken back", { id: "X-1", withdrawn: "2024-01-01T00:00:00Z", modified: "2023-06-01T00:00:00Z" }, "withdrawn"],
    ["nothing affected", { id: "X-1" }, "no affected packages"],
    ["no package named", { id: "X-1", affected: [{ ranges: [] }] }, "names no package"],
    [
      "commits only",
      { id: "X-1", affected: [{ package: affected.package, ranges: [{ type: "GIT", events: [] }] }] },
      "only ranges of commits",
    ],
    ["no versions", { id: "X-1", affected: [{ package: affected.package }] }, "neither ranges nor versions"],
    ["no object", [1], "unreadable"],
    ["no id", { affected: [affected] }, "unreadable"],
  ])("%s", (_, record, reason) => {
    const [skipped] = [...readOsvRecord(record, "p", "npm")].filter((each) => each.kind !== "diagnostic");

    expect(skipped).toMatchObject({ kind: "skipped", reason, source: "osv/npm" });
  });

  test("a withdrawal announced for a far future is not in force", () => {
    expect(advisory({ withdrawn: "3001-06-06T10:37:00Z" }).withdrawn).toBeUndefined();
  });

  test("an unusable part is told and does not take the rest with it", () => {
    const kinds = records({ id: "X-1", affected: [{ package: { ecosystem: "npm" } }, affected] });

    expect(kinds).toMatchObject([
      { kind: "advisory", advisory: { affected: [{ name: "left-pad" }] } },
      { kind: "diagnostic", effect: "none", message: "Part of X-1 is left out: names no package" },
    ]);
  });

  test("any JSON gives exactly one record and never throws", () => {
    const keys = fc.constantFrom(
      "id",
      "affected",
      "package",
      "ranges",
      "events",
      "versions",
      "ecosystem",
      "name",
      "__proto__",
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, fc.string(), fc.integer(), fc.constant(null), tie("list"), tie("object")),
      list: fc.array(tie("value"), { maxLength: 3 }),
      object: fc.dictionary(keys, tie("value"), { maxKeys: 6 }),
    }));
    fc.assert(
      fc.property(value, (record) => {
        const kept = [...readOsvRecord(record, "p", undefined)].filter((each) => each.kind !== "diagnostic");
        expect(kept).toHaveLength(1);
      }),
    );
  });
});

test.each([
  ["npm", ["npm"], "osv/npm"],
  ["PyPI", ["npm", "PyPI"], "osv/PyPI"],
  ["backup", ["Alpine:v3.20"], "osv/Alpine"],
  [undefined, ["Go"], "osv/Go"],
])("a record in folder %s about %j is counted under %s", (folder, ecosystems, source) => {
  const entries = ecosystems.map((ecosystem) => ({ ...affected, package: { ecosystem, name: "x" } }));

  expect(advisory({ affected: entries }, folder).source).toBe(source);
});
