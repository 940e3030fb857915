import type { AffectedPackage, FeedRecord } from "@plimsoll/model";
import { memoryBytes, sqliteFile } from "@plimsoll/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { grypeDb } from "./index.ts";
import { namespacesOfSystem } from "./namespaces.ts";
import { readConstraint } from "./package-blob.ts";
import { columnsOf } from "./tables.ts";

const blob = (id: number, value: object): string =>
  `INSERT INTO blobs VALUES(${id}, '${JSON.stringify(value).replaceAll("'", "''")}');`;
const range = (constraint: string, fix?: object): object => ({
  version: { type: "rpm", constraint },
  ...(fix === undefined ? {} : { fix }),
});

/** Columns as grype's models declare them, tables as gorm creates them; without indexes, as the database is shipped. */
const sql = [
  "CREATE TABLE `blobs` (`id` integer PRIMARY KEY AUTOINCREMENT,`value` text NOT NULL);",
  "CREATE TABLE `providers` (`id` text,`version` text,`processor` text,`date_captured` datetime,`input_digest` text,PRIMARY KEY (`id`));",
  "CREATE TABLE `vulnerability_handles` (`id` integer PRIMARY KEY AUTOINCREMENT,`name` text NOT NULL,`status` text NOT NULL,`published_date` datetime,`modified_date` datetime,`withdrawn_date` datetime,`provider_id` text NOT NULL,`blob_id` integer,CONSTRAINT `fk_provider` FOREIGN KEY (`provider_id`) REFERENCES `providers`(`id`));",
  "CREATE TABLE `packages` (`id` integer PRIMARY KEY AUTOINCREMENT,`ecosystem` text COLLATE NOCASE,`name` text COLLATE NOCASE);",
  "CREATE TABLE `operating_systems` (`id` integer PRIMARY KEY AUTOINCREMENT,`name` text,`release_id` text,`major_version` text,`minor_version` text,`label_version` text,`codename` text,`channel` text,`eol_date` datetime,`eoas_date` datetime);",
  "CREATE TABLE `affected_package_handles` (`id` integer PRIMARY KEY AUTOINCREMENT,`vulnerability_id` integer NOT NULL,`operating_system_id` integer,`package_id` integer,`blob_id` integer);",
  "CREATE TABLE `cpes` (`id` integer PRIMARY KEY AUTOINCREMENT,`part` text NOT NULL,`vendor` text,`product` text NOT NULL,`edition` text,`language` text,`software_edition` text,`target_hardware` text,`target_software` text,`other` text);",
  "CREATE TABLE `affected_cpe_handles` (`id` integer PRIMARY KEY AUTOINCREMENT,`vulnerability_id` integer NOT NULL,`cpe_id` integer,`blob_id` integer);",
  "CREATE TABLE `epss_metadata` (`date` datetime NOT NULL);",
  "CREATE TABLE `epss_handles` (`id` integer PRIMARY KEY AUTOINCREMENT,`cve` text NOT NULL,`epss` real NOT NULL,`percentile` real NOT NULL);",
  "CREATE TABLE `cwe_handles` (`id` integer PRIMARY KEY AUTOINCREMENT,`cve` text,`cwe` text,`source` text,`type` text);",
  "CREATE TABLE `known_exploited_vulnerability_handles` (`id` integer PRIMARY KEY AUTOINCREMENT,`cve` text NOT NULL,`blob_id` integer);",
  "INSERT INTO vulnerability_handles VALUES(1,'CVE-2024-0001','active','2024-01-01 00:00:00+00:00','2024-02-01 00:00:00+00:00',NULL,'rhel',1);",
  "INSERT INTO vulnerability_handles VALUES(2,'GHSA-aaaa','active',NULL,NULL,NULL,'github',2);",
  "INSERT INTO vulnerability_handles VALUES(3,'CVE-2024-0003','rejected',NULL,NULL,NULL,'nvd',1);",
  "INSERT INTO packages VALUES(1,'rpm','bash'),(2,'python','Zope.Interface'),(3,'unknown','x'),(4,'github-action','Actions/Download-Artifact');",
  "INSERT INTO operating_systems VALUES(1,'rhel','rhel','9','','','','',NULL,NULL),(2,'rhel','rhel','9','4','','','eus',NULL,NULL);",
  "INSERT INTO affected_package_handles VALUES(1,1,1,1,3),(2,2,NULL,2,4),(3,1,2,1,3),(4,2,NULL,3,4),(5,2,NULL,4,4);",
  "INSERT INTO cpes VALUES(1,'a','Redis','redis','','','','','',''),(2,'a','redis','redis','','','','','node.js',''),(3,'o','linux','linux_kernel','','','','','','');",
  "INSERT INTO affected_cpe_handles VALUES(1,1,1,6),(2,1,2,6),(3,1,3,6),(4,2,1,7);",
  blob(1, {
    id: "CVE-2024-0001",
    description: "It's one",
    refs: [{ url: "https://a.example" }],
    severities: [
      { scheme: "CHMLN", value: "important", rank: 1 },
      { scheme: "CVSS", value: { vector: "CVSS:3.1/AV:N", version: "3.1" }, source: "nvd", rank: 2 },
    ],
  }),
  blob(2, { id: "GHSA-aaaa", aliases: ["CVE-2024-0002"], severities: [] }),
  blob(3, {
    ranges: [range("< 0:5.1-9.el9", { version: "0:5.1-9.el9", state: "fixed" })],
    qualifiers: { rpm_modularity: "nodejs:18", architecture: "x86_64" },
  }),
  blob(4, {
    cves: ["CVE-2024-0002"],
    ranges: [range(">=4,<=5", { state: "wont-fix" }), range("", { state: "not-affected" })],
  }),
  blob(5, { cve: "CVE-2024-0001", date_added: "2024-01-05T00:00:00Z", known_ransomware_campaign_use: "Known" }),
  blob(6, { ranges: [range("< 7.0.15", { version: "7.0.15", state: "fixed" })] }),
  blob(7, {
    ranges: [range("< 9")],
    qualifiers: { platform_cpes: ["cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*"] },
  }),
  "INSERT INTO epss_metadata VALUES('2024-03-01 00:00:00+00:00');",
  "INSERT INTO epss_handles VALUES(1,'CVE-2024-0001',0.25,0.5);",
  "INSERT INTO cwe_handles VALUES(1,'CVE-2024-0001','CWE-79','nvd@nist.gov','Primary');",
  "INSERT INTO known_exploited_vulnerability_handles VALUES(1,'CVE-2024-0001',5);",
].join("\n");

