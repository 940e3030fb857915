import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { endOfLife } from "./end-of-life.ts";
import { distroAnalyzers, parseOsRelease } from "./os-release.ts";

async function observeRelease(path: string, text: string): Promise<unknown[]> {
  const all = [];
  for (const analyzer of distroAnalyzers)
    if (analyzer.matches.some((matcher) => "path" in matcher && matcher.path === path))
      all.push(...(await observe(analyzer, path, text)).all);
  return all;
}

describe("os-release", () => {
  test("is read with quotes, comments, indentation and without unknown keys", () => {
    const text = `# comment
NAME="Ubuntu"
  VERSION_ID='22.04'
\t\t\tID=Ubuntu
ID_LIKE="rhel centos  fedora"
VERSION_CODENAME=jammy
PRETTY_NAME="Say \\"hi\\" for \\$5"
VARIANT_ID=container
CPE_NAME="cpe:/o:redhat:enterprise_linux:9::baseos"
HOME_URL=x
nonsense
=
EMPTY=
`;
    expect(parseOsRelease(text)).toEqual({
      id: "ubuntu",
      name: "Ubuntu",
      versionId: "22.04",
      codename: "jammy",
      prettyName: 'Say "hi" for $5',
      idLike: ["rhel", "centos", "fedora"],
      variantId: "container",
      cpeName: "cpe:/o:redhat:enterprise_linux:9::baseos",
    });
  });

  test("is read as a shell would: a comment behind a value is none of it", () => {
    const text = `ID=debian # the base
VERSION_ID="12" # quoted
NAME='Say # it' #x
PRETTY_NAME=a#b c
VARIANT_ID="open
VERSION_CODENAME="a\\"b"c
`;
    expect(parseOsRelease(text)).toEqual({
      id: "debian",
      versionId: "12",
      name: "Say # it",
      prettyName: "a#b c",
      variantId: '"open',
      codename: '"a\\"b"c',
    });
  });

  test("in /etc outranks the vendor's, and knows when support ends", async () => {
    const text = "ID=alpine\nVERSION_ID=3.10.9\n";
    const distro = { id: "alpine", versionId: "3.10.9", endOfLife: "2021-05-01" };

    expect(await observeRelease("etc/os-release", text)).toEqual([{ kind: "distro", distro, rank: 100 }]);
    expect(await observeRelease("usr/lib/os-release", text)).toEqual([{ kind: "distro", distro, rank: 99 }]);
  });

  test("tells the end of CentOS Stream from that of CentOS", async () => {
    const [observation] = await observeRelease("etc/os-release", 'NAME="CentOS Stream"\nID="centos"\nVERSION_ID="9"\n');

    expect(observation).toMatchObject({ distro: { endOfLife: "2027-05-31" } });
  });

  test.each(["", "\n\n", "no assignments here"])("says nothing for %j", async (text) => {
    expect(await observeRelease("etc/os-release", text)).toEqual([]);
  });
});

