import { readdirSync } from "node:fs";
import { parseYaml } from "@plimsoll/formats";
import type { AdvisoryStore } from "@plimsoll/model";
import { boltFile, memoryBytes, sharedFile, sharedPath } from "@plimsoll/testkit";
import type { BoltContent } from "@plimsoll/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { trivyDb } from "../feeds/trivy-db/index.ts";
import { buildStore } from "./build-store.ts";
import { openStore } from "./open-store.ts";
import { openTrivyStore } from "./trivy-store.ts";

const json = (value: unknown): string => JSON.stringify(value);

const content: BoltContent = {
  "data-source": {
    "alpine 3.20": json({ ID: "alpine" }),
    "npm::GitHub Security Advisory npm": json({ ID: "ghsa" }),
    "root.io debian 12": json({ ID: "rootio", BaseID: "debian" }),
    "Red Hat": json({ ID: "redhat-oval" }),
  },
  "Red Hat CPE": {
    cpe: {
      "1": json("cpe:/o:redhat:enterprise_linux:9::baseos"),
      "2": json("cpe:/a:redhat:enterprise_linux:9::appstream"),
    },
  },
  vulnerability: {
    "CVE-2024-0001": json({
      Title: "A title",
      Description: "A description",
      CweIDs: ["CWE-79"],
      CVSS: {
        nvd: { V3Vector: "CVSS:3.1/AV:N", V2Vector: "AV:N/AC:L", V3Score: 9 },
        ghsa: { V40Vector: "CVSS:4.0/AV:N" },
      },
      VendorSeverity: { alpine: 3, nvd: 4, ghsa: 0 },
      References: ["https://a.example"],
      PublishedDate: "2024-01-01T00:00:00Z",
      LastModifiedDate: "2024-02-01T00:00:00Z",
    }),
  },
  "alpine 3.20": {
    openssl: { "CVE-2024-0001": json({ FixedVersion: "3.1.4-r6" }), "CVE-2024-0002": json({}) },
    busybox: { "CVE-2024-0003": json({ Status: 1 }), "CVE-2024-0004": json({ Status: 5, Severity: 1 }) },
  },
  "rocky 9": {
    bash: {
      "CVE-2024-0005": json({
        FixedVersion: "0:1",
        Entries: [
          { FixedVersion: "0:1", Arches: ["x86_64"] },
          { FixedVersion: "0:2", Arches: ["aarch64", "noarch"] },
        ],
      }),
    },
  },
  "npm::GitHub Security Advisory npm": {
    lodash: { "CVE-2024-0001": json({ VulnerableVersions: ["< 4.17.12"], PatchedVersions: ["4.17.12"] }) },
    always: { "GHSA-xxxx": json({ VulnerableVersions: [""], PatchedVersions: ["1"] }) },
    never: { "GHSA-yyyy": json({ PatchedVersions: [">=2"], UnaffectedVersions: ["<1"] }) },
  },
  "npm::Node.js Ecosystem Security Working Group": {
    lodash: { "NSWG-ECO-1": json({ VulnerableVersions: ["<=4.17.4"] }) },
  },
  "pip::GitHub Security Advisory pip": { "zope.interface": { "CVE-2024-0006": json({ VulnerableVersions: ["<5"] }) } },
  "Red Hat": {
    bash: {
      "RHSA-2024:1": json({
        Entries: [
          {
            FixedVersion: "0:5.1-9.el9",
            Affected: [1],
            Cves: [{ ID: "CVE-2024-0007", Severity: 3 }, { ID: "CVE-2024-0008" }],
          },
        ],
      }),
      "CVE-2024-0009": json({ Entries: [{ Status: 5, Affected: [1, 2, 9], Cves: [{ Severity: 1 }] }] }),
    },
    "nodejs:18::npm": {
      "RHSA-2024:2": json({ Entries: [{ FixedVersion: "1:9", Affected: [2], Cves: [{ ID: "CVE-2024-0010" }] }] }),
    },
  },
  "root.io debian 12": { bash: { "CVE-2024-0011": json({ FixedVersion: "1" }) } },
};

const bytes = boltFile(content);

