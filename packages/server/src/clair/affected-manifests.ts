import { sql } from "kysely";
import { everyEcosystem } from "@plimsoll/ecosystems";
import type { Distro } from "@plimsoll/model";
import type { MatchablePackage } from "../catalog/matchable-package.ts";
import type { Queries } from "../database/open-database.ts";
import type { ClairVulnerability, ClairVulnerabilityCore } from "./documents.ts";
import { vulnerabilitySummary } from "./notification-page.ts";
import type { KnownFinding } from "../catalog/known-finding.ts";

/** The manifests that vulnerabilities affect, in Clair's form. */
export interface ClairAffectedManifests {
  readonly vulnerabilities: Readonly<Record<string, ClairVulnerability>>;
  readonly vulnerable_manifests: Readonly<Record<string, readonly string[]>>;
}

/**
 * Finds the indexed manifests that vulnerability summaries affect. A summary with a package matches packages with that name or source package name
 * and a version older than its fix; one without a package matches packages that have a finding with its id.
 */
export async function affectedManifests(
  queries: Queries,
  tenant: string,
  summaries: readonly ClairVulnerabilityCore[],
): Promise<ClairAffectedManifests> {
  const vulnerabilities = new Map<string, ClairVulnerability>();
  const manifests = new Map<string, Set<string>>();
  for (const summary of summaries) {
    const packages =
      summary.package === undefined ? await packagesWith(queries, summary.name) : await packagesNamed(queries, summary);
    for (const { id, core } of packages) {
      const key = JSON.stringify(core);
      const entry = vulnerabilities.get(key) ?? { id: String(vulnerabilities.size + 1), updater: "plimsoll", ...core };
      const digests = await manifestsWith(queries, tenant, id);
      if (digests.length > 0) vulnerabilities.set(key, entry);
      for (const digest of digests) manifests.set(digest, (manifests.get(digest) ?? new Set()).add(entry.id));
    }
  }
  return {
    vulnerabilities: Object.fromEntries([...vulnerabilities.values()].map((entry) => [entry.id, entry])),
    vulnerable_manifests: Object.fromEntries(
      [...manifests].sort(([a], [b]) => (a < b ? -1 : 1)).map(([digest, ids]) => [digest, [...ids]]),
    ),
  };
}

interface Affected {
  readonly id: number;
  readonly core: ClairVulnerabilityCore;
}

interface PackageRow {
  readonly id: number;
  readonly data: string;
  readonly distribution: string;
}

async function packagesWith(queries: Queries, name: string): Promise<readonly Affected[]> {
  const { rows } = await sql<
    PackageRow & { finding: string }
  >`select package.id, package.data, distribution.data AS distribution, finding.data AS finding
    from finding join package on package.id = finding.package_id join distribution on distribution.id = package.distribution_id
    where finding.vulnerability = ${name} order by package.id`.execute(queries);
  return rows.map((row) => ({ id: row.id, core: vulnerabilitySummary(JSON.parse(row.finding) as KnownFinding, row) })); // as: written by insertFindings
}

async function packagesNamed(queries: Queries, summary: ClairVulnerabilityCore): Promise<readonly Affected[]> {
  const name = summary.package?.name ?? "";
  const { rows } = await sql<PackageRow>`select distinct package.id, package.data, distribution.data AS distribution
    from lookup join package_lookup on package_lookup.lookup_id = lookup.id join package on package.id = package_lookup.package_id
    join distribution on distribution.id = package.distribution_id
    where lookup.name = ${name} order by package.id`.execute(queries);
  return rows.flatMap((row) => {
    const { package: pkg } = JSON.parse(row.data) as MatchablePackage; // as: written by storeInventory
    const distro = JSON.parse(row.distribution) as Distro | null; // as: written by storeInventory
    if (!isMeant(pkg, distro, summary)) return [];
    return [{ id: row.id, core: { ...summary, arch_op: "equals" as const } }];
  });
}

function isMeant(pkg: MatchablePackage["package"], distro: Distro | null, summary: ClairVulnerabilityCore): boolean {
  const { distribution, fixed_in_version: fixed, range } = summary;
  if (distribution?.did !== undefined && distribution.did !== distro?.id) return false;
  if (distribution?.version_id !== undefined && distribution.version_id !== distro?.versionId) return false;
  const wanted = summary.package;
  if (wanted?.arch !== undefined && pkg.architecture !== undefined && wanted.arch !== pkg.architecture) return false;
  const ecosystem = everyEcosystem.find(({ id }) => id === pkg.ecosystem);
  if (ecosystem === undefined) return false;
  const version = wanted?.kind === "SOURCE" && pkg.source !== undefined ? pkg.source.version : pkg.version;
  const upper = range?.[")"] ?? (fixed === undefined || fixed === "" ? undefined : fixed);
  const lower = range?.["["];
  // A version that cannot be compared is not ruled out.
  const beyond = upper === undefined ? undefined : ecosystem.versions.compare(version, upper);
  const below = lower === undefined ? undefined : ecosystem.versions.compare(version, lower);
  return (beyond === undefined || beyond < 0) && (below === undefined || below >= 0);
}

async function manifestsWith(queries: Queries, tenant: string, packageId: number): Promise<readonly string[]> {
  const { rows } = await sql<{ digest: string }>`select distinct inventory.digest from set_package
    join inventory_set using (set_id) join inventory on inventory.id = inventory_set.inventory_id
    where set_package.package_id = ${packageId} and inventory.tenant = ${tenant} order by inventory.digest`.execute(
    queries,
  );
  return rows.map(({ digest }) => digest);
}
