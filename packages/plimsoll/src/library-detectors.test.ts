import { buildStore, openStore, openTrivyStore, trivyDb } from "@plimsoll/advisories";
import { everyEcosystem } from "@plimsoll/ecosystems";
import { parseYaml } from "@plimsoll/formats";
import { match } from "@plimsoll/matcher";
import type { AdvisoryStore, Inventory } from "@plimsoll/model";
import { memoryBytes, sharedFile, trivyDatabase } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";

/** Published cases of Trivy's detector of language packages, in its database as it is and converted into ours. */

interface DetectorCase {
  readonly detector: string;
  readonly name: string;
  readonly args: { readonly pkgName: string; readonly pkgVer: string };
  readonly options: { readonly libType: string };
  readonly databases: readonly string[];
  readonly detected: readonly {
    readonly vulnerabilityID: string;
    readonly pkgName: string;
    readonly installedVersion: string;
    readonly fixedVersion: string;
  }[];
  readonly error: boolean;
}

const table = JSON.parse(sharedFile("conformance/matching/trivy-detectors.json") ?? "[]") as readonly DetectorCase[];
const cases = table.filter(({ detector }) => detector === "library").map((each) => [each.name, each] as const);
const written = trivyDatabase([]) !== undefined;

describe.skipIf(cases.length === 0 || !written)("what Trivy's detector of libraries finds, we find", () => {
  test.each(cases)("%s", async (_, { args, options, databases, detected, error }) => {
    const bytes = trivyDatabase(
      databases.map((file) => parseYaml(sharedFile(`conformance/matching/db/${file}`) ?? "")[0]),
    );
    const database = bytes ?? new Uint8Array();
    const inventory = inventoryOf(options.libType, args);

    const converted = await match(inventory, await convert(database), { ecosystems: everyEcosystem });
    const store = await openTrivyStore(memoryBytes(database));
    const direct = match(inventory, store, { ecosystems: everyEcosystem });

    // A malformed entry makes a database unreadable; as a feed it is left out and counted.
    if (error) await expect(direct).rejects.toThrow();
    for (const { vulnerabilities: findings } of error ? [converted] : [await direct, converted]) {
      expect(findings.map(({ id, package: pkg }) => `${id} ${pkg.name} ${pkg.version}`)).toEqual(
        detected.map((one) => `${one.vulnerabilityID} ${one.pkgName} ${one.installedVersion}`),
      );
      for (const [at, { fixedVersion }] of detected.entries()) {
        // Where Trivy lists every fix, or the conditions of one, ours is the nearest of them.
        const named = fixedVersion.split(", ").map((fix) => fix.replace(/^[<>=~]+ */, ""));
        expect(named).toContain(findings[at]?.fixedVersion);
      }
    }
  });
});

const worlds: Readonly<Record<string, string>> = {
  bundler: "gem",
  gomod: "golang",
  pom: "maven",
  "python-pkg": "pypi",
};

function inventoryOf(libType: string, { pkgName, pkgVer }: DetectorCase["args"]): Inventory {
  const ecosystem = worlds[libType] ?? libType;
  const pkg = { id: "1", ecosystem, purl: `pkg:x/${pkgName}`, name: pkgName, version: pkgVer, locations: [] };
  return {
    schemaVersion: 2,
    artifact: { name: "x", kind: "filesystem", layers: [] },
    packages: [pkg],
    diagnostics: [],
  };
}

async function convert(database: Uint8Array): Promise<AdvisoryStore> {
  const chunks: Uint8Array[] = [];
  const source = memoryBytes(database);
  await buildStore({
    documents: [{ name: "trivy-db/trivy.db", content: source.read(0, source.size), bytes: source }],
    feeds: [trivyDb],
    output: { write: (chunk) => void chunks.push(chunk) },
  });
  return openStore(memoryBytes(Buffer.concat(chunks)));
}
