import type { FileAnalyzer } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { opkg } from "./index.ts";

const [status, fileLists, controls] = opkg.analyzers as readonly [FileAnalyzer, FileAnalyzer, FileAnalyzer];

test("reads installed packages, whose names need no architecture", async () => {
  const text =
    "Package: busybox\nVersion: 1.36.1-r2\nDepends: libc\nStatus: install user installed\nArchitecture: mipsel_24kc\nInstalled-Time: 1\n\nPackage: libc\nVersion: 1.2.4-r4\nStatus: install hold installed\n";

  const { packages } = await observe(status, "usr/lib/opkg/status", text);

  expect(packages).toEqual([
    expect.objectContaining({ name: "busybox", version: "1.36.1-r2", dependsOn: ["libc"] }),
    expect.objectContaining({ name: "libc" }),
  ]);
});

test("claims the files in a package's list", async () => {
  const { all } = await observe(fileLists, "usr/lib/opkg/info/busybox.list", "/bin/busybox\n/bin/sh\n\n");

  expect(all).toEqual([{ kind: "ownership", owner: "busybox", paths: ["bin/busybox", "bin/sh"] }]);
  expect((await observe(fileLists, "usr/lib/opkg/info/busybox.control", "/x\n")).all).toEqual([]);
});

test("reads what packages say of themselves, where there is no status file", async () => {
  const text = "Package: libc\nVersion: 1.2.4-r4\nDepends: libgcc1\nSource: toolchain\nArchitecture: mipsel_24kc\n";

  expect((await observe(controls, "usr/lib/opkg/info/libc.control", text)).packages).toMatchObject([
    { name: "libc", version: "1.2.4-r4", architecture: "mipsel_24kc" },
  ]);
  expect((await observe(controls, "usr/lib/opkg/info/libc.list", "/x")).all).toEqual([]);
  expect(controls.yieldsTo?.files).toContain("usr/lib/opkg/status");
});

test("says that nobody publishes advisories", () => {
  const pkg = { id: "1", ecosystem: "opkg", purl: "", name: "a", version: "1", locations: [] };

  expect(opkg.lookupGap?.(pkg, { id: "openwrt", versionId: "23.05" })?.code).toBe("unsupported-distro");
  expect(opkg.lookupGap?.(pkg, undefined)?.code).toBe("unknown-distro");
});

testParserCases({
  folder: "os/dpkg",
  analyzers: [status],
  only: ({ options }) => options["isOPKG"] === true,
  as: () => "usr/lib/opkg/status",
  // One case asks for packages that are not installed too.
  expected: (pkg) => (String(pkg.metadata?.["status"]).endsWith(" installed") ? pkg : undefined),
});
