import type { FeedRecord } from "@plimsoll/model";
import { memoryBytes } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { clairUpdates } from "./index.ts";

/** A line as Clair's `jsonblob` writes it: the operation's fields, and a vulnerability with all of Go's empty values. */
function line(updater: string, vulnerability: object, ref = "9a8f2b8a-6f0c-4b56-9c6e-000000000001"): string {
  return JSON.stringify({
    Updater: updater,
    Fingerprint: '"etag"',
    Date: "2024-06-01T12:00:00.000000000Z",
    Kind: "vulnerability",
    Ref: ref,
    Vuln: {
      id: "",
      updater,
      name: "CVE-2024-0001",
      description: "",
      issued: "0001-01-01T00:00:00Z",
      links: "",
      severity: "",
      normalized_severity: "Unknown",
      package: { id: "", name: "openssl", version: "", kind: "source", normalized_version: "", cpe: "" },
      fixed_in_version: "",
      Self: { space: "", name: "" },
      Aliases: null,
      Invert: false,
      ...vulnerability,
    },
  });
}

function enrichment(updater: string, cve: string, value: object): string {
  const Ref = `9a8f2b8a-6f0c-4b56-9c6e-${updater}`;
  return JSON.stringify({ Updater: updater, Kind: "enrichment", Ref, Enrichment: { Tags: [cve], Enrichment: value } });
}

async function parse(...lines: readonly string[]): Promise<FeedRecord[]> {
  const bytes = new TextEncoder().encode(`${lines.join("\n")}\n`);
  const records: FeedRecord[] = [];
  const content = memoryBytes(bytes).read(0, bytes.length);
  for await (const record of clairUpdates.parse({ name: "clair-updates.json", content })) records.push(record);
  return records;
}

async function stated(updater: string, vulnerability: object): Promise<unknown> {
  const [record] = await parse(line(updater, vulnerability));
  return record?.kind === "advisory" ? record.advisory.affected[0] : record;
}

const packageOf = (name: string, kind: string, more: object = {}): object => ({ package: { name, kind, ...more } });
const libraryOf = (repository: string, name: string): object => ({
  repository: { name: repository, cpe: "" },
  ...packageOf(name, "binary"),
});
const numbers = (...parts: readonly number[]): string =>
  `semver:${Array.from({ length: 10 }, (_, at) => parts[at] ?? 0).join(".")}`;

