import type { AffectedPackage, Distro, Package } from "@plimsoll/model";
import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { contentSets } from "./content-sets.ts";
import { rpm } from "./index.ts";

const pkg: Package = {
  id: "1",
  ecosystem: "rpm",
  purl: "pkg:rpm/redhat/openssl-libs",
  name: "openssl-libs",
  version: "1:3.0.7-27.el9",
  architecture: "x86_64",
  source: { name: "openssl", version: "1:3.0.7-27.el9" },
  facts: { sourcerpm: "openssl-3.0.7-27.el9.src.rpm" },
  locations: [],
};

const byBinary = ["openssl-libs"];
const bySource = ["openssl"];

describe("advisory keys of rpm", () => {
  test.each<[Distro, string[], string[]]>([
    [{ id: "almalinux", versionId: "9.0" }, ["AlmaLinux:9"], byBinary],
    [{ id: "rocky", versionId: "8.9" }, ["Rocky Linux:8"], byBinary],
    [{ id: "ol", versionId: "9.4" }, ["Oracle Linux:9"], byBinary],
    [{ id: "amzn", versionId: "2018.03" }, ["Amazon Linux:1"], byBinary],
    [{ id: "amzn", versionId: "2" }, ["Amazon Linux:2"], byBinary],
    [{ id: "amzn", versionId: "2023" }, ["Amazon Linux:2023"], byBinary],
    [{ id: "azurelinux", versionId: "3.0" }, ["Azure Linux:3"], bySource],
    [{ id: "mariner", versionId: "2.0" }, ["Azure Linux:2"], bySource],
    [{ id: "photon", versionId: "5.0" }, ["Photon OS:5.0"], bySource],
    [{ id: "mageia", versionId: "9" }, ["Mageia:9"], bySource],
    [
      { id: "openeuler", versionId: "22.03", prettyName: "openEuler 22.03 (LTS-SP4)" },
      ["openEuler:22.03-LTS-SP4"],
      bySource,
    ],
    [{ id: "opensuse-leap", versionId: "15.6" }, ["openSUSE:Leap 15.6"], [...byBinary, ...bySource]],
    [{ id: "opensuse-tumbleweed", versionId: "20240901" }, ["openSUSE:Tumbleweed"], [...byBinary, ...bySource]],
    [{ id: "opensuse-microos", versionId: "20240901" }, ["openSUSE:Tumbleweed"], [...byBinary, ...bySource]],
    [{ id: "fedora", versionId: "41" }, ["Fedora:41"], byBinary],
    [{ id: "sle-micro-rancher", versionId: "5.4" }, ["SUSE:Linux Enterprise Micro 5.4"], [...byBinary, ...bySource]],
    [{ id: "sle-micro", versionId: "5.5" }, ["SUSE:Linux Enterprise Micro 5.5"], [...byBinary, ...bySource]],
    [{ id: "sl-micro", versionId: "6.0" }, ["SUSE:Linux Micro 6.0"], [...byBinary, ...bySource]],
    [
      { id: "rhel", versionId: "9.4" },
      [
        "Red Hat:enterprise_linux:9",
        "Red Hat:enterprise_linux:9::baseos",
        "Red Hat:enterprise_linux:9::appstream",
        "Red Hat:enterprise_linux:9::crb",
      ],
      byBinary,
    ],
    [
      { id: "centos", versionId: "7", name: "CentOS Linux" },
      ["", "::server", "::client", "::workstation", "::computenode"].map(
        (variant) => `Red Hat:enterprise_linux:7${variant}`,
      ),
      byBinary,
    ],
    [
      {
        id: "rhel",
        versionId: "9.4",
        facts: {
          "content-sets/ubi9-1.json": "rhel-9-for-x86_64-baseos-eus-rpms rhel-9-for-x86_64-appstream-rpms",
          "content-sets/app-2.json": "codeready-builder-for-rhel-9-x86_64-rpms unknown-set",
        },
      },
      [
        "Red Hat:enterprise_linux:9",
        "Red Hat:rhel_eus:9.4::baseos",
        "Red Hat:enterprise_linux:9::appstream",
        "Red Hat:enterprise_linux:9::crb",
      ],
      byBinary,
    ],
    [
      { id: "rhel", versionId: "10.1" },
      [
        "Red Hat:enterprise_linux:10",
        "Red Hat:enterprise_linux:10.1",
        "Red Hat:enterprise_linux:10::baseos",
        "Red Hat:enterprise_linux:10::appstream",
        "Red Hat:enterprise_linux:10::crb",
      ],
      byBinary,
    ],
  ])("of %j are kept under %j", (distro, namespaces, names) => {
    const keys = rpm.advisoryKeys(pkg, distro);

    expect([...new Set(keys.map(({ namespace }) => namespace))]).toEqual(namespaces);
    expect([...new Set(keys.map(({ name }) => name))]).toEqual(names);
    expect(keys.every(({ version }) => version === "1:3.0.7-27.el9")).toBe(true);
    expect(rpm.lookupGap?.(pkg, distro)).toBeUndefined();
  });

  test("of SUSE Linux Enterprise cover the server, its long-term support and the modules of the release", () => {
    const namespaces = rpm.advisoryKeys(pkg, { id: "sles", versionId: "15.5" }).map(({ namespace }) => namespace);

    expect(namespaces).toEqual(
      expect.arrayContaining([
        "SUSE:Linux Enterprise Server 15 SP5",
        "SUSE:Linux Enterprise Server 15 SP5-LTSS",
        "SUSE:Linux Enterprise Module for Basesystem 15 SP5",
      ]),
    );
  });

  test.each<[Distro | undefined, string]>([
    [undefined, "unknown-distro"],
    [{ id: "centos", versionId: "9", name: "CentOS Stream" }, "unsupported-distro"],
    [{ id: "fedora" }, "unsupported-distro"],
    [{ id: "almalinux", versionId: "10", name: "AlmaLinux Kitten" }, "unsupported-distro"],
    [{ id: "sles" }, "unsupported-distro"],
    [{ id: "photon", versionId: "nonsense" }, "unsupported-distro"],
    [{ id: "amzn" }, "unsupported-distro"],
  ])("there are none of %j, and the gap says why", (distro, code) => {
    expect(rpm.advisoryKeys(pkg, distro)).toEqual([]);
    expect(rpm.lookupGap?.(pkg, distro)?.code).toBe(code);
  });

  test.each([
    ["rhel", "9.4", "Red Hat, Inc.", undefined],
    ["rhel", "9.4", "Fedora Project", "third-party-package"],
    ["almalinux", "9.4", "AlmaLinux", undefined],
    ["rocky", "9.4", "Rocky Enterprise Software Foundation", undefined],
    ["centos", "7", "CentOS", undefined],
    ["ol", "9.4", "Oracle America", undefined],
    ["amzn", "2023", "Amazon Linux", undefined],
    ["sles", "15.5", "SUSE LLC <https://www.suse.com/>", undefined],
    ["opensuse-leap", "15.6", "openSUSE", undefined],
    ["opensuse-leap", "15.6", "obs://build.opensuse.org/devel:languages:python", "third-party-package"],
    ["rhel", "8.9", "MongoDB Inc.", "third-party-package"],
    ["rhel", "8.9", "", undefined],
  ])("on %s %s, packages of %j are %s", (id, versionId, supplier, code) => {
    const found = { ...pkg, supplier };

    expect(rpm.lookupGap?.(found, { id, versionId })?.code).toBe(code);
    expect(rpm.advisoryKeys(found, { id, versionId }).length === 0).toBe(code !== undefined);
  });
});

