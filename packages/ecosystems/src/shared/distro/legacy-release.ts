import { parseCpe } from "@plimsoll/formats";
import type { Distro } from "@plimsoll/model";
import { parseAssignments } from "../reading/assignments.ts";

/** A release file from before os-release(5), or beside it. */
export interface LegacyRelease {
  /**
   * Which file is believed where an image has several: the one of the highest rank. All rank below os-release, which has 100; a file that
   * one distribution alone ships ranks above one that its derivatives keep.
   */
  readonly rank: number;
  parse(text: string): Partial<Distro> | undefined;
}

const own = 60;
const inherited = 50;

/** How each legacy release file is read, by path. */
export const legacyReleases: ReadonlyMap<string, LegacyRelease> = new Map<string, LegacyRelease>([
  ["etc/alpine-release", { rank: own, parse: (text) => release("alpine", text.trim()) }],
  ["etc/arch-release", { rank: own, parse: () => ({ id: "arch" }) }],
  ["etc/almalinux-release", { rank: own, parse: parseRedHatStyle }],
  ["etc/amazon-linux-release", { rank: own, parse: parseRedHatStyle }],
  ["etc/azurelinux-release", { rank: own, parse: (text) => firstVersion("azurelinux", text) }],
  ["etc/centos-release", { rank: own, parse: parseRedHatStyle }],
  ["etc/debian_version", { rank: 40, parse: parseDebianVersion }],
  ["etc/fedora-release", { rank: own, parse: parseRedHatStyle }],
  ["etc/gentoo-release", { rank: own, parse: (text) => firstVersion("gentoo", text) }],
  ["etc/lsb-release", { rank: inherited, parse: parseLsbRelease }],
  ["etc/mageia-release", { rank: own, parse: (text) => firstVersion("mageia", text) }],
  ["etc/mariner-release", { rank: own, parse: (text) => firstVersion("mariner", text) }],
  ["etc/openEuler-release", { rank: own, parse: (text) => firstVersion("openeuler", text) }],
  ["etc/openwrt_release", { rank: own, parse: parseLsbRelease }],
  ["etc/oracle-release", { rank: own, parse: parseRedHatStyle }],
  ["etc/photon-release", { rank: own, parse: (text) => firstVersion("photon", text) }],
  // Oracle Linux keeps Red Hat's own text here, so this must not outrank etc/oracle-release.
  ["etc/redhat-release", { rank: inherited, parse: parseRedHatStyle }],
  ["etc/rocky-release", { rank: own, parse: parseRedHatStyle }],
  ["etc/slackware-version", { rank: own, parse: (text) => firstVersion("slackware", text) }],
  ["etc/SuSE-release", { rank: own, parse: parseSuse }],
  ["etc/system-release", { rank: inherited, parse: parseRedHatStyle }],
  ["etc/system-release-cpe", { rank: 45, parse: parseSystemCpe }],
  // Where the files of /etc are links to, which slim images may lack.
  ["usr/lib/fedora-release", { rank: own, parse: parseRedHatStyle }],
  ["usr/lib/system-release", { rank: inherited, parse: parseRedHatStyle }],
]);

/** First words of a Red Hat style release file, and the os-release id they stand for. */
const redHatStyleNames: readonly (readonly [string, string])[] = [
  ["almalinux", "almalinux"],
  ["amazon linux", "amzn"],
  ["centos", "centos"],
  ["fedora", "fedora"],
  ["oracle linux", "ol"],
  ["red hat", "rhel"],
  ["rocky linux", "rocky"],
  ["scientific linux", "scientific"],
  ["virtuozzo", "virtuozzo"],
];

/** Reads a line such as `CentOS Linux release 7.9.2009 (Core)`. */
function parseRedHatStyle(text: string): Partial<Distro> | undefined {
  const line = firstLine(text);
  const [name = "", rest = ""] = line.split(/ release /i, 2);
  const id = redHatStyleNames.find(([words]) => name.toLowerCase().startsWith(words))?.[1];
  const versionId = /^\d[\w.]*/.exec(rest)?.[0] ?? /\b\d+(?:\.\d+)*\b/.exec(line)?.[0];
  return id === undefined
    ? undefined
    : { id, name: name.trim(), prettyName: line, ...(versionId === undefined ? {} : { versionId }) };
}

