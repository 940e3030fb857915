import { definedEcosystems, feeds } from "@plimsoll/advisories";
import { everyEcosystem } from "@plimsoll/ecosystems";
import type { Distro, Package } from "@plimsoll/model";
import { memoryBytes, trivyDatabase } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";

/**
 * The one string that two packages must agree on: a misspelt namespace is a silent miss. Everything that ecosystems ask for must be written
 * by a feed, and everything that feeds write must be asked for.
 */

const distro = (id: string, versionId?: string, more: Partial<Distro> = {}): Distro => ({
  id,
  ...(versionId === undefined ? {} : { versionId }),
  ...more,
});

const pro = ["esm-infra", "fips", "fips-updates", "fips-preview", "realtime-kernel"];

/** One of each kind of distribution that somebody publishes advisories for. */
const distros: readonly Distro[] = [
  distro("alpaquita", "23"),
  distro("alpine", "3.20.3"),
  distro("alpine", "3.21_alpha20240923"),
  distro("almalinux", "9.4"),
  distro("amzn", "2023"),
  distro("arch"),
  distro("azurelinux", "3.0"),
  distro("bellsoft-hardened-containers", "23"),
  distro("bottlerocket", "1.20.0"),
  distro("chainguard"),
  distro("debian", "12"),
  distro("echo"),
  distro("fedora", "40"),
  distro("mageia", "9"),
  distro("mariner", "2.0"),
  distro("minimos"),
  distro("ol", "8.9"),
  distro("openeuler", "22.03", { prettyName: "openEuler 22.03 (LTS-SP4)" }),
  distro("opensuse-leap", "15.6"),
  distro("opensuse-leap-micro", "5.5"),
  distro("opensuse-tumbleweed", "20240901"),
  distro("photon", "5.0"),
  distro("rhel", "8.9"),
  distro("rhel", "9.4", { facts: { "content-sets/x.json": "rhel-9-for-x86_64-appstream-eus-rpms" } }),
  distro("rocky", "9.4"),
  distro("sl-micro", "6.0"),
  distro("sle-micro", "5.5"),
  distro("sles", "15.6"),
  distro("ubuntu", "22.04", { channels: pro }),
  distro("ubuntu", "23.04"),
  distro("ubuntu", "22.04", { facts: { rapidfort: "curated" } }),
  distro("debian", "12", { facts: { rapidfort: "curated" } }),
  distro("alpine", "3.20.3", { facts: { rapidfort: "curated" } }),
  distro("rhel", "9.4", { facts: { rapidfort: "curated" } }),
  distro("wolfi"),
];

/** Versions and names with the marks of vendors that rebuild packages, and without. */
const versions = [
  "1.2.3",
  "1.2.3+sp1",
  "1.2.3-sp1",
  "1.2.3.sp1",
  "1.2.3-1.root.io.1",
  "1.2.3-r10071",
  "1.2-1.rf.el9",
  "1.2.3-1ubuntu1+Fips1",
];
const names = ["probe", "group:artifact", "seal-probe", "redis", "python"];

function askedNamespaces(): ReadonlySet<string> {
  const asked = new Set<string>();
  for (const ecosystem of everyEcosystem)
    for (const version of versions)
      for (const name of names) {
        const pkg: Package = {
          id: "1",
          ecosystem: ecosystem.id,
          purl: "",
          name,
          version,
          cpes: ["cpe:2.3:a:redis:redis:1.2.3:*:*:*:*:*:*:*"],
          locations: [],
        };
        for (const each of ecosystem.class === "os" ? distros : [undefined])
          for (const { namespace } of ecosystem.advisoryKeys(pkg, each)) asked.add(namespace);
      }
  return asked;
}

const json = (value: unknown): string => JSON.stringify(value);
const secdb = (urlprefix: string, distroversion?: string): string =>
  json({ urlprefix, distroversion, packages: [{ pkg: { name: "p", secfixes: { "1-r1": ["CVE-2024-0001"] } } }] });
const update = `<updates><update type="security"><id>A</id><pkglist><collection><package name="p" version="1" release="1" arch="noarch"/></collection></pkglist></update></updates>`;
const criterion = (comment: string): string => `<criterion comment="${comment}"/>`;
const csafOf = (namespace: string, products: readonly object[]): string => {
  const branches = products.map((product, at) => ({ product: { product_id: `P${at}`, ...product } }));
  const relationships = products.map((_, at) => ({
    full_product_name: { product_id: `P${at}:p`, name: "p" },
    product_reference: "p-1-1.noarch",
    relates_to_product_reference: `P${at}`,
  }));
  return json({
    document: { publisher: { namespace }, tracking: { id: "CVE-2024-0001" } },
    product_tree: { branches, relationships },
    vulnerabilities: [{ cve: "CVE-2024-0001", product_status: { fixed: products.map((_, at) => `P${at}:p`) } }],
  });
};
const cpe = (...names: readonly string[]): object[] =>
  names.map((name) => ({ name, product_identification_helper: { cpe: `cpe:/o:redhat:${name}` } }));
