import type { AdvisoryFeed, FeedRecord } from "@plimsoll/model";
import { wrongContainers } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { alpineSecdb } from "./feeds/alpine-secdb/index.ts";
import { amazon } from "./feeds/amazon/index.ts";
import { arch } from "./feeds/arch/index.ts";
import { csaf } from "./feeds/csaf/index.ts";
import { cve } from "./feeds/cve/index.ts";
import { debianTracker } from "./feeds/debian-tracker/index.ts";
import { endOfLife } from "./feeds/end-of-life/index.ts";
import { errata } from "./feeds/errata/index.ts";
import { nvd } from "./feeds/nvd/index.ts";
import { osvFeed } from "./feeds/osv/index.ts";
import { photon } from "./feeds/photon/index.ts";
import { ubuntuVex } from "./feeds/ubuntu-vex/index.ts";

const vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

/** One document of each feed, with everything in it that is read. */
const documents: readonly (readonly [feed: AdvisoryFeed, name: string, document: unknown])[] = [
  [
    osvFeed(),
    "npm/GHSA-aaaa-bbbb-cccc.json",
    {
      id: "GHSA-aaaa-bbbb-cccc",
      modified: "2024-01-01T00:00:00Z",
      aliases: ["CVE-2024-0001"],
      severity: [{ type: "CVSS_V3", score: vector }],
      references: [{ type: "WEB", url: "https://example.org" }],
      affected: [
        {
          package: { ecosystem: "npm", name: "a" },
          ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.0.0" }] }],
          versions: ["0.9.0"],
        },
        {
          package: { ecosystem: "npm", name: "b" },
          ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { last_affected: "2.0.0" }] }],
        },
      ],
    },
  ],
  [
    alpineSecdb,
    "v3.20/main.json",
    {
      distroversion: "v3.20",
      packages: [{ pkg: { name: "a", secfixes: { "1.0-r0": ["CVE-2024-0001"], "2.0-r0": ["CVE-2024-0002"] } } }],
    },
  ],
  [
    amazon,
    "amazon/2023/ALAS2023-2024-1.json",
    {
      id: "ALAS2023-2024-1",
      cveids: ["CVE-2024-0001"],
      issued: { date: "2024-01-01 00:00" },
      references: [{ href: "https://example.org" }],
      packages: [
        { name: "a", epoch: "0", version: "1.0", release: "1", arch: "x86_64" },
        { name: "b", epoch: "0", version: "1.0", release: "1", arch: "x86_64" },
      ],
    },
  ],
  [
    arch,
    "arch/all.json",
    [
      { name: "AVG-1", packages: ["a"], affected: "1.0-1", fixed: "1.1-1", issues: ["CVE-2024-0001"] },
      { name: "AVG-2", packages: ["b"], affected: "1.0-1", issues: ["CVE-2024-0002"] },
    ],
  ],
  [
    csaf,
    "csaf/cve-2024-0001.json",
    {
      document: {
        title: "a",
        publisher: { namespace: "https://www.redhat.com" },
        tracking: { id: "CVE-2024-0001", status: "final" },
        notes: [{ category: "general", text: "words" }],
        references: [{ url: "https://example.org" }],
        aggregate_severity: { text: "Important" },
      },
      product_tree: {
        branches: [
          {
            branches: [
              {
                product: {
                  product_id: "EL9",
                  name: "Red Hat Enterprise Linux 9",
                  product_identification_helper: { cpe: "cpe:/o:redhat:enterprise_linux:9" },
                },
              },
              {
                product: {
                  product_id: "a-1",
                  name: "a",
                  product_identification_helper: { purl: "pkg:rpm/redhat/a@1.0-1.el9?arch=x86_64" },
                },
              },
            ],
          },
        ],
        relationships: [
          {
            product_reference: "a-1",
            relates_to_product_reference: "EL9",
            full_product_name: { product_id: "EL9:a-1", name: "a of EL9" },
          },
        ],
      },
      vulnerabilities: [
        {
          cve: "CVE-2024-0001",
          cwe: { id: "CWE-79" },
          notes: [{ category: "description", text: "words" }],
          references: [{ url: "https://example.org/2" }],
          product_status: { fixed: ["EL9:a-1"] },
          threats: [{ category: "impact", details: "Moderate", product_ids: ["EL9:a-1"] }],
          scores: [{ cvss_v3: { vectorString: vector } }],
        },
      ],
    },
  ],
  [
    cve,
    "cves/CVE-2024-0001.json",
    {
      cveMetadata: { cveId: "CVE-2024-0001", state: "PUBLISHED" },
      containers: {
        cna: {
          descriptions: [{ lang: "en", value: "words" }],
          problemTypes: [{ descriptions: [{ cweId: "CWE-79" }] }],
          metrics: [{ cvssV3_1: { vectorString: vector } }],
        },
        adp: [{ providerMetadata: { shortName: "CISA-ADP" }, metrics: [{ cvssV3_1: { vectorString: vector } }] }],
      },
    },
  ],
  [
    debianTracker,
    "debian-tracker/data.json",
    {
      a: {
        "CVE-2024-0001": {
          releases: { bookworm: { status: "open", urgency: "low" }, trixie: { fixed_version: "1.0" } },
        },
      },
      b: { "CVE-2024-0002": { releases: { bookworm: { status: "resolved", fixed_version: "1.0" } } } },
    },
  ],
  [
    endOfLife,
    "endoflife/debian.json",
    [
      { cycle: "12", eol: "2026-06-10" },
      { cycle: "11", eol: "2024-08-14" },
    ],
  ],
  [endOfLife, "end-of-life/alpine.json", { result: { releases: [{ name: "3.20", eolFrom: "2026-04-01" }] } }],
  [
    errata,
    "rocky/9/BaseOS/RLSA-2024-1.json",
    {
      id: "RLSA-2024:1",
      cveids: ["CVE-2024-0001"],
      issued: { date: "2024-01-01 00:00:00" },
      references: [{ id: "CVE-2024-0002", href: "https://example.org" }],
      packages: [{ name: "a", epoch: "0", version: "1.0", release: "1.el9", arch: "x86_64" }],
      collections: [{ packages: [{ name: "b", epoch: "0", version: "1.0", release: "1.el9", arch: "x86_64" }] }],
    },
  ],
  [
    nvd,
    "nvd/CVE-2024-0001.json",
    {
      vulnerabilities: [
        {
          cve: {
            id: "CVE-2024-0001",
            descriptions: [{ lang: "en", value: "words" }],
            weaknesses: [{ description: [{ lang: "en", value: "CWE-79" }] }],
            metrics: { cvssMetricV31: [{ source: "nvd@nist.gov", cvssData: { vectorString: vector } }] },
            configurations: [
              {
                nodes: [
                  {
                    operator: "OR",
                    negate: false,
                    cpeMatch: [
                      { vulnerable: true, criteria: "cpe:2.3:a:v:a:*:*:*:*:*:*:*:*", versionEndExcluding: "1.0" },
                    ],
                  },
                ],
              },
            ],
          },
        },
      ],
    },
  ],
  [
    photon,
    "cve_data_photon5.0.json",
    [
      { cve_id: "CVE-2024-0001", pkg: "a", res_ver: "1.0-1.ph5" },
      { cve_id: "CVE-2024-0002", pkg: "b", res_ver: "1.0-1.ph5" },
    ],
  ],
  [
    ubuntuVex,
    "vex/CVE-2024-0001.json",
    {
      "@context": "https://openvex.dev/ns/v0.2.0",
      statements: [
        {
          vulnerability: { "@id": "https://ubuntu.com/security/CVE-2024-0001", aliases: ["CVE-2024-0001"] },
          status: "fixed",
          products: [
            { "@id": "pkg:deb/ubuntu/a@1.0?arch=source&distro=noble" },
            { identifiers: { purl: "pkg:deb/ubuntu/b@1.0?arch=source&distro=noble" } },
          ],
        },
      ],
    },
  ],
];

