import type { AffectedPackage, Distro, Observation, Package } from "@plimsoll/model";
import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { deb } from "./index.ts";
import { ubuntuPro, ubuntuSupport } from "./ubuntu-pro.ts";

const pkg: Package = {
  id: "1",
  ecosystem: "deb",
  purl: "pkg:deb/debian/libssl1.1@1.1.1n-0+deb11u3",
  name: "libssl1.1",
  version: "1:1.1.1n-0+deb11u3+b1",
  architecture: "amd64",
  source: { name: "openssl", version: "1:1.1.1n-0+deb11u3" },
  supplier: "Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>",
  locations: [],
};
const debian: Distro = { id: "debian", versionId: "11", name: "Debian GNU/Linux" };

describe("advisory keys of deb", () => {
  test.each<[Distro, string[]]>([
    [debian, ["Debian:11"]],
    [{ id: "debian", versionId: "12.5" }, ["Debian:12"]],
    [{ id: "debian", codename: "trixie" }, ["Debian:13"]],
    [{ id: "debian", versionId: "6" }, ["Debian:6.0", "Debian:6"]],
    [{ id: "debian", versionId: "5.0.10" }, ["Debian:5.0", "Debian:5"]],
    [{ id: "debian", codename: "etch" }, ["Debian:4.0", "Debian:4"]],
    [{ id: "debian", versionId: "3.1" }, ["Debian:3.1"]],
    [{ id: "raspbian", versionId: "10" }, ["Debian:10"]],
    [{ id: "ubuntu", versionId: "22.04" }, ["Ubuntu:22.04:LTS"]],
    [{ id: "ubuntu", versionId: "23.10" }, ["Ubuntu:23.10"]],
    [{ id: "ubuntu", versionId: "23.04" }, ["Ubuntu:23.04"]],
    [
      { id: "ubuntu", versionId: "18.04", channels: ["esm-apps", "esm-infra", "livepatch"] },
      ["Ubuntu:18.04:LTS", "Ubuntu:Pro:18.04:LTS"],
    ],
    [{ id: "ubuntu", versionId: "20.04", channels: ["fips-updates"] }, ["Ubuntu:20.04:LTS"]],
    [{ id: "echo", versionId: "1" }, ["Echo"]],
  ])("of %j are kept under %j, by source", (distro, namespaces) => {
    expect(deb.advisoryKeys(pkg, distro)).toEqual(
      namespaces.map((namespace) => ({ namespace, name: "openssl", version: "1:1.1.1n-0+deb11u3" })),
    );
    expect(deb.lookupGap?.(pkg, distro)).toBeUndefined();
  });

  test.each<[Distro | undefined, string]>([
    [undefined, "unknown-distro"],
    [{ id: "kali", versionId: "2024.1", idLike: ["debian"] }, "unsupported-distro"],
    [{ id: "debian", codename: "sid" }, "unsupported-distro"],
    [{ id: "debian" }, "unsupported-distro"],
    [{ id: "ubuntu", versionId: "rolling" }, "unsupported-distro"],
  ])("there are none of %j, and the gap says why", (distro, code) => {
    expect(deb.advisoryKeys(pkg, distro)).toEqual([]);
    expect(deb.lookupGap?.(pkg, distro)?.code).toBe(code);
  });

  test.each<[string, string, readonly string[], string[]]>([
    [
      "openssl",
      "1.1.1f-1ubuntu2.fips.22",
      ["fips"],
      ["Ubuntu:20.04:LTS", "Ubuntu:Pro:FIPS:20.04:LTS", "Ubuntu:Pro:FIPS-updates:20.04:LTS"],
    ],
    [
      "openssl",
      "3.0.2-0ubuntu1.15+Fips1.1",
      ["fips-updates"],
      ["Ubuntu:20.04:LTS", "Ubuntu:Pro:FIPS-updates:20.04:LTS"],
    ],
    ["linux-fips", "5.4.0-1026.30", ["fips-updates"], ["Ubuntu:20.04:LTS", "Ubuntu:Pro:FIPS-updates:20.04:LTS"]],
    ["curl", "7.68.0-1ubuntu2.25+esm1", [], ["Ubuntu:20.04:LTS", "Ubuntu:Pro:20.04:LTS"]],
    ["curl", "7.68.0-1ubuntu2.22", [], ["Ubuntu:20.04:LTS"]],
  ])("of %s %s with %j of Ubuntu Pro are kept under %j", (name, version, channels, namespaces) => {
    const distro = { id: "ubuntu", versionId: "20.04", channels };

    expect(deb.advisoryKeys({ ...pkg, name, version, source: { name, version } }, distro)).toEqual(
      namespaces.map((namespace) => ({ namespace, name, version })),
    );
  });

  test("Ubuntu Pro speaks in place of the archive, whose packages without Pro have no fix", () => {
    const entry = (namespace: string, advisory: string): AffectedPackage => ({
      advisory,
      namespace,
      name: "curl",
      ranges: [],
    });
    const entries = [
      entry("Ubuntu:20.04:LTS", "UBUNTU-CVE-2024-1"),
      entry("Ubuntu:Pro:20.04:LTS", "UBUNTU-CVE-2024-1"),
      entry("Ubuntu:20.04:LTS", "UBUNTU-CVE-2024-2"),
    ];

    expect(deb.applicability?.settles?.(pkg, entries, debian)).toEqual(entries.slice(1));
  });

  test.each<[Distro, Partial<Package>, string[]]>([
    [debian, { version: "1.1.1n-0+deb11u3.root.io.1" }, ["Root:Debian:11 openssl", "Debian:11 openssl"]],
    [
      { id: "ubuntu", versionId: "22.04" },
      { version: "1.root.io.1" },
      ["Root:Ubuntu:22.04 openssl", "Ubuntu:22.04:LTS openssl"],
    ],
    [debian, { name: "seal-wget", source: { name: "seal-wget", version: "1" } }, ["Seal:Debian seal-wget"]],
    [
      { id: "ubuntu", versionId: "22.04.1", facts: { rapidfort: "curated" } },
      {},
      ["RapidFort:Ubuntu:22.04 openssl", "RapidFort:Ubuntu:22.04 libssl1.1", "Ubuntu:22.04:LTS openssl"],
    ],
    [
      { id: "ubuntu", versionId: "22.04", facts: { rapidfort: "curated" } },
      { name: "curl", source: { name: "curl", version: "8.5.0-2rfubu1" } },
      ["RapidFort:Ubuntu curl", "Ubuntu:22.04:LTS curl"],
    ],
  ])("on %j, %j, which somebody else built, is kept under %j", (distro, found, keys) => {
    expect(deb.advisoryKeys({ ...pkg, ...found }, distro).map(({ namespace, name }) => `${namespace} ${name}`)).toEqual(
      keys,
    );
  });
});

