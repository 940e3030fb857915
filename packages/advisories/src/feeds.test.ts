import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AdvisoryFeed, FeedRecord } from "@plimsoll/model";
import { memoryBytes } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alpineSecdb, amazon, arch, csaf, cve, debianTracker, endOfLife, errata } from "./index.ts";
import { feeds, nvd, photon, ubuntuVex } from "./index.ts";

async function parse(feed: AdvisoryFeed, name: string, content: string | Uint8Array): Promise<FeedRecord[]> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const records: FeedRecord[] = [];
  for await (const record of feed.parse({ name, content: memoryBytes(bytes).read(0, bytes.length) })) {
    records.push(record);
  }
  return records;
}

/** What is stated, in one line per package: `id (covers) namespace/name introduced…end`. */
function statements(records: readonly FeedRecord[]): string[] {
  return records.flatMap((record) => {
    if (record.kind === "skipped") return [`${record.id}: ${record.reason}`];
    if (record.kind !== "advisory") return [record.kind];
    const { id, upstream = [], affected } = record.advisory;
    return affected.map(({ namespace, name, ranges, status }) => {
      const spans = ranges.map(({ introduced, end }) => `${introduced}…${end.kind === "open" ? "" : end.version}`);
      return [
        id,
        `(${upstream.join()})`,
        `${namespace}/${name}`,
        ...spans,
        ...(status === undefined ? [] : [status]),
      ].join(" ");
    });
  });
}

test("every folder of a feed is in the list, and the other way round", () => {
  const folders = readdirSync(fileURLToPath(new URL("./feeds", import.meta.url))).filter((name) => name !== "shared");

  expect(
    feeds()
      .map((feed) => feed.id)
      .sort(),
  ).toEqual(folders.sort());
});

const documents: readonly (readonly [name: string, feed: string | undefined])[] = [
  ["osv/Alpine/all.zip", "osv"],
  ["Debian/DEBIAN-CVE-2024-0001.json", "osv"],
  ["CVE-2024-0001.json", "osv"],
  ["cves/2024/0xxx/CVE-2024-0001.json", "cve"],
  ["vulnrichment/2024/CVE-2024-0001.json", "cve"],
  ["nvd/CVE-2024-0001.json", "nvd"],
  ["nvdcve-2.0-2024.json", "nvd"],
  ["alpine-secdb/v3.20/main.json", "alpine-secdb"],
  ["wolfi/security.json", "alpine-secdb"],
  ["debian-tracker/data.json", "debian-tracker"],
  ["amazon/2023/ALAS2023-2024-1.json", "amazon"],
  ["arch/all.json", "arch"],
  ["photon/cve_data_photon5.0.json", "photon"],
  ["db/trivy.db", "trivy-db"],
  ["6/vulnerability.db", "grype-db"],
  ["clair-updates.json", "clair-updates"],
  ["clair-updates/2024-06-01.json", "clair-updates"],
  ["kev/known_exploited_vulnerabilities.json", "kev"],
  ["epss/epss-2024-10-25.sample.csv", "epss"],
  ["vex/cve/2024/CVE-2024-0001.json", "ubuntu-vex"],
  ["rocky/8.5/BaseOS/x86_64/2021/RLSA-2021-1989.json", "errata"],
  ["bottlerocket/updateinfo.xml.gz", "updateinfo"],
  ["csaf/v2/vex/2024/cve-2024-0001.json", "csaf"],
  ["cve-2024-0001.json", "csaf"],
  ["suse-su-2024_0001-1.json", "csaf"],
  ["com.oracle.elsa-all.xml.bz2", "oracle-oval"],
  ["azurelinux-3.0-oval.xml", "azure-oval"],
  ["cbl-mariner-2.0-oval.xml", "azure-oval"],
  ["endoflife/debian.json", "end-of-life"],
  ["govulndb/vulndb.zip", "osv"],
  ["govulndb/ID/GO-2024-0001.json", "osv"],
  ["govulndb/index/modules.json", undefined],
  ["README.md", undefined],
  ["package.json", undefined],
  ["images/app.expected.json", undefined],
];

test.each(documents)("%s is read by %s", (name, id) => {
  expect(feeds().find((feed) => feed.accepts(name))?.id).toBe(id);
});

