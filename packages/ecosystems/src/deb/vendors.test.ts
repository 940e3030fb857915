import type { Distro, Package } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { deb } from "./index.ts";

const pkg: Package = {
  id: "1",
  ecosystem: "deb",
  purl: "pkg:deb/debian/libssl1.1@1.1.1n-0+deb11u3",
  name: "libssl1.1",
  version: "1.1.1n-0",
  source: { name: "openssl", version: "1.1.1n-0" },
  locations: [],
};

const debian: Distro = { id: "debian", versionId: "11", name: "Debian GNU/Linux" };

function expectVendor(found: Partial<Package>, vendor: string | undefined, distro = debian): void {
  const one = { ...pkg, ...found };
  const gap = deb.lookupGap?.(one, distro);
  expect(gap?.code).toBe(vendor === undefined ? undefined : "third-party-package");
  expect(gap?.message ?? "").toContain(vendor ?? "");
  expect(deb.advisoryKeys(one, distro)).toHaveLength(vendor === undefined ? 1 : 0);
}

describe("who published a deb", () => {
  test.each([
    ["Docker <support@docker.com>", "5:20.10.7~3-0~debian-buster", "a repository for several releases"],
    ["Docker <support@docker.com>", "27.1.1-1", "Docker <support@docker.com>"],
    ["Ivan Iguaran <ivan@nodesource.com>", "18.20.4-1nodesource1", "NodeSource"],
    ["Debian PostgreSQL Maintainers <x@tracker.debian.org>", "16.3-1.pgdg120+1", "PostgreSQL Global Development Group"],
    ["Debian PHP Maintainers <x@tracker.debian.org>", "8.3.8-1+0~20240607.21+debian12~1.gbpb8cf57", undefined],
    ["Debian PHP Maintainers <x@tracker.debian.org>", "8.2.20-1+ubuntu22.04.1+deb.sury.org+1", "deb.sury.org"],
    ["Felix Krull <f_krull@gmx.de>", "3.12.4-1+jammy1~ppa1", "a personal package archive"],
    ["Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>", "2.35-0ubuntu3.8", undefined],
    ["Steve Langasek <vorlon@debian.org>", "1.5.2-6", undefined],
    // Addresses of their own: Debian's maintainers have them, and so has everybody else.
    ["Jonathan Nieder <jrnieder@gmail.com>", "5.2.5-2.1", undefined],
    ["Theodore Y. Ts'o <TYTSO@mit.edu>", "1.46.2-2", undefined],
    ["Debian KDE Extras Team <pkg-kde-extras@lists.alioth.debian.org>,", "1.0-1", undefined],
    ["Acme Inc <ops@acme.example>", "1.0", "Acme Inc"],
    ["Acme Inc <ops@acme.example>", "7.74.0-1.3+deb11u7", undefined],
    ["Acme Inc <ops@acme.example>", "7.74.0-1.3+deb11u7+acme1", "Acme Inc"],
    ["Debian <ops@debian.org.acme.example>", "1.0-1", "acme.example"],
    ["Percona <mysql-dev@percona.com>", "8.0.36-28-1", "Percona"],
    ["someone", "1.0-1", "someone"],
    ["Debian Security Team", "1.0-1", undefined],
    ["<", "1.0-1", "<"],
    ["<>", "1.0-1", "<>"],
    ["", "1.0-1", undefined],
  ])("of maintainer %s and version %s it is %s", (supplier, version, vendor) => {
    expectVendor({ supplier, version, source: { name: "x", version } }, vendor);
  });

  test.each([
    ["LP-PPA-deadsnakes", "LP-PPA-deadsnakes"],
    ["Percona Release", "Percona Release"],
    ["Debian", undefined],
    ["Ubuntu", undefined],
    ["UbuntuESMApps", undefined],
  ])("of origin %s it is %s", (origin, vendor) => {
    expectVendor({ facts: { origin } }, vendor);
  });

  test("where neither maintainer nor origin is stated, it is the distribution", () => {
    expectVendor({}, undefined);
  });

  test("a distribution that rebuilds Debian's packages has maintainers of its own", () => {
    expectVendor({ supplier: "Echo <packages@echo.example>" }, undefined, { id: "echo" });
  });
});