const archives = ["", "esm-infra/", "esm-apps/", "fips/", "fips-updates/", "fips-preview/", "realtime/"];

/** The smallest documents that make each feed write every kind of namespace it knows. OSV writes those of its schema. */
const documents: readonly (readonly [name: string, content: string])[] = [
  ["alpine-secdb/v3.20/main.json", secdb("https://dl-cdn.alpinelinux.org/alpine", "v3.20")],
  ["alpine-secdb/edge/main.json", secdb("https://dl-cdn.alpinelinux.org/alpine", "edge")],
  ["wolfi/security.json", secdb("https://packages.wolfi.dev/os")],
  ["chainguard/security.json", secdb("https://packages.cgr.dev/chainguard")],
  ["minimos/security.json", secdb("https://packages.mini.dev")],
  ["debian-tracker/data.json", json({ p: { "CVE-2024-0001": { releases: { bookworm: { status: "open" } } } } })],
  [
    "amazon/2023/ALAS2023-2024-1.json",
    json({ id: "A", cveids: ["CVE-2024-0001"], packages: [{ name: "p", version: "1" }] }),
  ],
  ["arch/all.json", json([{ name: "AVG-1", packages: ["p"], affected: "1-1", status: "Vulnerable", issues: [] }])],
  ["photon/cve_data_photon5.0.json", json([{ cve_id: "CVE-2024-0001", pkg: "p", res_ver: "1-1.ph5" }])],
  ...["alma/9", "amazon/2023", "fedora/40", "oracle/8", "rocky/9"].map(
    (folder) => [`updateinfo/${folder}/updateinfo.xml`, update] as const,
  ),
  [
    "csaf/redhat/cve-2024-0001.json",
    csafOf(
      "https://www.redhat.com",
      cpe(
        "enterprise_linux:9::appstream",
        "enterprise_linux:8::baseos",
        "enterprise_linux:9",
        "rhel_eus:9.4::appstream",
      ),
    ),
  ],
  [
    "csaf/suse/cve-2024-0001.json",
    csafOf(
      "https://www.suse.com/",
      [
        "SUSE Linux Enterprise Server 15 SP6",
        "SUSE Linux Enterprise Module for Basesystem 15 SP6",
        "SUSE Linux Enterprise Micro 5.5",
        "SUSE Linux Micro 6.0",
        "openSUSE Leap 15.6",
        "openSUSE Tumbleweed",
      ].map((name) => ({ name })),
    ),
  ],
  [
    "vex/cve/2024/CVE-2024-0001.json",
    json({
      "@context": "https://openvex.dev/ns/v0.2.0",
      statements: [
        {
          vulnerability: { name: "CVE-2024-0001" },
          status: "affected",
          products: [
            ...archives.map((archive) => ({ "@id": `pkg:deb/ubuntu/p@1?arch=source&distro=${archive}jammy` })),
            { "@id": "pkg:deb/ubuntu/p@1?arch=source&distro=lunar" },
          ],
        },
      ],
    }),
  ],
  [
    "com.oracle.elsa-8.xml",
    `<definitions><definition><metadata><affected><platform>Oracle Linux 8</platform></affected><reference source="elsa" ref_id="ELSA-1"/></metadata><criteria operator="AND">${criterion("p is earlier than 1")}</criteria></definition></definitions>`,
  ],
  ...["azurelinux-3.0", "cbl-mariner-2.0"].map(
    (name) =>
      [
        `${name}-oval.xml`,
        `<d><definition id="d"><metadata><reference ref_id="CVE-2024-0001"/></metadata><criteria><criterion test_ref="t"/></criteria></definition><rpminfo_test id="t"><object object_ref="o"/><state state_ref="s"/></rpminfo_test><rpminfo_object id="o"><name>p</name></rpminfo_object><rpminfo_state id="s"><evr operation="less than">1</evr></rpminfo_state></d>`,
      ] as const,
  ),
  [
    "nvd/CVE-2024-0001.json",
    json({
      id: "CVE-2024-0001",
      configurations: [
        { nodes: [{ cpeMatch: [{ vulnerable: true, criteria: "cpe:2.3:a:redis:redis:1:*:*:*:*:*:*:*" }] }] },
      ],
    }),
  ],
  ["bottlerocket/updateinfo.xml", update],
  ["endoflife/debian.json", json([{ cycle: "12", eol: "2026-06-10" }])],
];