test("no document is claimed by two feeds, but for the last, which takes whatever looks right", () => {
  const claims = documents.map(([name]) =>
    feeds()
      .slice(0, -1)
      .filter((feed) => feed.accepts(name)),
  );

  expect(claims.filter((feeds) => feeds.length > 1)).toEqual([]);
});

describe("alpine-secdb", () => {
  const pkg = (name: string, secfixes: object): object => ({ pkg: { name, secfixes } });

  test("states fixes of a release", async () => {
    const document = {
      distroversion: "v3.20",
      reponame: "main",
      urlprefix: "https://dl-cdn.alpinelinux.org/alpine",
      packages: [
        pkg("openssl", {
          "3.3.1-r1": ["CVE-2024-0001 (+ GHSA-aaaa)", "CVE-2024-0002 CVE-2024-0003"],
          "0": ["CVE-2024-0004"],
        }),
        pkg("xen", { "4.18.1-r0": ["XSA-455"] }),
        pkg("caddy", { "2.8-r0": ["GHSA-aaaa-bbbb-cccc"] }),
        { pkg: { name: "broken" } },
      ],
    };

    expect(statements(await parse(alpineSecdb, "v3.20/main.json", JSON.stringify(document)))).toEqual([
      "ALPINE-CVE-2024-0004: not affected",
      "ALPINE-CVE-2024-0001 (CVE-2024-0001) Alpine:v3.20/openssl 0…3.3.1-r1",
      "ALPINE-CVE-2024-0002 (CVE-2024-0002) Alpine:v3.20/openssl 0…3.3.1-r1",
      "ALPINE-CVE-2024-0003 (CVE-2024-0003) Alpine:v3.20/openssl 0…3.3.1-r1",
      "XSA-455: names no CVE",
      "ALPINE-GHSA-aaaa-bbbb-cccc (GHSA-aaaa-bbbb-cccc) Alpine:v3.20/caddy 0…2.8-r0",
      "diagnostic",
    ]);
  });

  test.each([
    ["https://packages.wolfi.dev", "WOLFI-CVE-2024-0001 (CVE-2024-0001) Wolfi/curl 0…8.9.0-r0"],
    ["https://packages.cgr.dev", "CHAINGUARD-CVE-2024-0001 (CVE-2024-0001) Chainguard/curl 0…8.9.0-r0"],
    ["https://elsewhere.example", "diagnostic"],
  ])("of %s it speaks of %s", async (urlprefix, expected) => {
    const document = { urlprefix, packages: [pkg("curl", { "8.9.0-r0": ["CVE-2024-0001"] })] };

    expect(statements(await parse(alpineSecdb, "wolfi/security.json", JSON.stringify(document)))).toEqual([expected]);
  });
});

test("debian-tracker states fixes, and what is said of the fix where there is none", async () => {
  const releases = {
    bookworm: { status: "resolved", fixed_version: "1.1-2+deb12u1", urgency: "medium" },
    bullseye: { status: "open", urgency: "unimportant" },
    buster: { status: "open", urgency: "end-of-life" },
    trixie: { status: "resolved", fixed_version: "0", urgency: "low" },
    forky: { status: "open", urgency: "not yet assigned", nodsa_reason: "ignored" },
    sid: { status: "open" },
  };
  const document = {
    hello: {
      "CVE-2024-0001": { releases },
      "TEMP-0000001-AAAAAA": { releases: { bookworm: { status: "undetermined" } } },
    },
    gone: { "CVE-2024-0002": { releases: { sid: { status: "open" } } } },
  };
  const records = await parse(debianTracker, "debian-tracker/data.json", JSON.stringify(document));

  expect(statements(records)).toEqual([
    "DEBIAN-CVE-2024-0001 (CVE-2024-0001) Debian:12/hello 0…1.1-2+deb12u1",
    "DEBIAN-CVE-2024-0001 (CVE-2024-0001) Debian:11/hello 0… affected",
    "DEBIAN-CVE-2024-0001 (CVE-2024-0001) Debian:10/hello 0… end_of_life",
    "DEBIAN-CVE-2024-0001 (CVE-2024-0001) Debian:14/hello 0… will_not_fix",
    "TEMP-0000001-AAAAAA () Debian:12/hello 0… under_investigation",
    "CVE-2024-0002: no supported release is affected",
  ]);
  const [first] = records;
  const ratings = first?.kind === "advisory" ? first.advisory.affected.map((each) => each.severities?.[0]?.value) : [];
  expect(ratings).toEqual(["medium", "unimportant", undefined, undefined]);
});

