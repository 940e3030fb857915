import { countTurns, heldWithTexts, observe, parserCases, testParserCases } from "@plimsoll/testkit";
import type { ExpectedPackage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { status } from "./status.ts";

const path = "var/lib/dpkg/status";

const libc = `Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.36-9+deb12u4
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Description: GNU C Library: Shared libraries
 Contains the standard libraries.
 .
 Status: deinstall ok config-files
`;

describe("deb/status", () => {
  test("others have their turn while a large one is read", async () => {
    const many = Array.from({ length: 1_000 }, (_, at) => libc.replace("libc6", `libc${at}`)).join("\n");
    const turns = countTurns();
    const { packages } = await observe(status, path, many);
    turns.stop();

    expect(packages).toHaveLength(1_000);
    expect(turns.count).toBeGreaterThanOrEqual(6);
  });

  test("what is found of a large one does not hold its text in memory", async () => {
    const many = async (): Promise<readonly unknown[]> => {
      const description = " is described at length\n".repeat(500);
      const text = Array.from(
        { length: 500 },
        (_, at) => libc.replace("libc6", `libc-with-a-long-name-${at}`) + description,
      );
      return (await observe(status, path, text.join("\n"))).packages;
    };
    // What is compiled and remembered the first time is held for all.
    await many();
    const before = await heldWithTexts();
    const packages = await many();

    expect(packages).toHaveLength(500);
    expect((await heldWithTexts()) - before).toBeLessThan(2_000_000);
  });

  test("reads a package with source, maintainer and the key of its file list", async () => {
    const { all } = await observe(status, path, libc);

    expect(all).toEqual([
      {
        kind: "package",
        line: 1,
        package: {
          name: "libc6",
          version: "2.36-9+deb12u4",
          key: "libc6:amd64",
          source: { name: "glibc", version: "2.36-9+deb12u4" },
          architecture: "amd64",
          supplier: "GNU Libc Maintainers <debian-glibc@lists.debian.org>",
        },
      },
    ]);
  });

  test.each([
    ["", { name: "a", version: "1.0-1+b1" }],
    ["Source: src\n", { name: "src", version: "1.0-1+b1" }],
    ["Source: src (1.0-1)\n", { name: "src", version: "1.0-1" }],
    ["Source: a (1.0-1)\n", { name: "a", version: "1.0-1" }],
    ["Source: src (2:1.0-1)\n", { name: "src", version: "2:1.0-1" }],
    ["Source: src(1.0-1)\n", { name: "src", version: "1.0-1" }],
    ["Source: \n", { name: "a", version: "1.0-1+b1" }],
  ])("reads the source from %j", async (source, expected) => {
    const { packages } = await observe(
      status,
      path,
      `Package: a\nStatus: install ok installed\nVersion: 1.0-1+b1\n${source}`,
    );

    expect(packages[0]?.source).toEqual(expected);
  });

  test.each([
    ["install ok installed", true],
    ["hold ok installed", true],
    ["deinstall reinstreq installed", true],
    // All of its files are there; a script of it failed.
    ["install ok half-configured", true],
    ["install ok triggers-pending", true],
    ["install ok triggers-awaited", true],
    ["deinstall ok config-files", false],
    ["install ok unpacked", false],
    ["install ok half-installed", false],
    ["purge ok not-installed", false],
    ["installed", false],
    ["", false],
  ])("a package in state %j is installed: %s", async (state, expected) => {
    const { packages } = await observe(status, path, `Package: a\nStatus: ${state}\nVersion: 1\n`);

    expect(packages.length === 1).toBe(expected);
  });

  test("takes files of status.d without a state, and not their checksum lists", async () => {
    const text = "Package: base-files\nVersion: 12.4\nArchitecture: amd64\n";

    const inStatusD = await observe(status, "var/lib/dpkg/status.d/base", text);
    expect(inStatusD.packages.map((pkg) => pkg.name)).toEqual(["base-files"]);
    expect((await observe(status, "var/lib/dpkg/status.d/base.md5sums", text)).all).toEqual([]);
    // Nor the scripts of the packages, which would be told as packages without a name.
    for (const suffix of ["preinst", "postrm", "conffiles"])
      expect((await observe(status, `var/lib/dpkg/status.d/base.${suffix}`, "#!/bin/sh\nset -e\n")).all).toEqual([]);
    expect((await observe(status, path, text)).all).toEqual([]);
  });

  test("resolves dependencies through alternatives, architectures and what packages provide", async () => {
    const text = `${libc}
Package: mawk
Status: install ok installed
Provides: awk (= 1.3)
Version: 1.3.4-3.1

Package: app
Status: install ok installed
Pre-Depends: libc6 (>= 2.34) [amd64]
Depends: gawk | awk, missing, perl:any | mawk, app
Version: 1
`;

    const { packages } = await observe(status, path, text);

    expect(packages.at(-1)?.dependsOn).toEqual(["libc6:amd64", "mawk"]);
  });

  test.each([
    ["without a version", "Package: b\nStatus: install ok installed\n"],
    ["without a name", "Status: install ok installed\nVersion: 1\n"],
    ["with a repeated field", "Package: b\nPackage: c\nStatus: install ok installed\nVersion: 1\n"],
    ["that is none", "asdf\n"],
  ])("reports a paragraph %s and keeps the others", async (_, paragraph) => {
    const { packages, diagnostics } = await observe(
      status,
      path,
      `${libc}\n${paragraph}\n${libc.replaceAll("libc6", "z")}`,
    );

    expect(packages.map((pkg) => pkg.name)).toEqual(expect.arrayContaining(["libc6", "z"]));
    expect(diagnostics.length).toBeGreaterThan(0);
  });
});

/** Trivy writes the parts of a version apart. */
function joinVersion(pkg: ExpectedPackage): ExpectedPackage {
  const { epoch, version = "", release } = pkg as ExpectedPackage & { epoch?: number; release?: string };
  const joined = `${epoch === undefined ? "" : `${epoch}:`}${version}${release === undefined ? "" : `-${release}`}`;
  return { ...pkg, version: joined };
}

testParserCases({
  folder: "os/dpkg",
  analyzers: [status],
  only: ({ options }) => options["isOPKG"] !== true,
  as: (file) =>
    file.includes("status.d/")
      ? `var/lib/dpkg/${file.slice(file.indexOf("status.d/"))}`
      : file.includes("available") || file.includes("info/")
        ? undefined
        : path,
  expected: (pkg, { tool }) => (tool === "trivy" ? joinVersion(pkg) : pkg),
});
testParserCases({ folder: "debian/cataloger", analyzers: [status], as: () => path });

test.each(parserCases("os/dpkg").filter(({ options }) => options["partial"] === true))(
  "$dir holds the stated packages and sources",
  async ({ files, options }) => {
    const { packages } = await observe(status, path, [...files.values()][0] ?? "");

    for (const wanted of options["contains"] as {
      name: string;
      version?: string;
      srcName?: string;
      srcVersion?: string;
    }[])
      expect(packages).toContainEqual(
        expect.objectContaining({
          name: wanted.name,
          ...(wanted.version === undefined ? {} : { version: wanted.version }),
          ...(wanted.srcName === undefined ? {} : { source: { name: wanted.srcName, version: wanted.srcVersion } }),
        }),
      );
  },
);
