// Situations from public bug reports of scanners, as small inputs beside the repository: what is right stands in their README.
import { memoryStore, osvFeed } from "@plimsoll/advisories";
import { everyEcosystem } from "@plimsoll/ecosystems";
import { takeInventory } from "@plimsoll/inventory";
import type { Advisory, Evidence, Inventory, Report } from "@plimsoll/model";
import { rootfsDirectory } from "@plimsoll/node";
import { memoryBytes, sharedPath } from "@plimsoll/testkit";
import { readFileSync } from "node:fs";
import { ignoreFile } from "@plimsoll/triage";
import { describe, expect, test } from "vitest";
import { scanInventory } from "./index.ts";

const folder = sharedPath("conformance/field-reports");

async function inventoryOf(
  path: string,
  kind: "rootfs" | "filesystem",
  evidence?: readonly Evidence[],
): Promise<Inventory> {
  return takeInventory(rootfsDirectory(`${folder}/${path}`, { kind }), { ecosystems: everyEcosystem, evidence });
}

function named({ packages }: Inventory): readonly string[] {
  return packages.map(({ name, version }) => `${name} ${version}`);
}

/** A report against advisories that speak of these names in every registry, whatever the version. */
async function matched(inventory: Inventory, names: readonly string[]): Promise<Report> {
  const namespaces = ["npm", "PyPI", "RubyGems", "crates.io", "Packagist", "Pub", "Hex", "NuGet", "Go", "Maven"];
  const advisories = memoryStore(
    [...new Set(names)].map((name, at): Advisory => ({
      id: `MAL-${at}`,
      source: "test",
      aliases: [],
      upstream: [],
      severities: [],
      references: [],
      affected: namespaces.map((namespace) => ({
        advisory: `MAL-${at}`,
        namespace,
        name,
        ranges: [{ introduced: "0", end: { kind: "open" } }],
      })),
    })),
  );
  return scanInventory(inventory, { advisories });
}