test("nvd enriches with ratings, weaknesses and description, and leaves rejected records out", async () => {
  const metric = (vectorString: string, source: string): object => ({ source, cvssData: { vectorString } });
  const record = {
    id: "CVE-2024-0001",
    published: "2024-01-01T00:00:00.000",
    lastModified: "2024-02-01T00:00:00.000",
    descriptions: [
      { lang: "es", value: "Uno" },
      { lang: "en", value: "One" },
    ],
    metrics: {
      cvssMetricV31: [
        metric("CVSS:3.1/AV:N", "nvd@nist.gov"),
        metric("CVSS:3.1/AV:L", "cna@a.example"),
        metric("odd", "x"),
      ],
      cvssMetricV2: [metric("AV:N/AC:L/Au:N/C:P/I:P/A:P", "nvd@nist.gov")],
    },
    weaknesses: [{ description: [{ value: "CWE-79" }, { value: "NVD-CWE-noinfo" }] }],
  };
  const document = { vulnerabilities: [{ cve: record }, { cve: { id: "CVE-2024-0002", vulnStatus: "Rejected" } }, {}] };

  const records = await parse(nvd, "nvd/a.json", JSON.stringify(document));

  expect(records).toMatchObject([
    {
      kind: "enrichment",
      cve: "CVE-2024-0001",
      enrichment: {
        severities: [
          { system: "cvss-3.1", value: "CVSS:3.1/AV:N", source: "nvd" },
          { system: "cvss-3.1", value: "CVSS:3.1/AV:L", source: "cna@a.example" },
          { system: "cvss-2.0", value: "AV:N/AC:L/Au:N/C:P/I:P/A:P", source: "nvd" },
        ],
        cwes: ["CWE-79"],
        description: "One",
        published: "2024-01-01T00:00:00.000",
        modified: "2024-02-01T00:00:00.000",
      },
    },
    { kind: "skipped", id: "CVE-2024-0002", reason: "rejected" },
    { kind: "diagnostic" },
  ]);
  expect(await parse(nvd, "nvd/CVE-2024-0001.json", JSON.stringify(record))).toEqual([records[0]]);
});

test("nvd states which applications are affected, by vendor and product", async () => {
  const match = (criteria: string, more: object = {}, vulnerable = true): object => ({ vulnerable, criteria, ...more });
  const redis = "cpe:2.3:a:redis:redis:*:*:*:*:*:*:*:*";
  const record = {
    id: "CVE-2024-0001",
    lastModified: "2024-02-01T00:00:00.000",
    configurations: [
      {
        nodes: [
          {
            cpeMatch: [
              match(redis, { versionStartIncluding: "2.6", versionEndExcluding: "6.2.14" }),
              match(redis, { versionStartExcluding: "7.0.0", versionEndIncluding: "7.0.15" }),
              match("cpe:2.3:a:openssl:openssl:1.0.2:beta1:*:*:*:*:*:*"),
              match("cpe:2.3:a:oracle:jdk:1.8.0:update_292:*:*:*:*:*:*"),
              match("cpe:2.3:a:big\\+co:any\\:thing:-:*:*:*:*:*:*:*"),
              match("cpe:2.3:a:redis:redis:*:*:*:*:*:node.js:*:*"),
              match("cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*"),
              match("not a name"),
            ],
          },
        ],
      },
      {
        operator: "AND",
        nodes: [
          { cpeMatch: [match("cpe:2.3:a:php:php:*:*:*:*:*:*:*:*", { versionEndExcluding: "8.3.8" })] },
          { cpeMatch: [match("cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*", {}, false)] },
        ],
      },
      {
        operator: "AND",
        nodes: [
          { cpeMatch: [match("cpe:2.3:a:big\\+co:any\\:thing:*:*:*:*:*:*:*:*")] },
          { cpeMatch: [match("cpe:2.3:o:debian:debian_linux:12.0:*:*:*:*:*:*:*", {}, false)] },
        ],
      },
    ],
  };

  const [, stated] = await parse(nvd, "nvd/CVE-2024-0001.json", JSON.stringify(record));

  const advisory = "NVD-CVE-2024-0001";
  expect(stated).toMatchObject({
    kind: "advisory",
    advisory: { id: advisory, source: "nvd/cpe", upstream: ["CVE-2024-0001"], modified: "2024-02-01T00:00:00.000" },
  });
  expect(stated?.kind === "advisory" && stated.advisory.affected).toEqual([
    {
      advisory,
      namespace: "CPE",
      name: "redis:redis",
      ranges: [{ introduced: "2.6", end: { kind: "fixed", version: "6.2.14" } }],
      expressions: ["> 7.0.0, <= 7.0.15"],
    },
    { advisory, namespace: "CPE", name: "openssl:openssl", ranges: [], versions: ["1.0.2-beta1"] },
    { advisory, namespace: "CPE", name: "oracle:jdk", ranges: [], versions: ["1.8.0_292"] },
    { advisory, namespace: "CPE", name: "big+co:any:thing", ranges: [{ introduced: "0", end: { kind: "open" } }] },
  ]);
});

