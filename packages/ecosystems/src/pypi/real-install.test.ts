import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { observe, zipOf } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pypiMetadata } from "./metadata.ts";
import { normalizeName } from "./name.ts";
import { pypiRecord } from "./record.ts";

function hasPip(): boolean {
  try {
    execFileSync("python3", ["-m", "pip", "--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function wheel(name: string, version: string, more = ""): Uint8Array {
  const info = `${name}-${version}.dist-info`;
  return zipOf({
    [`${name}/__init__.py`]: "",
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name.replaceAll("_", ".")}\nVersion: ${version}\n${more}\n`,
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/RECORD`]: `${name}/__init__.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`,
  });
}

describe.skipIf(!hasPip())("wheels that pip installed (needs python3 with pip)", () => {
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-pip-"));
    const files = [
      ["zope_thing-5.4.0-py3-none-any.whl", wheel("zope_thing", "5.4.0", "License: ZPL 2.1\nRequires-Dist: leaf>=1\n")],
      ["leaf-1.0rc1-py3-none-any.whl", wheel("leaf", "1.0rc1")],
    ] as const;
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    execFileSync(
      "python3",
      [
        "-m",
        "pip",
        "install",
        "-q",
        "--no-index",
        "--no-deps",
        "--target",
        join(folder, "site"),
        ...files.map(([name]) => join(folder, name)),
      ],
      { stdio: "ignore" },
    );
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("are those that pip list lists, and their files belong to them", async () => {
    const listed = JSON.parse(
      execFileSync("python3", ["-m", "pip", "list", "--format=json", "--path", join(folder, "site")], {
        encoding: "utf8",
      }),
    ) as { name: string; version: string }[];
    const found: string[] = [];
    const owned: string[] = [];
    for (const path of readdirSync(join(folder, "site"), { recursive: true, encoding: "utf8" })) {
      if (!path.endsWith("METADATA") && !path.endsWith("RECORD")) continue;
      const content = readFileSync(join(folder, "site", path));
      const metadata = path.endsWith("METADATA")
        ? await observe(pypiMetadata, `site/${path}`, content)
        : { packages: [] };
      found.push(...metadata.packages.map(({ name, version }) => `${normalizeName(name)} ${version}`));
      if (path.endsWith("RECORD"))
        for (const observation of (await observe(pypiRecord, `site/${path}`, content)).all)
          if (observation.kind === "ownership") owned.push(...observation.paths);
    }

    expect(found.sort()).toEqual(listed.map(({ name, version }) => `${normalizeName(name)} ${version}`).sort());
    expect(owned).toEqual(expect.arrayContaining(["site/leaf/__init__.py", "site/zope_thing/__init__.py"]));
  });
});

const fetches = process.env["PLIMSOLL_REAL_INSTALLS"] === "1" && hasPip();
if (!fetches)
  console.warn("PLIMSOLL_REAL_INSTALLS is not 1, or pip is not here: wheels of PyPI are not installed and read");

describe.skipIf(!fetches)("wheels of the Python Package Index", () => {
  test("are what pip inspect tells of them: names, versions, requirements and files", async () => {
    const site = mkdtempSync(join(tmpdir(), "plimsoll-pypi-"));
    try {
      const wanted = [
        "requests",
        "flask",
        "django",
        "numpy",
        "boto3",
        "pyyaml",
        "cryptography",
        "sqlalchemy",
        "pytest",
      ];
      execFileSync("python3", ["-m", "pip", "install", "-q", "--target", site, ...wanted], { stdio: "ignore" });
      const told = JSON.parse(
        execFileSync("python3", ["-m", "pip", "inspect", "--path", site], {
          encoding: "utf8",
          maxBuffer: 64 * 1024 * 1024,
          stdio: ["ignore", "pipe", "ignore"],
        }),
      ) as { installed: readonly { metadata: { name: string; version: string } }[] };
      const found: string[] = [];
      const owned = new Set<string>();
      const files = readdirSync(site, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      for (const { parentPath, name } of files) {
        const path = join(parentPath, name).slice(site.length + 1);
        if (!/\.dist-info\/(?:METADATA|RECORD)$/.test(path)) continue;
        const { all, packages } = await observe(
          name === "METADATA" ? pypiMetadata : pypiRecord,
          path,
          readFileSync(join(site, path)),
        );
        found.push(...packages.map((pkg) => `${pkg.name} ${pkg.version}`));
        for (const one of all) if (one.kind === "ownership") for (const each of one.paths) owned.add(each);
      }
      const orphans = files
        .map(({ parentPath, name }) => join(parentPath, name).slice(site.length + 1))
        .filter((path) => !owned.has(path) && !path.includes("__pycache__") && !path.startsWith("bin/"));

      expect(found.sort()).toEqual(
        told.installed.map(({ metadata: { name, version } }) => `${name} ${version}`).sort(),
      );
      expect(orphans).toEqual([]);
    } finally {
      rmSync(site, { recursive: true, force: true });
    }
  });
});