/** Buckets of Trivy's database, one of each kind: https://github.com/aquasecurity/trivy-db, pkg/vulnsrc/bucket. */
const buckets = `
  alpine 3.20
  alpine edge
  debian 12
  ubuntu 22.04
  ubuntu 22.04-ESM
  alma 9
  rocky 9
  Oracle Linux 8
  amazon linux 2023
  Azure Linux 3.0
  CBL-Mariner 2.0
  Photon OS 5.0
  bottlerocket
  openSUSE Leap 15.6
  openSUSE Tumbleweed
  SUSE Linux Enterprise 15.6
  SUSE Linux Enterprise Micro 5.5
  wolfi
  chainguard
  minimos
  echo
  archlinux
  root.io debian 12
  root.io alpine 3.20
  root.io ubuntu 22.04
  seal debian
  seal alpine
  seal Red Hat 9
  rapidfort ubuntu 22.04
  rapidfort alpine 3.20
  rapidfort debian 12
  rapidfort Red Hat 9
  cocoapods::x
  bitnami::x
  seal npm::x
  seal pip::x
  seal go::x
  seal rubygems::x
  seal maven::x
  npm::x
  composer::x
  pip::x
  rubygems::x
  cargo::x
  julia::x
  nuget::x
  maven::x
  go::x
  conan::x
  erlang::x
  pub::x
  swift::x
`
  .trim()
  .split("\n")
  .map((line) => line.trim());

/** Undefined where the real engine is not at hand to write it. */
const database = trivyDatabase([
  buckets.map((bucket) => ({
    bucket,
    pairs: [{ bucket: "p", pairs: [{ key: "CVE-2024-0001", value: { FixedVersion: "1" } }] }],
  })),
]);

async function writtenNamespaces(): Promise<ReadonlySet<string>> {
  const written = new Set<string>();
  const all = [
    ...documents.map(([name, content]) => [name, new TextEncoder().encode(content)] as const),
    ...(database === undefined ? [] : [["trivy-db/trivy.db", database] as const]),
  ];
  for (const [name, bytes] of all) {
    const feed = feeds().find((each) => each.accepts(name));
    let count = 0;
    for await (const record of feed?.parse({ name, content: memoryBytes(bytes).read(0, bytes.length) }) ?? []) {
      if (record.kind !== "advisory") continue;
      count++;
      for (const { namespace } of record.advisory.affected) written.add(namespace);
    }
    if (count === 0) throw new Error(`${name} states nothing`);
  }
  return written;
}

/** `Root:Debian:12` → `Root:Debian`, `Alpine:v3.20` → `Alpine`: without the release. */
function base(namespace: string): string {
  const [first = "", second = ""] = namespace.split(":");
  return ["Root", "Seal", "RapidFort"].includes(first) ? `${first}:${second}` : first;
}

/** Written, and asked for by no ecosystem, with who reads them. */
const readOtherwise: ReadonlyMap<string, string> = new Map([
  ["End of life", "a store is asked for it by endOfSupport"],
]);

/** Of OSV's schema, and asked for by no ecosystem, with the reason. */
const notInImages: ReadonlyMap<string, string> = new Map([
  ["Bioconductor", "nothing installed says which of its releases an R package is of"],
  ["GitHub Actions", "workflows are not installed in images"],
  ["GHC", "advisories on the compiler's own libraries, which no package names"],
]);

describe("namespaces", () => {
  const asked = askedNamespaces();

  // Some are written by Trivy's database alone.
  test.skipIf(database === undefined)("that are asked for are written by a feed", async () => {
    const written = new Set([...(await writtenNamespaces())].map(base));

    const unknown = [...asked].map(base).filter((each) => !written.has(each) && !definedEcosystems.has(each));

    expect([...new Set(unknown)].sort()).toEqual([]);
  });

  test("that feeds write are asked for, to the letter", async () => {
    const forNobody = [...(await writtenNamespaces())].filter((each) => !asked.has(each) && !readOtherwise.has(each));

    expect(forNobody.sort()).toEqual([]);
  });

  test("of OSV's schema are asked for", () => {
    const bases = new Set([...asked].map(base));

    expect([...definedEcosystems].filter((each) => !bases.has(each) && !notInImages.has(each)).sort()).toEqual([]);
  });
});