describe("distributions", () => {
  test.each([
    ["debian/updater", "debian", "12", "source", "Debian:12"],
    ["alpine-main-v3.20-updater", "alpine", "3.20", "source", "Alpine:v3.20"],
    ["alpine-community-edge-updater", "alpine", "edge", "source", "Alpine:edge"],
    ["aws-AL1-updater", "amzn", "2018.03", "binary", "Amazon Linux:1"],
    ["aws-AL2023-updater", "amzn", "2023", "binary", "Amazon Linux:2023"],
    ["oracle-2024-updater", "ol", "9", "binary", "Oracle Linux:9"],
    ["suse-updater-opensuse.leap.15.6", "opensuse-leap", "15.6", "binary", "openSUSE:Leap 15.6"],
    ["ubuntu/updater/noble", "ubuntu", "24.04", "source", "Ubuntu:24.04:LTS"],
    ["ubuntu/updater/mantic", "ubuntu", "23.10", "source", "Ubuntu:23.10"],
  ])("%s speaks of %s %s by names of %s packages: %s", async (updater, did, version, kind, namespace) => {
    const distribution = { id: "", did, name: "", version, version_id: version, arch: "", cpe: "", pretty_name: "" };

    expect(
      await stated(updater, {
        distribution,
        ...packageOf("openssl", kind),
        fixed_in_version: "3.0.1-1",
        normalized_severity: "High",
      }),
    ).toEqual({
      advisory: "CVE-2024-0001",
      namespace,
      name: "openssl",
      ranges: [{ introduced: "0", end: { kind: "fixed", version: "3.0.1-1" } }],
      severities: [{ system: "rating", value: "High", source: did }],
    });
  });

  test.each([
    ["debian", "12", "never was affected", { kind: "skipped", reason: "not affected" }],
    ["ubuntu", "22.04", "has no fix", { ranges: [{ introduced: "0", end: { kind: "open" } }] }],
    ["amzn", "2", "is fixed there", { ranges: [{ introduced: "0", end: { kind: "fixed", version: "0" } }] }],
  ])("on %s %s what is fixed in 0 %s", async (did, version, _, told) => {
    const kind = did === "amzn" ? "binary" : "source";
    const vulnerability = {
      distribution: { did, version_id: version },
      ...packageOf("a", kind),
      fixed_in_version: "0",
    };

    expect(await stated("x", vulnerability)).toMatchObject(told);
  });

  test("without a fix every version is affected, or those up to the package's", async () => {
    const distribution = { did: "ol", version_id: "9" };

    expect(await stated("x", { distribution, ...packageOf("a", "binary") })).toMatchObject({
      ranges: [{ introduced: "0", end: { kind: "open" } }],
    });
    expect(await stated("x", { distribution, ...packageOf("a", "binary", { version: "1-2" }) })).toMatchObject({
      ranges: [{ introduced: "0", end: { kind: "last-affected", version: "1-2" } }],
    });
  });

  test("Red Hat's are of products, by CPE, with modules and architectures", async () => {
    const repository = (name: string): object => ({ name, key: "rhel-cpe-repository" });
    const module = { module: "nodejs:18", arch: "x86_64|aarch64" };
    const told = await stated("rhel-vex", {
      name: "CVE-2024-0002",
      repository: repository("cpe:2.3:a:redhat:enterprise_linux:9:*:appstream:*:*:*:*:*"),
      ...packageOf("npm", "binary", module),
      arch_op: "pattern match",
      fixed_in_version: "1:2-3.el9",
    });

    expect(told).toMatchObject({
      namespace: "Red Hat:enterprise_linux:9::appstream",
      qualifiers: { modules: ["nodejs:18"], arch: ["x86_64", "aarch64"] },
    });
    expect(
      await stated("rhel-vex", {
        repository: repository("cpe:2.3:o:redhat:enterprise_linux:8:*:*:*:*:*:*:*"),
        ...packageOf("bash", "binary"),
      }),
    ).toMatchObject({ namespace: "Red Hat:enterprise_linux:8", qualifiers: { modules: [] } });
    expect(
      await stated("rhel-vex", {
        repository: repository("cpe:2.3:a:redhat:openshift:4.13:*:el8:*:*:*:*:*"),
        ...packageOf("bash", "binary"),
      }),
    ).toMatchObject({ kind: "skipped" });
    expect(
      await stated("rhel-vex", {
        repository: repository("cpe:/o:redhat:enterprise_linux:8"),
        ...packageOf("bash", "binary"),
        Invert: true,
      }),
    ).toMatchObject({ kind: "skipped", reason: "not affected" });
  });

  test("a fix of Red Hat is read as the updater of 2026 writes it: builds by all names, ids of its tracker beside those of flaws", async () => {
    const [record] = await parse(
      line("rhel-vex", {
        name: "CVE-2024-0005",
        links: "https://bugzilla.redhat.com/show_bug.cgi?id=2262921 https://access.redhat.com/errata/RHSA-2024:1234",
        severity: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        normalized_severity: "High",
        repository: {
          id: "",
          name: "cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:*",
          key: "rhel-cpe-repository",
          cpe: "cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:*",
        },
        ...packageOf("openssl-libs", "binary", {
          normalized_version: "",
          arch: "aarch64|amd64|x86_64|aarch64",
          cpe: "",
          detector: null,
        }),
        arch_op: "pattern match",
        fixed_in_version: "1:3.0.7-27.el9",
        Self: { space: "https://access.redhat.com/security/cve/", name: "CVE-2024-0005" },
        Aliases: [
          { space: "CVE", name: "2024-0005" },
          { space: "RHBZ", name: "2262921" },
          { space: "GO", name: "2024-2599" },
        ],
      }),
    );

    expect(record).toMatchObject({
      advisory: {
        id: "CVE-2024-0005",
        aliases: ["GO-2024-2599"],
        affected: [
          {
            namespace: "Red Hat:enterprise_linux:9::baseos",
            name: "openssl-libs",
            ranges: [{ introduced: "0", end: { kind: "fixed", version: "1:3.0.7-27.el9" } }],
            qualifiers: { modules: [], arch: ["aarch64", "amd64", "x86_64"] },
          },
        ],
      },
    });
  });

  test("titles of OVAL begin with the id, and links name the CVEs", async () => {
    const [record] = await parse(
      line("oracle-2024-updater", {
        name: "ELSA-2024-1234:  openssl security update (IMPORTANT)",
        issued: "2024-03-01T00:00:00Z",
        links: "https://linux.oracle.com/errata/ELSA-2024-1234.html https://linux.oracle.com/cve/CVE-2024-0003.html",
        distribution: { did: "ol", version_id: "9" },
        ...packageOf("openssl", "binary"),
      }),
    );

    expect(record).toMatchObject({
      partial: true,
      advisory: {
        id: "ELSA-2024-1234",
        source: "clair-updates",
        aliases: [],
        upstream: ["CVE-2024-0003"],
        published: "2024-03-01T00:00:00Z",
      },
    });
  });
});