async function parse(bytes: Uint8Array): Promise<FeedRecord[]> {
  const records: FeedRecord[] = [];
  const content = memoryBytes(bytes).read(0, bytes.length);
  for await (const record of grypeDb.parse({ name: "vulnerability.db", content })) records.push(record);
  return records;
}

const file = sqliteFile(sql);

describe.skipIf(file === undefined)("a database of the real engine", () => {
  let records: readonly FeedRecord[] = [];
  beforeAll(async () => {
    if (file !== undefined) records = await parse(file);
  });
  const affected = (): readonly AffectedPackage[] =>
    records.flatMap((record) => (record.kind === "advisory" ? record.advisory.affected : []));

  test("states for a distribution what holds for its release", () => {
    expect(affected().filter((each) => each.name === "bash")).toEqual(
      ["baseos", "appstream", "crb"].map((variant) => ({
        advisory: "CVE-2024-0001",
        namespace: `Red Hat:enterprise_linux:9::${variant}`,
        name: "bash",
        severities: [
          { system: "rating", value: "important", source: "rhel" },
          { system: "cvss-3.1", value: "CVSS:3.1/AV:N", source: "nvd" },
        ],
        ranges: [{ introduced: "0", end: { kind: "fixed", version: "0:5.1-9.el9" } }],
        patched: ["0:5.1-9.el9"],
        qualifiers: { modules: ["nodejs:18"], arch: ["x86_64"] },
      })),
    );
  });

  test("states for a library what its ranges say, and leaves out what is not affected", () => {
    expect(affected().filter((each) => each.namespace === "PyPI")).toEqual([
      {
        advisory: "GHSA-aaaa",
        namespace: "PyPI",
        name: "zope-interface",
        ranges: [{ introduced: "4", end: { kind: "last-affected", version: "5" } }],
        status: "will_not_fix",
      },
    ]);
  });

  test("names actions of GitHub in lower case, as look-ups do", () => {
    expect(affected().filter((each) => each.namespace === "GitHub Actions")).toMatchObject([
      { advisory: "GHSA-aaaa", name: "actions/download-artifact" },
    ]);
  });

  test("states for an application by CPE what holds on Linux", () => {
    expect(affected().filter((each) => each.namespace === "CPE")).toMatchObject([
      {
        advisory: "CVE-2024-0001",
        name: "redis:redis",
        ranges: [{ introduced: "0", end: { kind: "fixed", version: "7.0.15" } }],
      },
    ]);
  });

  test("describes vulnerabilities, and leaves out rejected ones", () => {
    const described = records.flatMap((record) => (record.kind === "advisory" ? record.advisory : []));

    expect(described[0]).toMatchObject({
      id: "CVE-2024-0001",
      details: "It's one",
      references: ["https://a.example"],
      published: "2024-01-01T00:00:00Z",
      modified: "2024-02-01T00:00:00Z",
    });
    expect(described[1]).toMatchObject({ id: "GHSA-aaaa", aliases: ["CVE-2024-0002"] });
    expect(records.filter((record) => record.kind === "skipped")).toEqual([
      { kind: "skipped", id: "CVE-2024-0003", reason: "rejected" },
      { kind: "skipped", id: "CVE-2024-0001", reason: "for an operating system that is not supported" },
      { kind: "skipped", id: "GHSA-aaaa", reason: "for packages of type unknown" },
      { kind: "skipped", id: "CVE-2024-0001", reason: "its CPE names no application for Linux" },
      { kind: "skipped", id: "CVE-2024-0001", reason: "its CPE names no application for Linux" },
      { kind: "skipped", id: "GHSA-aaaa", reason: "for another platform" },
    ]);
  });

  test("enriches with scores, weaknesses and exploitation", () => {
    expect(records.filter((record) => record.kind === "enrichment")).toEqual([
      {
        kind: "enrichment",
        cve: "CVE-2024-0001",
        enrichment: { epss: { probability: 0.25, percentile: 0.5, date: "2024-03-01" } },
      },
      { kind: "enrichment", cve: "CVE-2024-0001", enrichment: { cwes: ["CWE-79"] } },
      {
        kind: "enrichment",
        cve: "CVE-2024-0001",
        enrichment: { knownExploited: { dateAdded: "2024-01-05", ransomware: true } },
      },
    ]);
  });

  test("cut short is told", async () => {
    const records = await parse(file?.subarray(0, 5_000) ?? new Uint8Array());

    expect(records.some((record) => record.kind === "diagnostic")).toBe(true);
  });
});