/** Other forms, which real documents have. */
const otherForms: readonly (readonly [name: RegExp, change: RegExp, reason: string])[] = [
  [/GHSA/, /^(?:aliases|severity|references) to null$/, "programs write null for an empty list"],
  [/vex\//, /products\.\* to a text$/, "products of OpenVEX 0.0.1 are texts"],
  [/endoflife/, /^ to an object$/, "the second version of the site's answers is an object"],
];

describe("a value of a wrong type in a document of advisories is told", () => {
  test.each(documents.map(([feed, name, document]) => [`${feed.id}: ${name}`, feed, name, document] as const))(
    "%s",
    async (_, feed, name, document) => {
      const before = await recordsOf(feed, name, document);
      const silent: string[] = [];
      for (const { name: change, value } of wrongContainers(document)) {
        if (otherForms.some(([files, changes]) => files.test(name) && changes.test(change))) continue;
        const after = await recordsOf(feed, name, value);
        const isTold = after.some(({ kind }) => kind === "diagnostic");
        if (!isTold && JSON.stringify(after) !== JSON.stringify(before)) silent.push(change);
      }

      expect(before.filter(({ kind }) => kind === "diagnostic")).toEqual([]);
      expect(before.some(({ kind }) => kind === "advisory" || kind === "enrichment")).toBe(true);
      expect(silent).toEqual([]);
    },
  );
});

async function recordsOf(feed: AdvisoryFeed, name: string, value: unknown): Promise<readonly FeedRecord[]> {
  const records: FeedRecord[] = [];
  for await (const record of feed.parse({ name, content: once(value) })) records.push(record);
  return records;
}

async function* once(value: unknown): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(JSON.stringify(value));
}