test("cve enriches with what the publisher and CISA say", async () => {
  const record = {
    cveMetadata: { cveId: "CVE-2024-0001", state: "PUBLISHED", datePublished: "2024-01-01T00:00:00Z" },
    containers: {
      cna: {
        providerMetadata: { shortName: "GitHub_M" },
        title: "Title",
        descriptions: [{ lang: "en-US", value: "One" }],
        problemTypes: [{ descriptions: [{ cweId: "CWE-79" }] }],
        metrics: [{ cvssV4_0: { vectorString: "CVSS:4.0/AV:N" } }],
      },
      adp: [
        {
          providerMetadata: { shortName: "CISA-ADP" },
          metrics: [{ cvssV3_1: { vectorString: "CVSS:3.1/AV:N" } }, { other: { type: "ssvc" } }],
          problemTypes: [{ descriptions: [{ cweId: "CWE-79" }, { cweId: "CWE-80" }] }],
        },
      ],
    },
  };

  expect(await parse(cve, "cves/CVE-2024-0001.json", JSON.stringify(record))).toEqual([
    {
      kind: "enrichment",
      cve: "CVE-2024-0001",
      enrichment: {
        severities: [
          { system: "cvss-4.0", value: "CVSS:4.0/AV:N", source: "GitHub_M" },
          { system: "cvss-3.1", value: "CVSS:3.1/AV:N", source: "cisa" },
        ],
        cwes: ["CWE-79", "CWE-80"],
        title: "Title",
        description: "One",
        published: "2024-01-01T00:00:00Z",
      },
    },
  ]);
  const rejected = { cveMetadata: { cveId: "CVE-2024-0002", state: "REJECTED" } };
  expect(statements(await parse(cve, "cves/x.json", JSON.stringify(rejected)))).toEqual(["CVE-2024-0002: rejected"]);
});

test("arch states groups", async () => {
  const group = { name: "AVG-1", packages: ["a", "b"], affected: "1.0-1", severity: "High", issues: ["CVE-2024-0001"] };
  const groups = [
    { ...group, status: "Fixed", fixed: "1.0-2" },
    { ...group, name: "AVG-2", packages: ["a"], status: "Unknown", fixed: null },
    { ...group, name: "AVG-3", status: "Not affected" },
    {},
  ];

  expect(statements(await parse(arch, "arch/all.json", JSON.stringify(groups)))).toEqual([
    "AVG-1 (CVE-2024-0001) Arch Linux/a 1.0-1…1.0-2",
    "AVG-1 (CVE-2024-0001) Arch Linux/b 1.0-1…1.0-2",
    "AVG-2 (CVE-2024-0001) Arch Linux/a 1.0-1… under_investigation",
    "AVG-3: not affected",
    "diagnostic",
  ]);
});

const jsonFeeds = [alpineSecdb, amazon, arch, csaf, cve, debianTracker, endOfLife, errata, nvd, photon, ubuntuVex];

describe.each(jsonFeeds.map((feed) => [feed.id, feed] as const))("%s", (_, feed) => {
  test.each(["", "{", "[]", "null", "1", '"x"', "{}", "[null]", '{"packages":[{"pkg":1}],"vulnerabilities":[1]}'])(
    "of %j tells what is wrong, or says nothing",
    async (text) => {
      const records = await parse(feed, "x/1.0/x.json", text);

      expect(records.filter((record) => record.kind === "advisory" || record.kind === "enrichment")).toEqual([]);
    },
  );

  test("any JSON is read without a throw", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 5 }), async (text) => {
        await parse(feed, "amazon/2/ALAS-1.json", text);
      }),
      { numRuns: 50 },
    );
  });
});