/** Vendor and product of a CPE, and the os-release id they stand for. */
const cpeNames: Readonly<Record<string, string>> = {
  "almalinux:almalinux": "almalinux",
  "amazon:amazon_linux": "amzn",
  "amazon:linux": "amzn",
  "centos:centos": "centos",
  "centos:linux": "centos",
  "fedoraproject:fedora": "fedora",
  "oracle:linux": "ol",
  "redhat:enterprise_linux": "rhel",
  "rocky:rocky": "rocky",
};

/** Reads a CPE name such as `cpe:/o:centos:linux:6:GA` or `cpe:2.3:o:amazon:amazon_linux:2`. */
function parseSystemCpe(text: string): Partial<Distro> | undefined {
  const cpeName = firstLine(text);
  const { part, vendor, product, version = "" } = parseCpe(cpeName) ?? {};
  const name = `${vendor}:${product}`;
  const id = part === "o" && Object.hasOwn(cpeNames, name) ? cpeNames[name] : undefined;
  const versionId = /^\d[\w.]*/.exec(version)?.[0];
  return id === undefined || versionId === undefined ? undefined : { id, versionId, cpeName };
}

/** Reads `12.5`, or `trixie/sid` as testing and unstable have it. Before Debian 4.0 the second number named a release of its own: 3.0 is not 3.1. */
function parseDebianVersion(text: string): Partial<Distro> | undefined {
  const line = firstLine(text);
  const versionId = /^(?:[1-3]\.\d|\d+)/.exec(line)?.[0];
  if (versionId !== undefined) return { id: "debian", versionId };
  const codename = line.split("/", 1)[0] ?? "";
  return codename === "" ? undefined : { id: "debian", codename };
}

function parseLsbRelease(text: string): Partial<Distro> | undefined {
  const values = parseAssignments(text);
  const id = values.get("DISTRIB_ID")?.toLowerCase();
  if (id === undefined || id === "") return undefined;
  const versionId = values.get("DISTRIB_RELEASE");
  const codename = values.get("DISTRIB_CODENAME");
  const prettyName = values.get("DISTRIB_DESCRIPTION");
  return {
    id,
    ...(versionId === undefined ? {} : { versionId }),
    ...(codename === undefined ? {} : { codename }),
    ...(prettyName === undefined ? {} : { prettyName }),
  };
}

/** Reads a title line, then `VERSION = 11` and perhaps `PATCHLEVEL = 4`. */
function parseSuse(text: string): Partial<Distro> | undefined {
  const title = firstLine(text);
  const values = parseAssignments(text);
  const version = values.get("VERSION");
  const patch = values.get("PATCHLEVEL");
  const id = /enterprise/i.test(title) ? "sles" : /opensuse/i.test(title) ? "opensuse" : undefined;
  if (id === undefined) return undefined;
  const versionId = patch === undefined || patch === "0" ? version : `${version ?? ""}.${patch}`;
  return { id, prettyName: title, ...(versionId === undefined ? {} : { versionId }) };
}

function firstVersion(id: string, text: string): Partial<Distro> {
  const line = firstLine(text);
  const version = /\d+(?:\.\d+)*/.exec(line)?.[0];
  // Mariner and Azure Linux add the build date: 2.0.20220122 is release 2.0.
  return version === undefined
    ? { id }
    : { id, prettyName: line, versionId: version.replace(/^(\d+\.\d+)\.\d{8}.*$/, "$1") };
}

function release(id: string, versionId: string): Partial<Distro> {
  return versionId === "" ? { id } : { id, versionId };
}

function firstLine(text: string): string {
  return text.slice(0, 1024).split("\n", 1)[0]?.trim() ?? "";
}
