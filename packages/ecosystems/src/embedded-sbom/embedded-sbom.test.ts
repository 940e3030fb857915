import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { PackageObservation } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { embeddedSbom } from "./index.ts";
import { nativeImageSbom } from "./native-image.ts";
import { sbomFile } from "./sbom-file.ts";

testParserCases({ folder: "sbom/cdx", analyzers: [sbomFile] });
testParserCases({
  folder: "sbom/spdx",
  analyzers: [sbomFile],
  // Names are compared without group and namespace, which are left out there.
  spelling: (name) => name.slice(Math.max(name.lastIndexOf(":"), name.lastIndexOf("/")) + 1),
  // The other name is the CPE itself.
  expected: (pkg) =>
    pkg.name.startsWith("cpe:2.3:a:nginx:nginx") ? { ...pkg, name: "Nginx", version: "1.21.1" } : pkg,
  // What is handed to a parser under another ending is looked at here under one that documents have.
  as: (path) => path.replace(/\.spdx\.foo\.ext$/, ".spdx"),
});
testParserCases({ folder: "sbom/cataloger", analyzers: [sbomFile] });
testParserCases({
  folder: "sbom/analyzer",
  analyzers: [sbomFile],
  as: (_, { options }) => String(options["filePath"]),
});

const bom = {
  bomFormat: "CycloneDX",
  specVersion: "1.5",
  metadata: { component: { type: "application", name: "app", version: "1" } },
  components: [
    {
      type: "library",
      "bom-ref": "a",
      name: "netty-codec",
      group: "io.netty",
      version: "4.1.1",
      purl: "pkg:maven/io.netty/netty-codec@4.1.1",
    },
    {
      type: "library",
      name: "core",
      version: "7.0.0",
      purl: "pkg:npm/%40babel/core@7.0.0",
      licenses: [{ license: { id: "MIT" } }],
    },
    {
      type: "library",
      name: "openssl",
      version: "3.0.1",
      purl: "pkg:deb/debian/openssl@3.0.1-1?arch=amd64&epoch=1&upstream=ossl%403.0.1",
    },
    { type: "application", name: "odd", version: "1", purl: "pkg:otp/ssl@11.1" },
    { type: "container", name: "img", purl: "pkg:oci/img@sha256%3A0" },
    { type: "library", name: "nameless", version: "1" },
  ],
  dependencies: [{ ref: "a", dependsOn: ["b"] }],
};

describe("packages of a document", () => {
  test("go to the ecosystems of their package URLs", async () => {
    const { all } = await observe(sbomFile, "usr/share/sbom/app.cdx.json", JSON.stringify(bom));
    const told = all as readonly PackageObservation[];

    expect(
      told.map(({ ecosystem, onlyFor, package: { name, version } }) => [ecosystem, name, version, onlyFor]),
    ).toEqual([
      ["maven", "io.netty:netty-codec", "4.1.1", undefined],
      ["npm", "@babel/core", "7.0.0", undefined],
      ["deb", "openssl", "1:3.0.1-1", "debian"],
      [undefined, "ssl", "11.1", undefined],
    ]);
    expect(told[2]?.package).toMatchObject({ source: { name: "ossl", version: "3.0.1" }, architecture: "amd64" });
    expect(embeddedSbom.purl(told[3]?.package ?? { name: "", version: "" }, undefined)).toBe("pkg:otp/ssl@11.1");
  });

  test("a model of machine learning is one by its type, with a package URL or by its name", async () => {
    const components = [
      { type: "machine-learning-model", name: "bert", version: "1", purl: "pkg:huggingface/example/bert@abc" },
      { type: "machine-learning-model", name: "own" },
    ];
    const { all } = await observe(
      sbomFile,
      "m.cdx.json",
      JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", components }),
    );

    expect(all).toMatchObject([
      { ecosystem: "ai-model", package: { name: "example/bert", version: "abc", facts: { registry: "huggingface" } } },
      { ecosystem: "ai-model", package: { name: "own", version: "", kind: "machine-learning-model" } },
    ]);
  });

  test("PEP 770 puts it into the metadata of a distribution", async () => {
    const path = "usr/lib/python3/site-packages/numpy-2.0.dist-info/sboms/auditwheel.cdx.json";

    expect(embeddedSbom.analyzers[0]?.matches.some((it) => "suffix" in it && path.endsWith(it.suffix))).toBe(true);
    expect((await observe(sbomFile, path, JSON.stringify(bom))).packages).toHaveLength(4);
  });

  test.each([
    ["broken JSON", "{", 1],
    ["another JSON", '{"a":1}', 0],
    ["a licence file", "SPDX-License-Identifier: MIT\n", 0],
    ["a cut off document", JSON.stringify(bom).slice(0, 400), 1],
    [
      "prototype keys",
      '{"bomFormat":"CycloneDX","components":[{"__proto__":{"purl":"pkg:npm/a@1"},"name":"constructor"}]}',
      0,
    ],
    [
      "wrong types: one package, and five that are told",
      '{"bomFormat":"CycloneDX","components":[1,null,[],{"purl":7},{"purl":"pkg:npm/a@1","version":[]}]}',
      6,
    ],
  ])("%s", async (_, text, count) => {
    const { all } = await observe(sbomFile, "x/bom.json", text);

    expect(all).toHaveLength(count);
  });
});

