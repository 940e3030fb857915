import { crc32 } from "@plimsoll/formats";
import type { Distro, LookupGap, Package } from "@plimsoll/model";
import { maintainerChecksums } from "./maintainer-addresses.ts";

/** Who else publishes packages for Debian and Ubuntu and leaves the maintainer as he is, by what their versions show. */
const versionMarks: readonly { readonly name: string; readonly version: RegExp }[] = [
  { name: "NodeSource", version: /nodesource/ },
  { name: "MariaDB Foundation", version: /\+maria~/ },
  { name: "PostgreSQL Global Development Group", version: /\.pgdg\d/ },
  { name: "deb.sury.org", version: /deb\.sury\.org/ },
  { name: "a personal package archive", version: /[~+]ppa/ },
  // The distributions build a version once for each release they maintain, and never mark it so.
  {
    name: "a repository for several releases",
    version:
      /~(?:debian-|ubuntu-)?(?:jessie|stretch|buster|bullseye|bookworm|trixie|forky|trusty|xenial|bionic|focal|jammy|noble)\d?$/,
  },
];

/** Hosts of addresses of the distributions and of their teams. */
const ownHosts =
  /@(?:[\w-]+\.)*(?:debian\.(?:org|net)|ubuntu\.com|canonical\.com|raspbian\.org|raspberrypi\.(?:org|com)|kali\.org)$/i;

/** Names of the distributions, for documents that leave out addresses. */
const ownNames = /\b(?:debian|ubuntu|canonical|raspbian|raspberry pi)\b/i;

/** What `Origin` says in packages of the distributions: `Debian`, `Ubuntu`, `UbuntuESMApps`, `Raspbian`. */
const ownOrigin = /^(?:debian|ubuntu|raspbian|raspberry pi)/i;

/** `7.88.1-10+deb12u5`, binary rebuilds too: an update within a release, which the release's own managers number. */
const updateOfRelease = /\+deb\d+u\d+(?:\+b\d+)?$/;

/**
 * The gap for a package to which the distribution's advisories do not apply: its maintainer, origin or version shows that it does not
 * come from the distribution.
 */
export function thirdPartyGap(pkg: Package, distro: Distro): LookupGap | undefined {
  const vendor = vendorOf(pkg, distro);
  return vendor === undefined
    ? undefined
    : {
        code: "third-party-package",
        message: `Packages from ${vendor} are not part of ${distro.name ?? distro.id}, so its advisories do not apply to them`,
      };
}

/** Who published a package, where that is not known to be the distribution; undefined: the distribution, or nothing is stated. */
function vendorOf({ version, supplier, facts, source }: Package, distro: Distro): string | undefined {
  const origin = facts?.["origin"];
  if (origin !== undefined && !ownOrigin.test(origin)) return origin;
  const mark = versionMarks.find((known) => known.version.test(version));
  if (mark !== undefined) return mark.name;
  if (origin !== undefined || supplier === undefined || supplier === "") return undefined;
  // Echo rebuilds Debian's packages and puts its own people there.
  if (distro.id === "echo" || updateOfRelease.test(source?.version ?? version)) return undefined;
  return isMaintainer(supplier) ? undefined : supplier;
}

/** `Name <address>`, as the field `Maintainer` has it (Debian Policy §5.6.2); documents about packages may have the name only. */
function isMaintainer(supplier: string): boolean {
  const address = addressOf(supplier);
  if (address === undefined) return ownNames.test(supplier);
  return ownHosts.test(address) || checksums().has(checksum(address));
}

function addressOf(supplier: string): string | undefined {
  const end = supplier.lastIndexOf(">");
  const start = supplier.lastIndexOf("<", end);
  return start === -1 ? undefined : supplier.slice(start + 1, end).trim();
}

function checksum(address: string): string {
  return crc32(new TextEncoder().encode(address.toLowerCase())).toString(16).padStart(8, "0");
}

let known: ReadonlySet<string> | undefined;

function checksums(): ReadonlySet<string> {
  known ??= new Set(maintainerChecksums.trim().split(/\s+/));
  return known;
}