function affected(fixed: string | undefined, more: Partial<AffectedPackage> = {}): AffectedPackage {
  return {
    advisory: "X-1",
    namespace: "AlmaLinux:8",
    name: "nodejs",
    ranges: [{ introduced: "0", end: fixed === undefined ? { kind: "open" } : { kind: "fixed", version: fixed } }],
    ...more,
  };
}

test("packages of Remi are told by their release where the vendor was lost", () => {
  const found = { ...pkg, version: "7.3.23-1.el7.remi" };

  expect(rpm.lookupGap?.(found, { id: "centos", versionId: "7" })?.message).toContain("Remi's repository");
  expect(rpm.advisoryKeys(found, { id: "centos", versionId: "7" })).toEqual([]);
});

describe("packages that somebody else rebuilt", () => {
  const curated = { facts: { rapidfort: "curated" } };

  test.each<[Distro, Partial<Package>, string[]]>([
    [
      { id: "rhel", versionId: "9.4", ...curated },
      {},
      ["RapidFort:Red Hat:9 openssl", "RapidFort:Red Hat:9 openssl-libs"],
    ],
    [{ id: "rhel", versionId: "9.4", ...curated }, built("7.76.1-20.el8"), ["RapidFort:Red Hat:8 curl"]],
    [{ id: "rhel", versionId: "9.4", ...curated }, built("7.76.1-26.fc39"), ["RapidFort:Fedora:39 curl"]],
    [{ id: "rhel", versionId: "9.4", ...curated }, built("7.76.1-20.rf1"), ["RapidFort:Red Hat curl"]],
    [{ id: "rhel", versionId: "9.4", ...curated }, built("7.76.1-20.rfc3339"), ["RapidFort:Red Hat:9 curl"]],
    [{ id: "amzn", versionId: "2023", ...curated }, built("8.5.0-1.amzn2023"), ["RapidFort:Amazon linux:2023 curl"]],
    [{ id: "rhel", versionId: "9.4" }, {}, []],
  ])("on %j, %j is kept under %j first", (distro, found, keys) => {
    const all = rpm.advisoryKeys({ ...pkg, ...found }, distro);

    expect(
      all
        .filter(({ namespace }) => namespace.startsWith("RapidFort:"))
        .map(({ namespace, name }) => `${namespace} ${name}`),
    ).toEqual(keys);
    expect(all.some(({ namespace }) => !namespace.startsWith("RapidFort:"))).toBe(true);
  });

  test("are kept by Seal under its own names", () => {
    const sealed = { ...pkg, name: "seal-wget", source: { name: "seal-wget", version: "1.12-10.el6+sp1" } };

    expect(rpm.advisoryKeys(sealed, { id: "centos", versionId: "6" })).toEqual([
      { namespace: "Seal:Red Hat:6", name: "seal-wget", version: "1.12-10.el6+sp1" },
    ]);
  });
});

