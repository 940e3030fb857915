import { readFileSync } from "node:fs";
import type { FileAnalyzer } from "@plimsoll/model";
import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { windows } from "./index.ts";

const [registry] = windows.analyzers as readonly [FileAnalyzer];
const hive = new Uint8Array(readFileSync(new URL("../../../formats/src/regf/fixtures/SOFTWARE", import.meta.url)));

test("release, build and installed updates", async () => {
  const { all, packages, diagnostics } = await observe(registry, "Files/Windows/System32/config/SOFTWARE", hive);

  expect(packages.map(({ name, version }) => `${name} ${version}`).sort()).toEqual([
    "7-Zip 23.01 (x64) 23.01",
    "KB5034619 20348.2300.1.1",
    "KB5034770 20348.2340.1.9",
    "windows 10.0.20348.2340",
  ]);
  expect(diagnostics).toMatchObject([{ code: "unknown-version", effect: "none" }]);
  expect(packages.map((pkg) => windows.purl(pkg, undefined))).toContain("pkg:generic/7-Zip%2023.01%20%28x64%29@23.01");
  expect(packages[0]?.facts).toEqual({
    product: "Windows Server 2022 Datacenter",
    release: "21H2",
    installation: "Server Core",
  });
  expect(all).toContainEqual({
    kind: "distro",
    distro: {
      id: "windows",
      versionId: "10.0.20348.2340",
      name: "Windows Server 2022 Datacenter",
      codename: "21H2",
    },
    rank: 100,
  });
  expect(windows.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe(
    "pkg:generic/microsoft/windows@10.0.20348.2340",
  );
});

test("that nobody looks up advisories is told", () => {
  const pkg = { name: "windows", version: "10.0", id: "1", ecosystem: "windows", purl: "", locations: [] };

  expect(windows.advisoryKeys(pkg, undefined)).toEqual([]);
  expect(windows.lookupGap?.(pkg, undefined)?.code).toBe("unsupported-distro");
});

test("a damaged hive is reported, and so is one without a release", async () => {
  const path = "Windows/System32/config/SOFTWARE";
  const other = hive.slice();
  // The name of the key that all lie below.
  const name = new TextEncoder().encode("Netscape1");
  for (let at = Buffer.from(other).indexOf("Microsoft"); at >= 0; at = Buffer.from(other).indexOf("Microsoft", at + 1))
    other.set(name, at);

  expect((await observe(registry, path, "x")).diagnostics).toHaveLength(1);
  expect((await observe(registry, path, other)).diagnostics).toHaveLength(1);
  expect((await observe(registry, "Hives/Software_Delta", other)).all).toEqual([]);
});

test("a hive that was not closed in order is read, and told to lack what its transaction logs may hold", async () => {
  const open = hive.slice();
  new DataView(open.buffer).setUint32(4, new DataView(open.buffer).getUint32(8, true) + 1, true);
  const { packages, diagnostics } = await observe(registry, "Windows/System32/config/SOFTWARE", open);

  expect(packages).toHaveLength(4);
  expect(diagnostics).toContainEqual(
    expect.objectContaining({
      code: "malformed-file",
      effect: "incomplete",
      message: expect.stringContaining("transaction logs"),
    }),
  );
});