test.each([new Uint8Array(0), new TextEncoder().encode("no database ".repeat(100))])(
  "bytes that are no database are told",
  async (bytes) => {
    expect(await parse(bytes)).toMatchObject([{ kind: "diagnostic", code: "malformed-advisory" }]);
  },
);

describe("constraints", () => {
  const open = { introduced: "0", end: { kind: "open" } };

  test.each<readonly [string, string | undefined, object]>([
    ["", undefined, { ranges: [open] }],
    ["< 2", "2", { ranges: [{ introduced: "0", end: { kind: "fixed", version: "2" } }] }],
    ["< 2", undefined, { ranges: [], expressions: ["< 2"] }],
    [">= 1, < 2", "2", { ranges: [{ introduced: "1", end: { kind: "fixed", version: "2" } }] }],
    [">=1", undefined, { ranges: [{ introduced: "1", end: { kind: "open" } }] }],
    ["<= 2", undefined, { ranges: [{ introduced: "0", end: { kind: "last-affected", version: "2" } }] }],
    ["= 2", undefined, { ranges: [], versions: ["2"] }],
    ["> 1, < 2 || 3", "2", { ranges: [], versions: ["3"], expressions: ["> 1, < 2"] }],
  ])("%j with fix %s", (constraint, fix, expected) => {
    expect(readConstraint(constraint, fix)).toEqual(expected);
  });
});

test.each([
  [{ name: "alpine", major: "3", minor: "20" }, ["Alpine:v3.20"]],
  [{ name: "alpine", label: "edge" }, ["Alpine:edge"]],
  [{ name: "debian", major: "12" }, ["Debian:12"]],
  [{ name: "ubuntu", major: "22", minor: "4" }, ["Ubuntu:22.04:LTS"]],
  [{ name: "ubuntu", major: "23", minor: "10" }, ["Ubuntu:23.10"]],
  [{ name: "rhel", major: "9", minor: "4", channel: "eus" }, []],
  [{ name: "sles", major: "15", minor: "5" }, ["SUSE:Linux Enterprise Server 15 SP5"]],
  [{ name: "amzn", major: "2023" }, ["Amazon Linux:2023"]],
  [{ name: "wolfi" }, ["Wolfi"]],
  [{ name: "windows", major: "11" }, []],
])("%j is looked up as %j", (system, expected) => {
  expect(namespacesOfSystem({ major: "", minor: "", label: "", channel: "", ...system })).toEqual(expected);
});

test("columns are read from the statement that made the table", () => {
  const statement =
    'CREATE TABLE "a" (`id` integer PRIMARY KEY, [b] text DEFAULT (lower("x,y")), c, PRIMARY KEY (`id`), CONSTRAINT d UNIQUE (b,c))';

  expect(columnsOf(statement)).toEqual(["id", "b", "c"]);
});

test.skipIf(file === undefined)(
  "a statement of many ranges for many packages is refused before it is multiplied out",
  async () => {
    const ranges = Array.from({ length: 2_000 }, (_, at) => range(`< ${at}`));
    const handles = Array.from({ length: 2_000 }, (_, at) => `(${100 + at},1,1,1,9)`);
    const hostile = [sql, `INSERT INTO affected_package_handles VALUES${handles.join(",")};`, blob(9, { ranges })].join(
      "\n",
    );

    const records = await parse(sqliteFile(hostile) ?? new Uint8Array());

    expect(records.at(-1)).toMatchObject({ kind: "diagnostic", message: expect.stringContaining("too many packages") });
    expect(records.length).toBeLessThan(100);
  },
);