describe.skipIf(bytes === undefined).each([
  ["as it is", async () => openTrivyStore(memoryBytes(bytes ?? new Uint8Array()))],
  ["converted", async () => convert(bytes ?? new Uint8Array())],
] as const)("a Trivy database read %s", (_, open) => {
  let store: AdvisoryStore;
  beforeAll(async () => {
    if (bytes !== undefined) store = await open();
  });

  test.each<readonly [string, string, readonly unknown[]]>([
    [
      "Alpine:v3.20",
      "openssl",
      [
        {
          advisory: "CVE-2024-0001",
          ranges: [{ introduced: "0", end: { kind: "fixed", version: "3.1.4-r6" } }],
          severities: [{ system: "rating", value: "HIGH", source: "alpine" }],
        },
        { advisory: "CVE-2024-0002", ranges: [{ introduced: "0", end: { kind: "open" } }] },
      ],
    ],
    [
      "Alpine:v3.20",
      "busybox",
      [
        {
          advisory: "CVE-2024-0004",
          ranges: [{ introduced: "0", end: { kind: "open" } }],
          severities: [{ system: "rating", value: "LOW", source: "alpine" }],
          status: "will_not_fix",
        },
      ],
    ],
    [
      "Rocky Linux:9",
      "bash",
      [
        {
          advisory: "CVE-2024-0005",
          ranges: [{ introduced: "0", end: { kind: "fixed", version: "0:1" } }],
          qualifiers: { arch: ["x86_64"] },
        },
        {
          advisory: "CVE-2024-0005",
          ranges: [{ introduced: "0", end: { kind: "fixed", version: "0:2" } }],
          qualifiers: { arch: ["aarch64", "noarch"] },
        },
      ],
    ],
    [
      "npm",
      "lodash",
      [
        {
          advisory: "CVE-2024-0001",
          ranges: [],
          expressions: ["< 4.17.12"],
          unaffectedExpressions: ["4.17.12"],
          patched: ["4.17.12"],
        },
        { advisory: "NSWG-ECO-1", ranges: [], expressions: ["<=4.17.4"] },
      ],
    ],
    ["npm", "always", [{ advisory: "GHSA-xxxx", ranges: [{ introduced: "0", end: { kind: "open" } }] }]],
    [
      "npm",
      "never",
      [
        {
          advisory: "GHSA-yyyy",
          ranges: [{ introduced: "0", end: { kind: "open" } }],
          unaffectedExpressions: [">=2", "<1"],
          patched: [">=2"],
        },
      ],
    ],
    ["PyPI", "zope-interface", [{ advisory: "CVE-2024-0006", ranges: [], expressions: ["<5"] }]],
    [
      "Red Hat:enterprise_linux:9::baseos",
      "bash",
      [
        {
          advisory: "CVE-2024-0007",
          ranges: [{ introduced: "0", end: { kind: "fixed", version: "0:5.1-9.el9" } }],
          severities: [{ system: "rating", value: "HIGH", source: "redhat" }],
        },
        { advisory: "CVE-2024-0008", ranges: [{ introduced: "0", end: { kind: "fixed", version: "0:5.1-9.el9" } }] },
        {
          advisory: "CVE-2024-0009",
          ranges: [{ introduced: "0", end: { kind: "open" } }],
          severities: [{ system: "rating", value: "LOW", source: "redhat" }],
          status: "will_not_fix",
          // A module would be named, as it is for npm, and no version tells what the entry is of.
          qualifiers: { modules: [] },
        },
      ],
    ],
    ["Alpine:v3.20", "absent", []],
    ["Debian:12", "bash", []],
  ])("states under %s / %s what the entry says", async (namespace, name, expected) => {
    const [found = []] = await store.find([{ namespace, name, version: "1" }]);

    const byId = [...found].sort((a, b) => (a.advisory < b.advisory ? -1 : a.advisory > b.advisory ? 1 : 0));
    expect(byId).toEqual(expected.map((statement) => ({ ...(statement as object), namespace, name })));
  });

  test("keeps what is known of a vulnerability", async () => {
    expect(await store.enrich(["CVE-2024-0001", "CVE-2024-0002"])).toEqual([
      {
        severities: [
          { system: "cvss-3.1", value: "CVSS:3.1/AV:N", source: "nvd" },
          { system: "cvss-2.0", value: "AV:N/AC:L", source: "nvd" },
          { system: "cvss-4.0", value: "CVSS:4.0/AV:N", source: "ghsa" },
          { system: "rating", value: "HIGH", source: "alpine" },
          { system: "rating", value: "CRITICAL", source: "nvd" },
        ],
        cwes: ["CWE-79"],
        title: "A title",
        description: "A description",
        published: "2024-01-01T00:00:00Z",
        modified: "2024-02-01T00:00:00Z",
      },
      undefined,
    ]);
  });

  test("covers what has a bucket", () => {
    const names = ["Alpine:v3.20", "Alpine:v3.19", "npm", "Red Hat:enterprise_linux:9::baseos", "Red Hat", "Debian:12"];

    expect(names.map((name) => store.covers(name))).toEqual([true, false, true, true, false, false]);
  });
});