describe("legacy release files", () => {
  test.each([
    ["etc/alpine-release", "3.10.9\n", { id: "alpine", versionId: "3.10.9" }],
    ["etc/arch-release", "", { id: "arch" }],
    ["etc/centos-release", "CentOS Linux release 7.9.2009 (Core)\n", { id: "centos", versionId: "7.9.2009" }],
    ["etc/redhat-release", "Red Hat Enterprise Linux release 8.5 (Ootpa)\n", { id: "rhel", versionId: "8.5" }],
    [
      "etc/redhat-release",
      "Red Hat Enterprise Linux Server release 6.10 (Santiago)",
      { id: "rhel", versionId: "6.10" },
    ],
    ["etc/oracle-release", "Oracle Linux Server release 8.5\n", { id: "ol", versionId: "8.5" }],
    ["etc/fedora-release", "Fedora release 40 (Forty)\n", { id: "fedora", versionId: "40" }],
    ["etc/rocky-release", "Rocky Linux release 9.4 (Blue Onyx)\n", { id: "rocky", versionId: "9.4" }],
    ["etc/almalinux-release", "AlmaLinux release 9.0 (Emerald Puma)", { id: "almalinux", versionId: "9.0" }],
    ["etc/system-release", "Amazon Linux AMI release 2018.03\n", { id: "amzn", versionId: "2018.03" }],
    ["etc/system-release", "Amazon Linux release 2 (Karoo)\n", { id: "amzn", versionId: "2" }],
    ["etc/system-release", "Amazon Linux 2\n", { id: "amzn", versionId: "2" }],
    ["etc/debian_version", "12.5\n", { id: "debian", versionId: "12" }],
    ["etc/debian_version", "6.0.10\n", { id: "debian", versionId: "6", endOfLife: "2016-02-29" }],
    ["etc/debian_version", "3.1\n", { id: "debian", versionId: "3.1", endOfLife: "2008-03-31" }],
    ["etc/debian_version", "trixie/sid\n", { id: "debian", codename: "trixie" }],
    [
      "etc/lsb-release",
      'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\nDISTRIB_CODENAME=trusty\nDISTRIB_DESCRIPTION="Ubuntu 14.04 LTS"\n',
      { id: "ubuntu", versionId: "14.04", codename: "trusty", prettyName: "Ubuntu 14.04 LTS" },
    ],
    [
      "etc/openwrt_release",
      "DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='21.02.1'\n",
      { id: "openwrt", versionId: "21.02.1" },
    ],
    [
      "etc/SuSE-release",
      "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n",
      { id: "sles", versionId: "11.4", endOfLife: "2019-03-31" },
    ],
    ["etc/SuSE-release", "openSUSE 13.2 (x86_64)\nVERSION = 13.2\n", { id: "opensuse", versionId: "13.2" }],
    ["etc/system-release-cpe", "cpe:/o:centos:linux:6:GA\n", { id: "centos", versionId: "6" }],
    ["etc/system-release-cpe", "cpe:2.3:o:amazon:amazon_linux:2\n", { id: "amzn", versionId: "2" }],
    ["usr/lib/system-release", "Amazon Linux release 2022 (Amazon Linux)\n", { id: "amzn", versionId: "2022" }],
    ["usr/lib/fedora-release", "Fedora release 41 (Forty One)\n", { id: "fedora", versionId: "41" }],
    ["etc/slackware-version", "Slackware 15.0\n", { id: "slackware", versionId: "15.0" }],
    ["etc/photon-release", "VMware Photon OS 4.0\nPHOTON_BUILD_NUMBER=abc\n", { id: "photon", versionId: "4.0" }],
    ["etc/mariner-release", "CBL-Mariner 2.0.20220122\n", { id: "mariner", versionId: "2.0" }],
    ["etc/azurelinux-release", "Microsoft Azure Linux 3.0.20240727\n", { id: "azurelinux", versionId: "3.0" }],
    ["etc/gentoo-release", "Gentoo Base System release 2.14\n", { id: "gentoo", versionId: "2.14" }],
    ["etc/mageia-release", "Mageia release 9 (Official) for x86_64\n", { id: "mageia", versionId: "9" }],
    [
      "etc/openEuler-release",
      "openEuler release 22.03 (LTS-SP4)\n",
      { id: "openeuler", versionId: "22.03", endOfLife: "2028-03-31" },
    ],
  ])("%s %j", async (path, text, expected) => {
    const merged = Object.assign(
      {},
      ...(await observeRelease(path, text)).map((observation) => (observation as { distro: object }).distro),
    ) as object;

    expect(merged).toMatchObject(expected);
  });

  test("claim details only for their own distribution, since derivatives keep them", async () => {
    expect(await observeRelease("etc/debian_version", "12.5")).toEqual([
      { kind: "distro", distro: { id: "debian" }, rank: 40 },
      { kind: "distro", distro: { versionId: "12", endOfLife: "2028-06-30" }, rank: 40, onlyFor: "debian" },
    ]);
  });

  test("of Oracle Linux go before Red Hat's text that it keeps", async () => {
    const rankOf = async (path: string, text: string): Promise<number> =>
      ((await observeRelease(path, text))[0] as { rank: number }).rank;

    const oracle = await rankOf("etc/oracle-release", "Oracle Linux Server release 8.5");
    expect(oracle).toBeGreaterThan(await rankOf("etc/redhat-release", "Red Hat Enterprise Linux release 8.5 (Ootpa)"));
  });

  test.each(["etc/redhat-release", "etc/SuSE-release", "etc/lsb-release", "etc/debian_version"])(
    "%s says nothing when it holds nothing known",
    async (path) => {
      expect(await observeRelease(path, "\n\0nonsense=")).toEqual(path === "etc/debian_version" ? [] : []);
    },
  );
});

describe("endOfLife", () => {
  test.each([
    ["alpine", "3.10.9", "2021-05-01"],
    ["debian", "11", "2026-08-31"],
    ["debian", "11.5", "2026-08-31"],
    ["ubuntu", "22.04", "2027-04-01"],
    ["rhel", "9.4", "2032-05-31"],
    ["amzn", "2018.03", "2023-12-31"],
    ["alpine", "3.1000", undefined],
    ["alpine", "edge", undefined],
    ["alpine", "3.21.0_alpha20240923", undefined],
    ["sles_sap", "15.5", "2024-12-31"],
    ["ubuntu with esm", "18.04", "2028-04-30"],
    ["wolfi", "20230201", undefined],
    ["__proto__", "1", undefined],
    ["debian", "constructor", undefined],
  ])("of %s %s is %s", (id, version, date) => {
    expect(endOfLife(id, version)).toBe(date);
  });
});