describe("libraries", () => {
  test.each([
    ["pypi", "Zope.Interface", "fixed=1.2&introduced=1.0", "PyPI", "zope-interface", "1.0", "fixed", "1.2"],
    ["maven", "org.a:b", "lastAffected=2.0%2B1", "Maven", "org.a:b", "0", "last-affected", "2.0+1"],
    ["RubyGems", "rails", "introduced=5", "RubyGems", "rails", "5", "open", undefined],
  ])("%s %s %s", async (repository, name, range, namespace, key, introduced, kind, version) => {
    expect(
      await stated(`osv/${repository}`, { ...libraryOf(repository, name), fixed_in_version: range }),
    ).toMatchObject({
      namespace,
      name: key,
      ranges: [{ introduced, end: { kind, ...(version === undefined ? {} : { version }) } }],
    });
  });

  test.each([
    [numbers(), numbers(0, 1, 2, 3), "1.2.3", "0", { kind: "fixed", version: "1.2.3" }],
    [numbers(0, 1, 2, 3), numbers(65_535), "", "1.2.3", { kind: "open" }],
    [numbers(0, 1), numbers(0, 1, 4, 3), "", "1.0.0", { kind: "last-affected", version: "1.4.2" }],
  ])("from %s to %s", async (lower, upper, fixed, introduced, end) => {
    const range = { "[": lower, ")": upper };

    expect(await stated("osv/npm", { ...libraryOf("npm", "a"), range, fixed_in_version: fixed })).toMatchObject({
      namespace: "npm",
      ranges: [{ introduced, end }],
    });
  });

  test("aliases are told, and a vector before a word", async () => {
    const vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    const [record] = await parse(
      line("osv/go", {
        ...libraryOf("go", "stdlib"),
        name: "GO-2024-0001",
        severity: vector,
        normalized_severity: "Critical",
        range: { "[": numbers(), ")": numbers(65_535) },
        Aliases: [{ space: "CVE", name: "2024-0004" }],
      }),
    );

    expect(record).toMatchObject({
      advisory: {
        id: "GO-2024-0001",
        aliases: ["CVE-2024-0004"],
        affected: [{ namespace: "Go", severities: [{ system: "cvss-3.1", value: vector, source: "osv" }] }],
      },
    });
  });
});