test.skipIf(bytes === undefined)("modules of Red Hat stand before the name", async () => {
  const store = await openTrivyStore(memoryBytes(bytes ?? new Uint8Array()));
  const converted = await convert(bytes ?? new Uint8Array());
  const key = { namespace: "Red Hat:enterprise_linux:9::appstream", name: "npm", version: "1" };

  expect((await converted.find([key]))[0]).toMatchObject([
    { advisory: "CVE-2024-0010", qualifiers: { modules: ["nodejs:18"] } },
  ]);
  expect((await store.find([key]))[0]).toMatchObject([
    { advisory: "CVE-2024-0010", qualifiers: { modules: ["nodejs:18"] } },
  ]);
});

describe.skipIf(bytes === undefined)("what the sources of a Trivy database mean", () => {
  const odd = boltFile({
    "amazon linux 2": {
      jq: { "CVE-1": json({ FixedVersion: ["a", "b"] }) },
      bash: { "CVE-2": json({ FixedVersion: "1" }) },
    },
    "openSUSE Leap 15.3": { postgresql: { "CVE-3": json({ FixedVersion: "" }), "CVE-4": json({ FixedVersion: "2" }) } },
    echo: { apache2: { "CVE-5": json(null) } },
    "root.io debian 12": { openssl: { "CVE-6": json({ VulnerableVersions: ["<2"], PatchedVersions: ["2"] }) } },
    "seal Red Hat 6": { "seal-wget": { "CVE-7": json({ VulnerableVersions: ["<1.1"] }) } },
    "rapidfort ubuntu": { curl: { "CVE-8": json({ VulnerableVersions: ["<3"] }) } },
  });

  test.each([
    ["Amazon Linux:2", "bash", ["CVE-2"]],
    ["openSUSE:Leap 15.3", "postgresql", ["CVE-4"]],
    ["Echo", "apache2", ["CVE-5"]],
    ["Root:Debian:12", "openssl", ["CVE-6"]],
    ["Seal:Red Hat:6", "seal-wget", ["CVE-7"]],
    ["RapidFort:Ubuntu", "curl", ["CVE-8"]],
  ])("%s, %s: %j", async (namespace, name, ids) => {
    const key = { namespace, name, version: "1" };
    for (const store of [
      await openTrivyStore(memoryBytes(odd ?? new Uint8Array())),
      await convert(odd ?? new Uint8Array()),
    ])
      expect((await store.find([key]))[0]?.map(({ advisory }) => advisory)).toEqual(ids);
  });

  test("an advisory that does not follow the schema is told, and skipped when the database is converted", async () => {
    const key = { namespace: "Amazon Linux:2", name: "jq", version: "1" };
    const store = await openTrivyStore(memoryBytes(odd ?? new Uint8Array()));

    await expect(store.find([key])).rejects.toMatchObject({
      failure: { kind: "store-unreadable", reason: "trivy-db: amazon linux 2, jq, CVE-1: FixedVersion is no text" },
    });
    const records = [];
    const source = memoryBytes(odd ?? new Uint8Array());
    for await (const record of trivyDb.parse({ name: "trivy.db", content: source.read(0, source.size), bytes: source }))
      if (record.kind === "skipped") records.push(record);
    expect(records).toEqual([{ kind: "skipped", id: "amazon linux 2, jq, CVE-1", reason: "FixedVersion is no text" }]);
  });
});

