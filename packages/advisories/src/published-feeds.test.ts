import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Advisory, FeedRecord } from "@plimsoll/model";
import { memoryBytes, sharedFile, sharedPath } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { feeds } from "./index.ts";

/** Published documents of feeds with the facts that an importer must find in them, for every feed here that reads them. */

interface Case {
  readonly dir: string;
  readonly feed: string;
  readonly error: boolean;
}

interface Row {
  readonly key: readonly string[];
  readonly value?: {
    readonly fixedVersion?: string;
    readonly patchedVersions?: readonly string[];
    readonly entries?: readonly { readonly fixedVersion?: string; readonly arches?: readonly string[] }[];
    readonly severity?: string;
    readonly status?: string;
  };
}

/** Feeds whose documents are read as they are: the folder they lie in, and what its buckets are called here. */
const readers: Readonly<Record<string, readonly [below: string, namespaceOf: (bucket: string) => string]>> = {
  alma: ["vuln-list", (bucket) => bucket.replace("alma ", "AlmaLinux:")],
  alpine: ["vuln-list", (bucket) => bucket.replace("alpine ", "Alpine:v")],
  amazon: ["vuln-list", (bucket) => bucket.replace("amazon linux ", "Amazon Linux:")],
  "arch-linux": ["vuln-list", () => "Arch Linux"],
  bitnami: ["bitnami-vulndb/data", () => "Bitnami"],
  bottlerocket: ["vuln-list", () => "Bottlerocket"],
  chainguard: ["vuln-list", () => "Chainguard"],
  ghsa: ["ghsa", (bucket) => githubNames.get(bucket.split("::")[0] ?? "") ?? bucket],
  govulndb: ["govulndb/data/osv", () => "Go"],
  julia: ["julia", () => "Julia"],
  minimos: ["vuln-list", () => "MinimOS"],
  nvd: ["vuln-list-nvd/api", () => ""],
  "oracle-oval": ["vuln-list/oval/oracle", (bucket) => bucket.replace("Oracle Linux ", "Oracle Linux:")],
  osv: ["vuln-list/osv", () => "PyPI"],
  photon: ["vuln-list", (bucket) => bucket.replace("Photon OS ", "Photon OS:")],
  "redhat-csaf": ["", () => "Red Hat"],
  rocky: ["vuln-list", (bucket) => bucket.replace("rocky ", "Rocky Linux:")],
  seal: ["vuln-list/seal", sealNamespace],
  wolfi: ["vuln-list", () => "Wolfi"],
};

/** Feeds of the table that are not read in the form it has them in, with the reason. */
const notRead: Readonly<Record<string, string>> = {
  aqua: "a database of Trivy's makers for Go alone, without public documents",
  azure: "the original, OVAL as XML, is read; the table splits it over files (feeds/azure-oval tests its facts)",
  bundler: "Ruby's advisories come as OSV records",
  composer: "PHP's advisories come as OSV records",
  debian: "the tracker's JSON, which has all releases, is read; the table has the sources it is made from",
  echo: "Echo's advisories come as OSV records",
  glad: "GitLab's advisories repeat GitHub's and are not read",
  node: "npm's advisories of the security working group come as OSV records",
  redhat: "Red Hat replaced this interface by CSAF VEX, which is read",
  "redhat-oval": "Red Hat replaced OVAL by CSAF VEX, which is read",
  rootio: "Root.io's advisories come as OSV records",
  "suse-cvrf": "SUSE replaced CVRF by CSAF, which is read",
};

const githubNames: ReadonlyMap<string, string> = new Map([
  ["cargo", "crates.io"],
  ["composer", "Packagist"],
  ["erlang", "Hex"],
  ["go", "Go"],
  ["maven", "Maven"],
  ["npm", "npm"],
  ["nuget", "NuGet"],
  ["pip", "PyPI"],
  ["pub", "Pub"],
  ["rubygems", "RubyGems"],
  ["swift", "SwiftURL"],
]);

function sealNamespace(bucket: string): string {
  const [, word = "", source] = /^seal (.+?)(::.*)?$/.exec(bucket) ?? [];
  if (source !== undefined) return `Seal:${githubNames.get(word) ?? word}`;
  const [, name = "", release] = /^(.+?)(?: (\d+))?$/.exec(word) ?? [];
  return `Seal:${name.charAt(0).toUpperCase()}${name.slice(1)}${release === undefined ? "" : `:${release}`}`;
}