function built(version: string): Partial<Package> {
  return { name: "curl", version, source: { name: "curl", version } };
}

describe("statements that stand in place of others", () => {
  const entry = (namespace: string, name: string, advisory: string, fixed?: string): AffectedPackage => ({
    ...affected(fixed),
    advisory,
    namespace,
    name,
  });

  test("a fix of Red Hat stands in place of its word that there is none", () => {
    const entries = [
      entry("Red Hat:enterprise_linux:8", "expat", "CVE-2024-1"),
      entry("Red Hat:enterprise_linux:8::baseos", "expat", "CVE-2024-1", "2.2.5-15.el8_10"),
      entry("Red Hat:enterprise_linux:8", "expat", "CVE-2024-2"),
    ];

    expect(rpm.applicability?.settles?.(pkg, entries, undefined)).toEqual(entries.slice(1));
  });

  test("RapidFort speaks in place of the distribution, of the source before the binary", () => {
    const entries = [
      entry("Red Hat:enterprise_linux:9", "openssl-libs", "CVE-2024-1", "1"),
      entry("RapidFort:Red Hat:9", "openssl-libs", "CVE-2024-1", "2"),
      entry("RapidFort:Red Hat:9", "openssl", "CVE-2024-1", "3"),
      entry("RapidFort:Red Hat:9", "openssl-libs", "CVE-2024-2", "4"),
    ];

    expect(rpm.applicability?.settles?.(pkg, entries, undefined)).toEqual(entries.slice(2));
  });
});