describe("the purl of a deb", () => {
  test("has epoch, distribution and what it was built from", () => {
    expect(deb.purl(pkg, debian)).toBe(
      "pkg:deb/debian/libssl1.1@1.1.1n-0%2Bdeb11u3%2Bb1?arch=amd64&distro=debian-11&epoch=1&upstream=openssl%401:1.1.1n-0%2Bdeb11u3",
    );
  });

  test("leaves out an equal source", () => {
    const source = { name: "tar", version: "1.34" };

    expect(deb.purl({ name: "tar", version: "1.34", source }, { id: "debian", codename: "trixie" })).toBe(
      "pkg:deb/debian/tar@1.34?distro=debian-trixie",
    );
  });
});

describe("deb/ubuntu-pro", () => {
  const path = "var/lib/ubuntu-advantage/status.json";

  test("reads the services that are enabled", async () => {
    const text = JSON.stringify({
      attached: true,
      services: [
        { name: "esm-infra", status: "enabled" },
        { name: "esm-apps", status: "disabled" },
      ],
    });

    expect((await observe(ubuntuPro, path, text)).all).toEqual([
      { kind: "distro", distro: { channels: ["esm-infra"] }, rank: 110, onlyFor: "ubuntu" },
    ]);
  });

  test("says nothing where there is nothing", async () => {
    expect((await observe(ubuntuPro, path, "{}")).all).toEqual([]);
  });

  test.each(['{"services":null}', "[]", "null", '{"services":[null]}'])("tells that %s is wrong", async (text) => {
    expect((await observe(ubuntuPro, path, text)).all).toMatchObject([{ kind: "diagnostic", code: "malformed-file" }]);
  });

  test("reports a broken status", async () => {
    expect((await observe(ubuntuPro, path, "{")).diagnostics).toHaveLength(1);
  });
});

describe("deb/ubuntu-support", () => {
  const release = {
    kind: "distro",
    distro: { id: "ubuntu", versionId: "18.04", endOfLife: "2023-05-31" },
    rank: 100,
  } as const;
  const pro = (channel: string) => ({ kind: "distro", distro: { channels: [channel] }, rank: 110 }) as const;
  const located = (observation: Observation) => ({ observation, path: "x", analyzer: "x" });
  const files = Object.assign([], { get: () => undefined });

  test("ends later with expanded security maintenance", () => {
    expect([
      ...(ubuntuSupport.analyze(files, [located(release), located(pro("esm-infra"))], {}) as Iterable<Observation>),
    ]).toEqual([{ kind: "distro", distro: { endOfLife: "2028-04-30" }, rank: 110, onlyFor: "ubuntu" }]);
    expect([
      ...(ubuntuSupport.analyze(files, [located(release), located(pro("fips"))], {}) as Iterable<Observation>),
    ]).toEqual([]);
  });
});