describe.skipIf(folder === undefined)("field reports", () => {
  test.each<["filesystem" | "rootfs", readonly Evidence[] | undefined]>([
    ["filesystem", undefined],
    ["rootfs", ["installed", "declared"]],
  ])("lock files inside of dependencies are not the project's (%s)", async (kind, evidence) => {
    const found = named(await inventoryOf("18-nested-locks/src", kind, evidence));
    expect(found.filter((name) => /^(?:lodash|minimist|symfony)|nokogiri 1\.8\.0|django 1\.0/.test(name))).toEqual([]);
    expect(found).toEqual(
      expect.arrayContaining(["nokogiri 1.16.0", "django 4.2.0", "monolog/monolog 2.0.0", "uri-js 4.4.1"]),
    );
  });

  test("requirements files are read with those that they include", async () => {
    const inventory = await inventoryOf("20-req-includes/src", "filesystem");
    const found = named(inventory);
    expect(found).toEqual(expect.arrayContaining(["sqlparse 0.2.4", "requests 2.19.1", "flask 0.12", "django 3.0.10"]));
    expect(found).not.toContain("notareq 1.0");
    expect(inventory.diagnostics).toEqual([]);
  });

  test.each<[string, string]>([
    ["npm", "07-npm-alias/src"],
    ["every other", "36-own-packages/src"],
  ])("what is not of a registry is not matched with its advisories: %s", async (_, path) => {
    const inventory = await inventoryOf(path, "filesystem");
    const foreign = [
      "@demo/ws-a",
      "mygem",
      "mycrate",
      "member",
      "acme/own",
      "mypkg",
      "localpkg",
      "app",
      "lib-a",
      "gitpkg",
      "myapp",
      "demo",
    ];
    const report = await matched(inventory, [...foreign, ...inventory.packages.map(({ name }) => name)]);
    const found = new Set(report.vulnerabilities?.map(({ package: pkg }) => pkg.name));
    expect(foreign.filter((name) => found.has(name))).toEqual([]);
    // What is of a registry is found by the same advisories.
    expect(found.size).toBeGreaterThan(0);
    if (path.startsWith("07"))
      expect(named(inventory)).toEqual(expect.arrayContaining(["@plotly/regl 2.1.2", "lodash 4.17.4"]));
  });

  test.each<[string, number, readonly string[]]>([
    ["e.trivyignore.yaml", 3, ['"path" is none of', '"purl" is none of', '"expires_at" is none of']],
    ["d.trivyignore.yaml", 1, ['"path" is none of']],
    ["f.trivyignore.yaml", 2, ["no id"]],
    ["osv-scanner.toml", 1, ['"nam" is none of']],
    ["o/osv-scanner.toml", 1, ['"ignoreuntil" is none of']],
    [".plimsollignore.yaml", 1, ['"rules" is none of ignore']],
    [".grype.yaml", 1, ['the condition "namespace" is not supported']],
    ["b.trivyignore", 2, ["exp", '"pkg:libssl1.1" behind CVE-2019-1563']],
    ["bom.trivyignore", 0, []],
    [".trivyignore.yaml", 0, []],
  ])("what an ignore file does not mean is told: %s", (file, count, problems) => {
    const rule = ignoreFile(readFileSync(`${folder}/29-ignore/${file}`, "utf8"), { name: file, now: "2020-01-02" });
    const said = (rule.remarks?.() ?? []).map(({ message }) => message).filter((each) => each.includes("not applied"));
    expect(said).toHaveLength(count);
    for (const problem of problems) expect(said.join("\n")).toContain(problem);
  });

  test("one name in several spellings is one package", async () => {
    const inventory = await inventoryOf("21-name-spelling/src", "filesystem");
    const purls = inventory.packages.map(({ purl }) => purl.toLowerCase());
    expect(purls).toEqual([...new Set(purls)]);
    const places = inventory.packages.map(({ name, locations }) => `${name.toLowerCase()} ${locations.length}`);
    expect(places).toEqual(expect.arrayContaining(["django 2", "monolog/monolog 2", "newtonsoft.json 2"]));
  });

  test("streams of modules are judged by fixes of the same stream", async () => {
    const erratum = async (id: string, stream: string, fixed: string): Promise<Advisory[]> => {
      const record = {
        id,
        summary: `Important: postgresql:${stream} security update`,
        related: [`CVE-2021-${stream.padStart(4, "0")}`],
        affected: [
          {
            package: { ecosystem: "AlmaLinux:8", name: "postgresql" },
            ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed }] }],
          },
        ],
      };
      const found: Advisory[] = [];
      const content = memoryBytes(new TextEncoder().encode(JSON.stringify(record))).read(0, Infinity);
      for await (const one of osvFeed().parse({ name: `AlmaLinux/${id}.json`, content }))
        if (one.kind === "advisory") found.push(one.advisory);
      return found;
    };
    const advisories = memoryStore([
      ...(await erratum("ALSA-1", "10", "10.99-1.module_el8.6.0+1+1")),
      ...(await erratum("ALSA-2", "12", "12.99-1.module_el8.6.0+1+1")),
      ...(await erratum("ALSA-3", "13", "13.99-1.module_el8.6.0+1+1")),
      ...(await erratum("ALBA-4", "12", "12.99-1.module_el8.6.0+1+1")),
    ]);
    const scan = async (root: string) => {
      const inventory = await inventoryOf(`27-rpm-modules/${root}`, "rootfs");
      const { vulnerabilities: findings = [], coverage } = await scanInventory(inventory, { advisories });
      return [findings.map(({ id }) => id), coverage?.gaps.map(({ code }) => code)];
    };
    expect(await scan("pg10")).toEqual([["CVE-2021-0010"], []]);
    expect(await scan("pg12")).toEqual([["CVE-2021-0012"], []]);
    expect(await scan("nolabel")).toEqual([[], ["unknown-version"]]);
  });

  test("what a package of somebody else contains is matched by its own name, and the package not by Debian's ranges", async () => {
    const inventory = await inventoryOf("38-third-party-deb/root", "rootfs");
    const open = (id: string, namespace: string, name: string): Advisory => ({
      id,
      source: "test",
      aliases: [],
      severities: [],
      references: [],
      affected: [{ advisory: id, namespace, name, ranges: [{ introduced: "0", end: { kind: "open" } }] }],
    });
    const advisories = memoryStore([
      open("GHSA-1", "npm", "lodash"),
      ...["curl", "nginx", "docker-ce", "acme-agent"].map((name) => open(`D-${name}`, "Debian:10", name)),
    ]);
    const { vulnerabilities: findings = [], coverage } = await scanInventory(inventory, { advisories });
    expect(findings.map(({ id, package: pkg }) => [id, pkg.name]).sort()).toEqual([
      ["D-curl", "curl"],
      ["GHSA-1", "lodash"],
    ]);
    const [lodash] = inventory.packages.filter(({ name }) => name === "lodash");
    expect(lodash?.locations.map(({ ownedBy }) => ownedBy !== undefined)).toEqual([true, true]);
    expect(coverage?.gaps.flatMap(({ code, message }) => (code === "third-party-package" ? [message] : []))).toEqual([
      expect.stringContaining("Packages from Acme Inc <ops@acme.example> are not part of"),
      expect.stringContaining("Packages from a repository for several releases are not part of"),
    ]);
  });

  test("archives that nobody can name are told", async () => {
    const { packages, diagnostics } = await inventoryOf("34-unknown-jar/root", "rootfs");
    expect(diagnostics.map(({ code, location }) => [code, location?.path])).toEqual([
      ["unknown-version", "app/foo.jar"],
      ["unknown-version", "app/spring.jar"],
    ]);
    expect(packages.map(({ name, version, confidence }) => [name, version, confidence])).toEqual([
      ["lib:lib", "1.2.3", "approximate"],
    ]);
  });

  test.each([
    ["35-dotnet/root", ["Assembly.Ref", "Analyzer.Only", "Meta.Package"]],
    ["37-dotnet-refasm/root", ["Microsoft.AspNetCore.DataProtection", "Newtonsoft.Json.Reference"]],
  ])("references and what is only compiled against are no packages: %s", async (path, refused) => {
    const { packages } = await inventoryOf(path, "rootfs");
    const names = packages.map(({ name }) => name);
    expect(refused.filter((name) => names.includes(name))).toEqual([]);
    expect(names).toContain("Newtonsoft.Json");
  });

  test("continuation lines of white space do not end metadata", async () => {
    const { packages } = await inventoryOf("26-metadata-fold/root", "rootfs");
    expect(
      packages.map(({ name, version, licenses, dependencies }) => [name, version, licenses, dependencies]),
    ).toEqual([
      ["bar", "1.0", undefined, undefined],
      ["baz", "1.0", undefined, ["pkg:pypi/bar@1.0"]],
      ["foo", "1.0", ["MIT"], ["pkg:pypi/bar@1.0"]],
    ]);
  });
});