describe("rejected statements", () => {
  const modular: Package = {
    ...pkg,
    version: "1:18.20.2-1.module+el8.9.0+21767+537f34ee",
    module: "nodejs:18:8090020240417:a75119d5",
  };
  const plain: Package = { ...pkg, version: "1:10.24.0-1.el8", facts: {} };
  const moduleFix = "1:18.20.4-1.module_el8.10.0+3872+7b06da0d";

  test.each<[string, Package, AffectedPackage, boolean]>([
    ["another architecture", pkg, affected("2", { qualifiers: { arch: ["aarch64", "s390x"] } }), true],
    ["its own architecture", pkg, affected("2", { qualifiers: { arch: ["aarch64", "x86_64"] } }), false],
    [
      "an architecture, for a package of none",
      { ...pkg, architecture: "noarch" },
      affected("2", { qualifiers: { arch: ["s390x"] } }),
      false,
    ],
    ["a module, for a plain package", plain, affected(moduleFix), true],
    ["a plain fix, for a modular package", modular, affected("1:18.20.4-1.el8"), true],
    ["a modular fix, for a modular package", modular, affected(moduleFix), false],
    ["the same stream", modular, affected(moduleFix, { qualifiers: { modules: ["nodejs:18"] } }), false],
    ["another stream", modular, affected(moduleFix, { qualifiers: { modules: ["nodejs:20"] } }), true],
    [
      "an unfixed problem of another stream",
      modular,
      affected(undefined, { qualifiers: { modules: ["nodejs:20"] } }),
      true,
    ],
    [
      "an unfixed problem of a module, for a plain package",
      plain,
      affected(undefined, { qualifiers: { modules: ["nodejs:20"] } }),
      true,
    ],
    [
      "an unfixed problem of the plain build, for a module",
      modular,
      affected(undefined, { qualifiers: { modules: [] } }),
      true,
    ],
    ["an unfixed problem that names no module", modular, affected(undefined), false],
    ["a plain fix, for a plain package", plain, affected("1:10.24.1-1.el8"), false],
    [
      "a module, for a modular package without label",
      { ...modular, facts: {} },
      affected("18.20.4-1.module+el8.10.0+1", { namespace: "Oracle Linux:8", qualifiers: { modules: ["nodejs:18"] } }),
      false,
    ],
    [
      "other binaries of the source",
      pkg,
      affected("2:1", {
        namespace: "SUSE:Linux Enterprise Server 15 SP5",
        name: "openssl",
        qualifiers: { binaries: ["openssl", "openssl-doc"] },
      }),
      true,
    ],
    [
      "this binary of the source among others",
      pkg,
      affected("2:1", {
        namespace: "openSUSE:Leap 15.6",
        name: "openssl",
        qualifiers: { binaries: ["openssl", "openssl-libs"] },
      }),
      false,
    ],
    ["a module, for a build that lost its label", { ...modular, facts: {} }, affected(moduleFix), false],
    [
      "the ksplice flavour, for the plain package",
      { ...plain, version: "2:2.34-60.0.3.el9" },
      affected("2:2.34-60.0.3.ksplice1.el9", { namespace: "Oracle Linux:9" }),
      true,
    ],
    [
      "both flavours, for the plain package",
      { ...plain, version: "2:2.34-60.0.3.el9" },
      affected("2:2.34-60.0.3.ksplice1.el9", { namespace: "Oracle Linux:9", patched: ["2:2.34-60.0.4.el9"] }),
      false,
    ],
    [
      "the ksplice flavour, for the ksplice package",
      { ...plain, version: "2:2.34-60.0.1.ksplice1.el9" },
      affected("2:2.34-60.0.3.ksplice1.el9", { namespace: "Oracle Linux:9" }),
      false,
    ],
    [
      "another ksplice flavour, for the ksplice package",
      { ...plain, version: "2:2.34-60.0.1.ksplice2.el9" },
      affected("2:2.34-60.0.3.ksplice1.el9", { namespace: "Oracle Linux:9" }),
      true,
    ],
    [
      "the plain flavour, for the FIPS package",
      { ...plain, version: "10:3.7.6-18.0.1.el9_fips" },
      affected("3.7.6-18.el9_1", { namespace: "Oracle Linux:9" }),
      true,
    ],
  ])("%s", (_, installed, statement, rejected) => {
    const reason = rpm.applicability?.rejects?.(installed, statement, undefined);

    expect(reason !== undefined).toBe(rejected);
  });
});

