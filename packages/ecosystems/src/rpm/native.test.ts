import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileAnalyzer } from "@plimsoll/model";
import { observe } from "@plimsoll/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rpmVersions } from "../shared/rpm-versions.ts";
import { databases } from "./databases.ts";

function rpm(...parameters: string[]): string {
  return execFileSync("rpm", parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

function runs(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const here = runs("rpm") && runs("rpmbuild");
if (!here) console.warn("no rpm here: the tests against databases of the real rpm are skipped");

/** Sources of packages: what a database can hold that is easy to read wrong. */
const specs = [
  "Name: plain\nVersion: 1.0\nRelease: 1\n",
  "Name: with-epoch\nEpoch: 2\nVersion: 1.0~rc1\nRelease: 1.el9_2\nRequires: plain\n",
  "Name: caret\nVersion: 1.0^git1\nRelease: 0\nProvides: something = 1\nModularityLabel: caret:1:2:3\n",
].map(
  (head) =>
    `${head}Summary: Größe\nLicense: MIT and BSD\nVendor: Nobody\nBuildArch: noarch\n%description\nx\n%install\nmkdir -p %{buildroot}/opt/%{name}/deep\nfor i in $(seq 150); do echo $i > %{buildroot}/opt/%{name}/deep/file-$i; done\n%files\n/opt/%{name}\n`,
);

/** The stores that this rpm can write; Debian's has no NDB, and Berkeley DB nobody writes any more. */
const stores = (
  [
    ["sqlite", "rpmdb.sqlite", 2],
    ["ndb", "Packages.db", 1],
  ] as const
).filter(([backend]) => here && new RegExp(`available backends.*\\b${backend}\\b`).test(rpm("--showrc")));

describe.skipIf(!here)("databases of the real rpm", () => {
  const folder = here ? mkdtempSync(join(tmpdir(), "plimsoll-rpm-")) : "";
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(() => {
    specs.forEach((spec, number) => {
      const file = join(folder, `${number}.spec`);
      writeFileSync(file, spec);
      execFileSync("rpmbuild", ["-bb", "--define", `_topdir ${folder}/build`, file], { stdio: "ignore" });
    });
    const packages = readdirSync(join(folder, "build/RPMS/noarch")).map((name) =>
      join(folder, "build/RPMS/noarch", name),
    );
    for (const [backend] of stores) {
      const dbpath = join(folder, backend);
      mkdirSync(dbpath);
      rpm("--define", `_db_backend ${backend}`, "--dbpath", dbpath, "-i", "--justdb", "--nodeps", ...packages);
    }
  });

  test.each(stores)("%s", async (backend, file, analyzer) => {
    const dbpath = join(folder, backend);
    const query =
      "%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{LICENSE}\t%{VENDOR}\t%{SOURCERPM}\t%{MODULARITYLABEL}\t%{SIGMD5}\n";
    const told = rpm("--define", `_db_backend ${backend}`, "--dbpath", dbpath, "-qa", "--qf", query);

    const { all, packages, diagnostics } = await observe(
      databases[analyzer] as FileAnalyzer,
      `var/lib/rpm/${file}`,
      readFileSync(join(dbpath, file)),
    );

    const read = packages.map(({ name, version, architecture, licenses, supplier, facts, hashes }) =>
      [
        name,
        version,
        architecture,
        licenses?.[0],
        supplier,
        facts?.["sourcerpm"],
        facts?.["modularitylabel"] ?? "(none)",
        hashes?.["md5"],
      ].join("\t"),
    );
    expect(diagnostics).toEqual([]);
    expect(read.sort()).toEqual(told.trim().split("\n").sort());
    for (const { name, key = "" } of packages) {
      const files = rpm("--define", `_db_backend ${backend}`, "--dbpath", dbpath, "-ql", name).trim().split("\n");
      const owned = all.find((one) => one.kind === "ownership" && one.owner === key);
      expect(owned?.kind === "ownership" ? owned.paths.map((path) => `/${path}`) : []).toEqual(
        files.filter((path) => path.includes("/file-")),
      );
    }
    const plain = packages.find(({ name }) => name === "plain")?.key;
    expect(packages.find(({ name }) => name === "with-epoch")?.dependsOn).toContain(plain);
  });
});

describe.skipIf(!here)("the order of versions, as rpm tells it", () => {
  const pairs = [
    ["1.0~rc1", "1.0"],
    ["1.0^git1", "1.0"],
    ["1.0^git1", "1.0.1"],
    ["1.0a", "1.0.1"],
    ["1.0.", "1.0"],
    ["5.el8.0.0", "5.el8"],
    ["001", "1"],
    ["a", "1"],
    ["1_0", "1.0"],
    ["1.0~^", "1.0~"],
  ] as const;

  test.each(pairs)("%s and %s", (a, b) => {
    const told = rpm("--eval", `%{lua:print(rpm.vercmp('${a}', '${b}'))}`).trim();

    expect(String(Math.sign(rpmVersions.compare(a, b) ?? Number.NaN))).toBe(told);
  });

  test("on any pair", () => {
    const text = fc.stringMatching(/^[012ab.~^_+]{1,8}$/);
    // The text `0` is OSV's beginning of time here.
    const sample = fc.sample(fc.tuple(text, fc.oneof(text, fc.constant("1.0"))), { numRuns: 300, seed: 1 });
    const asked = sample.filter((pair) => !pair.includes("0"));

    const calls = asked.map(([a, b]) => `print(rpm.vercmp('${a}', '${b}') .. ',')`).join(" ");
    const told = rpm("--eval", `%{lua:${calls}}`).split(",");

    const wrong = asked.filter(([a, b], at) => Math.sign(rpmVersions.compare(a, b) ?? Number.NaN) !== Number(told[at]));
    expect(wrong).toEqual([]);
  });
});
