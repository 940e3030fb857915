import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { ArtifactIndex } from "@plimsoll/advisories";
import type { Inventory, Package } from "@plimsoll/model";
import { literalImage, sqliteFile, tarOf, zipOf } from "@plimsoll/testkit";
import { afterAll, expect, test } from "vitest";
import { identifyArtifacts } from "./identify-artifacts.ts";
import { analyzeImage } from "./node.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-identify-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inventory = (packages: readonly Package[]): Inventory => ({
  schemaVersion: 2,
  artifact: { name: "x", kind: "filesystem", layers: [] },
  packages,
  diagnostics: [],
});

function jar(name: string, version: string, path: string, more: Partial<Package> = {}): Package {
  const [group, artifact] = name.split(":");
  const purl = `pkg:maven/${group}/${artifact}@${version}`;
  return { id: purl, ecosystem: "maven", name, version, purl, locations: [{ path, evidence: "installed" }], ...more };
}

const index = (names: Readonly<Record<string, string>>): ArtifactIndex => ({
  identify: async (sha1s) =>
    sha1s.map((sha1) => {
      const [name, version] = names[sha1]?.split("@") ?? [];
      return name === undefined || version === undefined ? undefined : { ecosystem: "maven", name, version };
    }),
});

test("a guessed group is replaced, a stated one of the same artifact stays", async () => {
  const guessed = jar("lib:lib", "1", "a.jar", {
    hashes: { sha1: "a" },
    confidence: "approximate",
    facts: { type: "war" },
  });
  const stated = jar("org.fork:lib", "1", "b.jar", { hashes: { sha1: "b" } });
  const other = jar("org.shaded:inner", "9", "c.jar", { hashes: { sha1: "c" } });
  const unknown = jar("x:x", "1", "d.jar", { hashes: { sha1: "d" }, confidence: "approximate" });

  const { packages } = await identifyArtifacts(
    inventory([guessed, stated, other, unknown]),
    index({ a: "org.a:lib@1", b: "org.b:lib@1", c: "org.outer:outer@2" }),
  );

  expect(packages.map(({ purl, facts }) => [purl, facts])).toEqual([
    ["pkg:maven/org.a/lib@1", { type: "war", identifiedBy: "sha1" }],
    ["pkg:maven/org.fork/lib@1", undefined],
    ["pkg:maven/org.outer/outer@2", { identifiedBy: "sha1" }],
    ["pkg:maven/x/x@1", undefined],
  ]);
});

test("what turns out to be a package that is there already becomes a place of it, and dependencies follow", async () => {
  const known = jar("org.a:lib", "1", "b.jar");
  const guessed = jar("lib:lib", "1", "a.jar", { hashes: { sha1: "a" }, confidence: "approximate" });
  const app = jar("org.app:app", "1", "app.jar", { dependencies: [guessed.id, known.id] });

  const { packages } = await identifyArtifacts(inventory([guessed, known, app]), index({ a: "org.a:lib@1" }));

  expect(
    packages.map(({ id, locations, dependencies }) => [id, locations.map(({ path }) => path), dependencies]),
  ).toEqual([
    ["pkg:maven/org.a/lib@1", ["a.jar", "b.jar"], undefined],
    ["pkg:maven/org.app/app@1", ["app.jar"], ["pkg:maven/org.a/lib@1"]],
  ]);
});

test("nothing known changes nothing", async () => {
  const before = inventory([jar("lib:lib", "1", "a.jar", { hashes: { sha1: "a" } })]);

  expect(await identifyArtifacts(before, index({}))).toBe(before);
});

const content = zipOf({ "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n", "a/B.class": "x" });
const sha1 = createHash("sha1").update(content).digest("hex");
const database = sqliteFile(
  [
    "CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);",
    "CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT);",
    "CREATE UNIQUE INDEX indices_sha1_idx ON indices(sha1);",
    "INSERT INTO artifacts VALUES(1,'org.published','mystery');",
    `INSERT INTO indices VALUES(1,'1.2',x'${sha1}','jar');`,
  ].join("\n"),
);

test.skipIf(database === undefined)(
  "an image's archives are named by Trivy's Java database, as it is distributed",
  async () => {
    const image = literalImage({ layers: [{ "opt/mystery-1.2.jar": content }] });
    const javaDb = join(folder, "javadb.tar.gz");
    writeFileSync(javaDb, gzipSync(await tarOf({ "trivy-java.db": database ?? "", "metadata.json": "{}" })));

    const before = await analyzeImage(image, { cacheDir: folder });
    const { packages } = await analyzeImage(image, { cacheDir: folder, javaDb });

    expect(before.packages.map(({ purl }) => purl)).toEqual(["pkg:maven/mystery/mystery@1.2"]);
    expect(packages.map(({ purl }) => purl)).toEqual(["pkg:maven/org.published/mystery@1.2"]);
    await expect(analyzeImage(image, { cacheDir: folder, javaDb: join(folder, "none") })).rejects.toMatchObject({
      failure: { kind: "store-missing" },
    });
  },
);