describe("statements of which nobody can tell whether they are meant", () => {
  const release = "12.9-1.module_el8.5.0+2606+4554acc4";
  const labelled: Package = { ...pkg, version: release, module: "postgresql:12:8050020211112:x" };
  const fix = "13.5-1.module_el8.5.0+2607+8c0fd184";
  const of = (module?: string): AffectedPackage =>
    affected(fix, {
      namespace: "AlmaLinux:8",
      ...(module === undefined ? {} : { qualifiers: { modules: module.split(",") } }),
    });

  test.each<[string, Package, AffectedPackage, boolean, boolean]>([
    ["the same stream", labelled, of("postgresql:12"), false, false],
    ["one of several streams", labelled, of("virt:rhel,postgresql:12"), false, false],
    ["another stream", labelled, of("postgresql:13"), true, false],
    ["no stream", labelled, of(), false, true],
    ["a stream, for a package that lost its label", { ...pkg, version: release }, of("postgresql:12"), false, true],
    ["a stream, for a plain package", { ...pkg, version: "12.9-1.el8" }, of("postgresql:12"), true, false],
    ["an unfixed problem that names no module", labelled, affected(undefined), false, false],
    ["no stream, at Oracle", labelled, affected(fix, { namespace: "Oracle Linux:8" }), false, false],
  ])("%s", (_, installed, statement, rejected, unknown) => {
    expect(rpm.applicability?.rejects?.(installed, statement, undefined) !== undefined).toBe(rejected);
    if (!rejected) expect(rpm.applicability?.uncertain?.(installed, statement, undefined) !== undefined).toBe(unknown);
  });
});

describe("the purl of an rpm", () => {
  test("has architecture, epoch, module and source", () => {
    const found = { ...pkg, module: "a:b:1:c" };

    expect(rpm.purl(found, { id: "rhel", versionId: "9.4" })).toBe(
      "pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9.4&epoch=1&rpmmod=a:b:1:c&upstream=openssl-3.0.7-27.el9.src.rpm",
    );
  });

  test.each([
    ["opensuse-leap", "opensuse"],
    ["sles", "suse"],
    ["sle-micro", "suse"],
    ["amzn", "amzn"],
    ["photon", "photon"],
  ])("on %s is in the namespace %s", (id, namespace) => {
    expect(rpm.purl({ name: "a", version: "1-1" }, { id })).toBe(`pkg:rpm/${namespace}/a@1-1?distro=${id}`);
  });
});

describe("rpm/content-sets", () => {
  test("keeps the sets of each file apart, so that those of several layers add up", async () => {
    const text = JSON.stringify({ metadata: {}, content_sets: ["b", "a", "a"], image_contents: [] });

    expect((await observe(contentSets, "root/buildinfo/content_manifests/ubi9-1.json", text)).all).toEqual([
      { kind: "distro", distro: { facts: { "content-sets/ubi9-1.json": "a b" } }, rank: 110, onlyFor: "rhel" },
    ]);
  });

  test("reports a broken manifest", async () => {
    expect((await observe(contentSets, "root/buildinfo/content_manifests/x.json", "{")).diagnostics).toHaveLength(1);
  });
});
