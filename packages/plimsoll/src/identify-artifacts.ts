import type { ArtifactIndex, PublishedArtifact } from "@plimsoll/advisories";
import { checkOptions, compareText, optionIs } from "@plimsoll/model";
import type { CallOptions, Ecosystem, Inventory, Package, PackageLocation } from "@plimsoll/model";
import { loadEcosystems } from "./load-ecosystems.ts";
import { scanChecks } from "./scan-options.ts";

/** Options of {@link identifyArtifacts}. */
export interface IdentifyOptions extends CallOptions {
  /** Ecosystems that name the packages. Absent: all of them. */
  readonly ecosystems?: readonly Ecosystem[] | undefined;
}

/**
 * Identifies packages by the SHA-1 of their file in an index of published files: Java archives without metadata, or whose group was guessed.
 * Metadata in the file takes precedence, unless the file was published as another artifact.
 * @throws ScanError `store-unreadable` when the index is damaged.
 */
export async function identifyArtifacts(
  inventory: Inventory,
  index: ArtifactIndex,
  options: IdentifyOptions = {},
): Promise<Inventory> {
  checkOptions("identifyArtifacts", options, { ecosystems: scanChecks.ecosystems, signal: optionIs.signal });
  const ecosystems = new Map((options.ecosystems ?? (await loadEcosystems())).map((each) => [each.id, each]));
  const asked = inventory.packages.filter(({ hashes }) => hashes?.["sha1"] !== undefined);
  const answers = await index.identify(
    asked.map(({ hashes }) => hashes?.["sha1"] ?? ""),
    { signal: options.signal },
  );
  const renamed = new Map<Package, Package>();
  for (const [at, pkg] of asked.entries()) {
    const found = answers[at];
    const ecosystem = ecosystems.get(pkg.ecosystem);
    if (found === undefined || ecosystem === undefined || found.ecosystem !== pkg.ecosystem || !differs(pkg, found))
      continue;
    renamed.set(pkg, rename(pkg, found, ecosystem, inventory));
  }
  return renamed.size === 0 ? inventory : { ...inventory, packages: joinPackages(inventory.packages, renamed) };
}

/** A file that was published under several groups is known to the index under one of them: then its own word counts. */
function differs(pkg: Package, found: PublishedArtifact): boolean {
  if (pkg.name === found.name && pkg.version === found.version) return false;
  return (
    pkg.confidence === "approximate" || pkg.version !== found.version || lastPart(pkg.name) !== lastPart(found.name)
  );
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1);
}

function rename(
  pkg: Package,
  { name, version }: PublishedArtifact,
  ecosystem: Ecosystem,
  inventory: Inventory,
): Package {
  const { confidence: _guessed, ...rest } = pkg;
  const found = { ...rest, name, version, facts: { ...pkg.facts, identifiedBy: "sha1" } };
  const purl = ecosystem.purl(found, inventory.artifact.distro);
  return { ...found, purl, id: purl };
}

/** Sorted as inventories are; what became equal is one package, and dependencies follow it. */
function joinPackages(packages: readonly Package[], renamed: ReadonlyMap<Package, Package>): readonly Package[] {
  const byId = new Map(packages.filter((pkg) => !renamed.has(pkg)).map((pkg) => [pkg.id, pkg]));
  const ids = new Map<string, string>();
  for (const [old, now] of renamed) {
    const id = freeId(now, byId);
    const known = byId.get(id);
    byId.set(id, known === undefined ? { ...now, id } : joinTwo(known, now));
    ids.set(old.id, id);
  }
  return [...byId.values()]
    .map((pkg) => withDependencies(pkg, ids))
    .sort((a, b) => compareText(a.purl, b.purl) || compareText(pathOf(a), pathOf(b)));
}

/** The id of the very same package, else the first that is free: ids are purls, numbered where several share one. */
function freeId(pkg: Package, byId: ReadonlyMap<string, Package>): string {
  for (let number = 1; ; number++) {
    const id = number === 1 ? pkg.purl : `${pkg.purl}~${number}`;
    const known = byId.get(id);
    if (known === undefined || isSame(known, pkg)) return id;
  }
}

function isSame(a: Package, b: Package): boolean {
  return a.ecosystem === b.ecosystem && a.name === b.name && a.version === b.version && a.source === undefined;
}

function joinTwo(known: Package, added: Package): Package {
  const byPlace = new Map<string, PackageLocation>();
  for (const location of [...known.locations, ...added.locations]) byPlace.set(JSON.stringify(location), location);
  const foundBy = [...new Set([...(known.foundBy ?? []), ...(added.foundBy ?? [])])].sort(compareText);
  return {
    ...known,
    locations: [...byPlace.values()].sort((a, b) => compareText(a.path, b.path)),
    ...(foundBy.length === 0 ? {} : { foundBy }),
  };
}

function withDependencies(pkg: Package, ids: ReadonlyMap<string, string>): Package {
  if (pkg.dependencies === undefined) return pkg;
  return { ...pkg, dependencies: [...new Set(pkg.dependencies.map((id) => ids.get(id) ?? id))].sort(compareText) };
}

function pathOf(pkg: Package): string {
  return pkg.locations[0]?.path ?? "";
}