function hasCompiler(): boolean {
  try {
    execFileSync("cc", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasCompiler())("a program with the symbols of GraalVM's native-image (needs a C compiler)", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-native-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function build(content: Uint8Array, stated = content.length, ...flags: readonly string[]): Uint8Array {
    const bytes = [...content].join(",");
    writeFileSync(
      join(folder, "a.c"),
      `const unsigned char sbom[] = {${bytes}};\nconst long long sbom_length = ${stated}LL;\nint main(void) { return 0; }\n`,
    );
    execFileSync("cc", ["-o", join(folder, "a"), join(folder, "a.c"), ...flags]);
    return new Uint8Array(readFileSync(join(folder, "a")));
  }

  test.each([["with its symbol table"], ["stripped, symbols exported", "-rdynamic", "-s"]])(
    "%s",
    async (_, ...flags) => {
      const program = build(gzipSync(JSON.stringify(bom)), undefined, ...flags);
      const { packages, diagnostics } = await observe(nativeImageSbom, "app", program);

      expect(diagnostics).toEqual([]);
      expect(packages.map(({ name }) => name)).toContain("io.netty:netty-codec");
    },
  );

  test("libraries that have a group and no package URL are Maven's, modules of the JDK are not", async () => {
    // As GraalVM 22.3 writes them.
    const cpe = (name: string) => ({ name: "syft:cpe23", value: `cpe:2.3:a:${name}:${name}:1:*:*:*:*:*:*:*` });
    const components = [
      { type: "library", group: "com.google.guava", name: "guava", version: "33.4.8-jre", properties: [cpe("guava")] },
      { type: "library", group: "java.sql", name: "sql", version: "11.0.20", properties: [cpe("sql")] },
      { type: "library", group: "org.example", name: "unversioned" },
    ];
    const document = JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.4", version: 1, components });
    const { all } = await observe(nativeImageSbom, "app", build(gzipSync(document)));

    expect(all).toMatchObject([
      {
        ecosystem: "maven",
        package: { name: "com.google.guava:guava", version: "33.4.8-jre", confidence: "approximate" },
      },
      { ecosystem: "program", package: { name: "sql", version: "11.0.20" } },
    ]);
  });

  test("a document in a section of its own", async () => {
    writeFileSync(join(folder, "b.c"), "int main(void) { return 0; }\n");
    writeFileSync(join(folder, "bom.gz"), gzipSync(JSON.stringify(bom)));
    execFileSync("cc", ["-s", "-o", join(folder, "b"), join(folder, "b.c")]);
    execFileSync("objcopy", ["--add-section", `sbom=${join(folder, "bom.gz")}`, join(folder, "b")]);
    const { packages } = await observe(nativeImageSbom, "app", new Uint8Array(readFileSync(join(folder, "b"))));

    expect(packages.map(({ name }) => name)).toContain("io.netty:netty-codec");
  });

  test("a document that is cut off, lies outside or is another is reported", async () => {
    const packed = gzipSync(JSON.stringify(bom));
    const programs = [build(packed.subarray(0, 50)), build(packed, 1e12), build(gzipSync('{"a":1}'))];
    for (const program of programs) {
      const { packages, diagnostics } = await observe(nativeImageSbom, "app", program);
      expect([packages, diagnostics.map(({ location }) => location?.path)]).toEqual([[], ["app"]]);
    }
  });
});