const folder = sharedPath("conformance/feeds");
const cases = JSON.parse(sharedFile("conformance/feeds/index.json") ?? "[]") as readonly Case[];
const read = cases.filter(({ feed }) => readers[feed] !== undefined).map((each) => [each.dir, each] as const);

describe.skipIf(folder === undefined)("published documents of feeds", () => {
  test("are read, or there is a reason why not", () => {
    const unknown = cases.filter(({ feed }) => readers[feed] === undefined && notRead[feed] === undefined);

    expect(unknown.map(({ dir }) => dir)).toEqual([]);
  });

  test.each(read)("%s", async (dir, { feed, error }) => {
    const [below, namespaceOf] = readers[feed] ?? ["", String];
    const records = await readAll(join(folder ?? "", dir, "input", below));
    const { rows } = JSON.parse(readFileSync(join(folder ?? "", dir, "expected.json"), "utf8")) as {
      rows: readonly Row[];
    };

    if (error) {
      expect(records.some(({ kind }) => kind === "diagnostic")).toBe(true);
      expect(records.filter(({ kind }) => kind === "advisory" || kind === "enrichment")).toEqual([]);
      return;
    }
    const advisories = records.flatMap((record) => (record.kind === "advisory" ? [record.advisory] : []));
    const missing = rows.flatMap(({ key: [kind, id = "", bucket = "", name = ""], value }) =>
      // Pods are Swift packages by another name, which these records do not state.
      kind !== "advisory-detail" || bucket.startsWith("cocoapods::")
        ? []
        : missingFacts(advisories, { id, namespace: namespaceOf(bucket), name }, value ?? {}),
    );
    expect(missing).toEqual([]);
    expect(rows.length === 0 || advisories.length > 0).toBe(true);
  });
});

interface Subject {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
}

function missingFacts(
  advisories: readonly Advisory[],
  { id, namespace, name }: Subject,
  value: NonNullable<Row["value"]>,
): readonly string[] {
  const [module, plain] = name.includes("::") ? name.split("::") : [undefined, name];
  const entries = advisories
    .filter((each) => [each.id, ...each.aliases, ...(each.upstream ?? [])].includes(id))
    .flatMap((each) => each.affected)
    .filter((each) => each.namespace === namespace && sameName(each.name, plain ?? name))
    .filter((each) => each.qualifiers?.modules?.join() === module);
  const at = `${namespace} ${name} ${id}`;
  if (entries.length === 0) return [at];
  const fixes = entries.flatMap(({ ranges, qualifiers }) =>
    ranges.flatMap(({ end }) => (end.kind === "fixed" ? [{ version: end.version, arches: qualifiers?.arch }] : [])),
  );
  const wanted = [
    ...(value.entries ?? []).flatMap(({ fixedVersion, arches = [""] }) =>
      arches.map((arch) => [fixedVersion ?? "", arch] as const),
    ),
    ...(value.patchedVersions ?? []).map((version) => [version, ""] as const),
    ...(value.entries === undefined && value.fixedVersion !== undefined ? [[value.fixedVersion, ""] as const] : []),
  ];
  return wanted
    .filter(
      ([version, arch]) =>
        !fixes.some((fix) => sameVersion(fix.version, version) && (arch === "" || fix.arches?.includes(arch) === true)),
    )
    .map(([version, arch]) => `${at} ${version} ${arch}`);
}

/** An epoch of 0 is none. */
function sameVersion(ours: string, theirs: string): boolean {
  return ours.replace(/^0:/, "") === theirs.replace(/^0:/, "");
}

function sameName(ours: string, theirs: string): boolean {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replace(/^https:\/\//, "")
      .replace(/\.git$/, "");
  return plain(ours) === plain(theirs);
}

async function readAll(root: string): Promise<readonly FeedRecord[]> {
  const records: FeedRecord[] = [];
  const files = readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const name = file.slice(root.length + 1);
    const feed = feeds().find((each) => each.accepts(name));
    const bytes = new Uint8Array(readFileSync(file));
    const document = { name, content: memoryBytes(bytes).read(0, bytes.length) };
    for await (const record of feed?.parse(document) ?? []) records.push(record);
  }
  return records;
}
