import { buildStore, openStore, osvFeed } from "@plimsoll/advisories";
import { everyEcosystem, versionScheme } from "@plimsoll/ecosystems";
import { judgeVersion, match } from "@plimsoll/matcher";
import type { AdvisoryStore, Inventory, Package, VersionScheme } from "@plimsoll/model";
import { memoryBytes, sharedFile } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";

/** Tables of other projects that say whether a version is affected. */

interface MatchRow {
  readonly scheme: string;
  readonly name: string;
  readonly version: string;
  readonly vulnerableVersions: readonly string[];
  readonly patchedVersions: readonly string[];
  readonly unaffectedVersions: readonly string[];
  readonly vulnerable: boolean;
}

const matchRows = JSON.parse(sharedFile("conformance/advisory-match.json") ?? "[]") as readonly MatchRow[];

/** The one row that is answered otherwise: `*` is every version in the grammars that have it, and unreadable to that comparer. */
const everyVersion = "generic: improper constraint";

/** The scheme that compares with advisories, which need not be the one of the package manager. */
function schemeOf(name: string): VersionScheme {
  const namespaces: Readonly<Record<string, string>> = {
    npm: "npm",
    pypi: "PyPI",
    rubygems: "RubyGems",
    maven: "Maven",
  };
  const probe = { namespace: namespaces[name] ?? name, name: "p", version: "1" };
  const ids: Readonly<Record<string, string>> = { pypi: "pypi", npm: "npm", rubygems: "gem", maven: "maven" };
  const ecosystem = everyEcosystem.find(({ id }) => id === ids[name]);
  const scheme = ecosystem?.applicability?.schemeFor?.(probe) ?? versionScheme(name);
  if (scheme === undefined) throw new Error(`no scheme ${name}`);
  return scheme;
}

describe.skipIf(matchRows.length === 0)("an advisory that lists what is vulnerable, patched and unaffected", () => {
  const named = matchRows.map((row) => [`${row.scheme}: ${row.name}`, row] as const);

  test.each(named.filter(([name]) => name !== everyVersion))("%s", (_, row) => {
    const scheme = schemeOf(row.scheme);
    const everything = { introduced: "0", end: { kind: "open" } } as const;
    const unknownFix = [...row.vulnerableVersions, ...row.patchedVersions].includes("");
    const excluded = [...row.patchedVersions, ...row.unaffectedVersions];

    const verdict = judgeVersion(
      {
        advisory: "A",
        namespace: "N",
        name: "p",
        ranges: row.vulnerableVersions.length === 0 || unknownFix ? [everything] : [],
        expressions: unknownFix ? [] : row.vulnerableVersions,
        unaffectedExpressions: unknownFix ? [] : excluded,
      },
      row.version,
      scheme,
    );

    // Where the other answer is "not vulnerable" because something cannot be read, ours says so.
    expect(verdict.kind === "affected").toBe(row.vulnerable);
  });
});

interface OsvRow {
  readonly osv: { readonly id: string };
  readonly package: {
    readonly name: string;
    readonly version: string;
    readonly ecosystem?: string;
    readonly purlType?: string;
    readonly metadata?: {
      readonly osid?: string;
      readonly osVersionID?: string;
      readonly oscpeName?: string;
      readonly sourceName?: string;
      readonly originName?: string;
      readonly epoch?: number;
    };
  };
  readonly affected: boolean;
  readonly source: string;
}

const osvRows = JSON.parse(sharedFile("conformance/osv-affected.json") ?? "[]") as readonly OsvRow[];

describe.skipIf(osvRows.length === 0)("a record of OSV", () => {
  test.each(osvRows.map((row, at) => [`${at} ${row.source.split("#")[1]}`, row] as const))("%s", async (_, row) => {
    const { vulnerabilities: findings } = await match(inventoryOf(row), await storeOf(row.osv), {
      ecosystems: everyEcosystem,
      unversioned: "affected",
    });

    expect(findings.length > 0).toBe(row.affected);
  });
});

/** Types of package URLs and the ecosystems here that read them. */
const worlds: Readonly<Record<string, string>> = { golang: "golang", deb: "deb", apk: "apk", rpm: "rpm" };

function inventoryOf({ package: { name, version, ecosystem, purlType = "", metadata = {} } }: OsvRow): Inventory {
  const { osid, osVersionID, sourceName, originName, epoch, oscpeName } = metadata;
  const source = sourceName ?? originName;
  const epochs = epoch === undefined ? "" : `${epoch}:`;
  const cpe = /:(\d+)(?:::|$)/.exec(oscpeName ?? "")?.[1];
  const pkg: Package = {
    id: "1",
    ecosystem: worlds[purlType] ?? worldOf(ecosystem ?? "", name),
    purl: `pkg:x/${name}`,
    // The standard library of Go is a package called go there.
    name: purlType === "golang" && name === "go" ? "stdlib" : name,
    version: `${epochs}${version}`,
    ...(source === undefined ? {} : { source: { name: source, version: `${epochs}${version}` } }),
    locations: [],
  };
  const distro = osid === undefined ? undefined : { id: osid, versionId: osVersionID ?? cpe ?? "" };
  return {
    schemaVersion: 2,
    artifact: { name: "x", kind: "sbom", layers: [], ...(distro === undefined ? {} : { distro }) },
    packages: [pkg],
    diagnostics: [],
  };
}

function worldOf(namespace: string, name: string): string {
  const probe: Package = { id: "", ecosystem: "", purl: "", name, version: "1", locations: [] };
  const found = everyEcosystem.find((each) =>
    each.advisoryKeys(probe, undefined).some((key) => key.namespace === namespace),
  );
  return found?.id ?? "";
}

async function storeOf(record: { readonly id: string }): Promise<AdvisoryStore> {
  const chunks: Uint8Array[] = [];
  const bytes = new TextEncoder().encode(JSON.stringify(record));
  await buildStore({
    documents: [{ name: "OSV-1.json", content: memoryBytes(bytes).read(0, bytes.length) }],
    feeds: [osvFeed()],
    output: { write: (chunk) => void chunks.push(chunk) },
  });
  return openStore(memoryBytes(Buffer.concat(chunks)));
}