test("a file that is no database is told", async () => {
  await expect(openTrivyStore(memoryBytes(new Uint8Array(20_000)), { label: "x.db" })).rejects.toMatchObject({
    failure: { kind: "store-unreadable", label: "x.db" },
  });
});

async function convert(database: Uint8Array): Promise<AdvisoryStore> {
  const chunks: Uint8Array[] = [];
  const source = memoryBytes(database);
  await buildStore({
    documents: [{ name: "trivy-db/trivy.db", content: source.read(0, source.size), bytes: source }],
    feeds: [trivyDb],
    output: { write: (chunk) => void chunks.push(chunk) },
  });
  return openStore(memoryBytes(new Uint8Array(chunks.flatMap((chunk) => [...chunk]))));
}

const folder = sharedPath("conformance/e2e/db");

describe.skipIf(folder === undefined || bytes === undefined)("the database of the conformance data", () => {
  test("gives every fixed version of every distribution it knows", async () => {
    const { root, expected } = readConformance(folder ?? "");
    const file = boltFile(root);
    const store = await openTrivyStore(memoryBytes(file ?? new Uint8Array()));
    const namespaces = new Map([
      [/^alpine (\d.+)$/, "Alpine:v$1"],
      [/^debian (.+)$/, "Debian:$1"],
      [/^alma (.+)$/, "AlmaLinux:$1"],
      [/^Photon OS (.+)$/, "Photon OS:$1"],
      [/^amazon linux (.+)$/, "Amazon Linux:$1"],
    ]);
    let checked = 0;
    for (const { bucket, name, id, fixed } of expected) {
      const [pattern, replacement = ""] = [...namespaces].find(([each]) => each.test(bucket)) ?? [];
      if (pattern === undefined) continue;
      const key = { namespace: bucket.replace(pattern, replacement), name, version: "1" };
      const [rows = []] = await store.find([key]);
      const row = rows.find(({ advisory }) => advisory === id);
      expect(row?.ranges ?? [`${bucket} ${name} ${id}`]).toContainEqual({
        introduced: "0",
        end: fixed === undefined ? { kind: "open" } : { kind: "fixed", version: fixed },
      });
      checked++;
    }
    expect(checked).toBeGreaterThan(20);
  });
});

interface Pair {
  readonly bucket?: string;
  readonly key?: string;
  readonly value?: unknown;
  readonly pairs?: readonly Pair[];
}

function readConformance(path: string): {
  readonly root: BoltContent;
  readonly expected: readonly { bucket: string; name: string; id: string; fixed: string | undefined }[];
} {
  const root: Record<string, BoltContent> = {};
  const expected: { bucket: string; name: string; id: string; fixed: string | undefined }[] = [];
  for (const file of readdirSync(path).sort()) {
    const buckets = parseYaml(sharedFile(`conformance/e2e/db/${file}`) ?? "")[0] as readonly Pair[];
    for (const { bucket = "", pairs = [] } of buckets.filter((each) => each.bucket)) {
      root[bucket] = { ...root[bucket], ...fill(pairs) };
      for (const { bucket: name, pairs: advisories = [] } of pairs) {
        for (const { key, value } of advisories) {
          const facts = (value ?? {}) as { FixedVersion?: string; Entries?: unknown };
          if (name === undefined || key === undefined || facts.Entries !== undefined) continue;
          expected.push({ bucket, name, id: key, fixed: facts.FixedVersion });
        }
      }
    }
  }
  return { root, expected };
}

/** A bucket may be named several times. */
function fill(pairs: readonly Pair[]): BoltContent {
  const content: Record<string, string | BoltContent> = {};
  for (const { bucket, key, value, pairs: inner = [] } of pairs) {
    if (bucket) content[bucket] = { ...(content[bucket] as BoltContent | undefined), ...fill(inner) };
    else if (key) content[key] = JSON.stringify(value ?? {}, asNumber);
  }
  return content;
}

/** The YAML reader keeps every scalar as text; the database has numbers here. */
function asNumber(name: string, value: unknown): unknown {
  if (name === "Affected" && Array.isArray(value)) return value.map(Number);
  return ["Severity", "Status"].includes(name) && /^[\d.]+$/.test(String(value)) ? Number(value) : value;
}
