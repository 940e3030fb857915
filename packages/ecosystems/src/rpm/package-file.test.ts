import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { observe } from "@plimsoll/testkit";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { packageFileOf } from "./fixtures/package-file.ts";
import { packageFile } from "./package-file.ts";

const tags = new Map<number, string | number>([
  [1000, "zlib"],
  [1001, "1.2.11"],
  [1002, "40.el9"],
  [1003, 2],
  [1011, "Red Hat, Inc."],
  [1014, "zlib and Boost"],
  [1022, "x86_64"],
  [1044, "zlib-1.2.11-40.el9.src.rpm"],
]);

test("the header of a package file says what it would install; no file of it counts as installed", async () => {
  const { all } = await observe(packageFile, "repo/zlib.rpm", packageFileOf(tags));

  expect(packageFile.evidence).toBe("declared");
  expect(all).toEqual([
    {
      kind: "package",
      package: {
        name: "zlib",
        version: "2:1.2.11-40.el9",
        source: { name: "zlib", version: "2:1.2.11-40.el9" },
        architecture: "x86_64",
        licenses: ["zlib and Boost"],
        supplier: "Red Hat, Inc.",
        facts: { sourcerpm: "zlib-1.2.11-40.el9.src.rpm" },
      },
    },
  ]);
});

test("a package of sources is one for no architecture", async () => {
  const sources = new Map([...tags].filter(([tag]) => tag !== 1044));
  const { packages } = await observe(packageFile, "SRPMS/zlib.src.rpm", packageFileOf(sources));

  expect(packages.map(({ architecture }) => architecture)).toEqual(["src"]);
});

test.each([
  ["nothing", new Uint8Array(0)],
  ["another file", new TextEncoder().encode("<html>not found</html>")],
  ["one without a name", packageFileOf(new Map([[1001, "1"]]))],
  ["one that ends in its header", packageFileOf(tags).subarray(0, 170)],
  ["one that claims a huge header", hugeHeader()],
])("%s is reported", async (_, bytes) => {
  const { packages, diagnostics } = await observe(packageFile, "a.rpm", bytes);

  expect(packages).toEqual([]);
  expect(diagnostics.map(({ code }) => code)).toEqual(["malformed-file"]);
});

function hugeHeader(): Uint8Array {
  const bytes = packageFileOf(tags);
  bytes.set([0xff, 0xff, 0xff, 0xff], 96 + 8);
  return bytes;
}

test("any damage is a report or another package, never an exception", async () => {
  const whole = packageFileOf(tags);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
      const bytes = whole.slice();
      bytes[at] = byte;
      expect((await observe(packageFile, "a.rpm", bytes)).all).toHaveLength(1);
    }),
    { numRuns: 50 },
  );
});

const hasRpmbuild = spawnSync("rpmbuild", ["--version"]).status === 0;
if (!hasRpmbuild) console.warn("no rpmbuild here: package files of the real rpm are not compared");

describe.skipIf(!hasRpmbuild)("a package that rpmbuild made", () => {
  const folder = hasRpmbuild ? mkdtempSync(join(tmpdir(), "plimsoll-rpm-file-")) : "";
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is what rpm says of it", async () => {
    writeFileSync(
      join(folder, "a.spec"),
      "Name: a\nEpoch: 1\nVersion: 2.0~rc1\nRelease: 3\nSummary: x\nLicense: MIT\nVendor: Nobody\nBuildArch: noarch\n%description\nx\n%files\n",
    );
    execFileSync("rpmbuild", ["-ba", "--define", `_topdir ${folder}`, join(folder, "a.spec")], { stdio: "ignore" });
    const [name = ""] = readdirSync(join(folder, "RPMS/noarch"));
    const path = join(folder, "RPMS/noarch", name);
    const query = ["-qp", "--qf", "%{NAME} %{EPOCH}:%{VERSION}-%{RELEASE} %{ARCH} %{LICENSE} %{VENDOR} %{SOURCERPM}"];
    const { packages } = await observe(packageFile, name, readFileSync(path));

    expect(
      packages.map(({ name: called, version, architecture, licenses, supplier, facts }) =>
        [called, version, architecture, licenses?.[0], supplier, facts?.["sourcerpm"]].join(" "),
      ),
    ).toEqual([execFileSync("rpm", [...query, path], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })]);
  });
});