test("enrichments are the NVD's vectors, EPSS and what CISA knows", async () => {
  const vectorString = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
  const records = await parse(
    enrichment("clair.cvss", "CVE-2024-0001", { version: "3.1", vectorString, baseScore: 9.8 }),
    enrichment("clair.epss", "CVE-2024-0001", {
      cve: "CVE-2024-0001",
      epss: 0.25,
      percentile: 0.5,
      date: "2024-06-01",
    }),
    enrichment("clair.kev", "CVE-2024-0001", { date_added: "2024-05-01", known_ransomware_campaign_use: "Known" }),
    enrichment("other", "CVE-2024-0001", {}),
  );

  expect(records).toMatchObject([
    { cve: "CVE-2024-0001", enrichment: { severities: [{ value: vectorString, source: "nvd" }] } },
    { enrichment: { epss: { probability: 0.25, percentile: 0.5, date: "2024-06-01" } } },
    { enrichment: { knownExploited: { dateAdded: "2024-05-01", ransomware: true } } },
    { kind: "skipped" },
  ]);
});

test("what cannot be found here is counted, and said once for each updater and reason", async () => {
  const binary = line("ubuntu/updater/noble", {
    distribution: { did: "ubuntu", version_id: "24.04" },
    ...packageOf("libssl3", "binary"),
  });
  const other = line("osv/nuget", libraryOf("nuget", "pkg:nuget/A"));
  const records = await parse(binary, binary, other);

  expect(records.filter(({ kind }) => kind === "skipped")).toHaveLength(3);
  expect(records.filter(({ kind }) => kind === "diagnostic")).toMatchObject([
    {
      code: "unsupported-format",
      effect: "incomplete",
      message:
        "Clair's updater ubuntu/updater/noble: packages of ubuntu are looked up by their source names, and it names others (left out: 2)",
    },
    { message: "Clair's updater osv/nuget: nothing is looked up for its repository (left out: 1)" },
  ]);
});

test("Red Hat's statements by source name, which are those without a fix, are left out and told", async () => {
  const named = (kind: string, name: string): string =>
    line("rhel-vex", {
      repository: { name: "cpe:2.3:o:redhat:enterprise_linux:9:*:*:*:*:*:*:*", key: "rhel-cpe-repository" },
      ...packageOf(name, kind),
    });
  const records = await parse(named("source", "openssl"), named("binary", "openssl-libs"));

  expect(records).toMatchObject([
    { kind: "skipped" },
    { kind: "advisory", advisory: { affected: [{ name: "openssl-libs" }] } },
    {
      effect: "incomplete",
      message:
        "Clair's updater rhel-vex: packages of Red Hat are looked up by their binary names, and it names others (left out: 1)",
    },
  ]);
});

test("SUSE Linux Enterprise Server, whose service packs Clair does not tell apart, is left out and told", async () => {
  const updater = "suse-updater-suse.linux.enterprise.server.15";
  const distribution = { did: "sles", name: "SLES", version: "15", version_id: "15" };
  const statement = { distribution, ...packageOf("openssl", "binary"), fixed_in_version: "0:1.1.1l-150500.17.6.1" };

  expect(await parse(line(updater, statement))).toMatchObject([
    { kind: "skipped" },
    {
      effect: "incomplete",
      message: `Clair's updater ${updater}: statements about sles are of all service packs together, which are looked up one by one (left out: 1)`,
    },
  ]);
});

test("broken lines and second operations are told, and the rest is read", async () => {
  const good = { distribution: { did: "debian", version_id: "12" } };
  const records = await parse("{", "{}", line("debian/updater", good), line("debian/updater", good, "another"), '"x"');

  expect(records.map(({ kind }) => kind)).toEqual([
    "diagnostic",
    "diagnostic",
    "advisory",
    "diagnostic",
    "advisory",
    "diagnostic",
  ]);
  expect(records[0]).toMatchObject({ code: "malformed-advisory", location: { path: "clair-updates.json:1" } });
});

test("a line without end is not collected", async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield new Uint8Array(1024 * 1024).fill(0x20);
  }
  const records: FeedRecord[] = [];
  for await (const record of clairUpdates.parse({ name: "clair-updates.json", content: endless() }))
    records.push(record);

  expect(records).toMatchObject([{ code: "malformed-advisory" }]);
});
