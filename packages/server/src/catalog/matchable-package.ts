import { everyEcosystem } from "@plimsoll/ecosystems";
import { keysOfPackage, withTypedFacts } from "@plimsoll/model";
import type { Distro, Inventory, Package } from "@plimsoll/model";
import { canonicalText, contentHash } from "./content-hash.ts";

/** What of a package decides which advisories are about it; equal for the same package in a thousand images. */
type Matched = Pick<
  Package,
  | "name"
  | "version"
  | "source"
  | "architecture"
  | "cpes"
  | "confidence"
  | "origin"
  | "module"
  | "facts"
  | "ecosystem"
  | "class"
  | "purl"
>;

/** A package with all that matching needs, including the operating system packages that own all its files, whose advisories then apply to it. */
export interface MatchablePackage {
  readonly package: Matched;
  readonly owners?: readonly Matched[];
}

/** A package name that advisories are looked up by. */
export interface LookupName {
  readonly namespace: string;
  readonly name: string;
}

/** A matchable package of an inventory, with the hash that identifies it and its distribution. */
export interface HashedPackage {
  readonly hash: string;
  readonly data: string;
  readonly matchable: MatchablePackage;
  readonly lookups: readonly LookupName[];
}

/** The distribution as part of a package's identity. */
export function distributionText(distro: Distro | undefined): string {
  return canonicalText(distro ?? null);
}

/** The packages of an inventory as they are matched, by package id. */
export function hashPackages(inventory: Inventory): ReadonlyMap<string, HashedPackage> {
  const { distro } = inventory.artifact;
  const distribution = distributionText(distro);
  const byId = new Map(inventory.packages.map((pkg) => [pkg.id, pkg]));
  const ecosystems = new Map(everyEcosystem.map((ecosystem) => [ecosystem.id, ecosystem]));
  return new Map(
    inventory.packages.map((pkg) => {
      const owners = ownersOf(pkg, byId);
      const matchable: MatchablePackage = {
        package: matchedPart(pkg),
        ...(owners === undefined ? {} : { owners: owners.map(matchedPart) }),
      };
      const data = canonicalText(matchable);
      const keys = keysOfPackage(ecosystems.get(pkg.ecosystem), pkg, distro);
      const lookups = keys.map(({ namespace, name }) => ({ namespace, name }));
      return [pkg.id, { hash: contentHash(`${distribution}\n${data}`), data, matchable, lookups }];
    }),
  );
}

function matchedPart(pkg: Package): Matched {
  const { name, version, ecosystem, purl, source, architecture, cpes, confidence, origin, module, facts } = pkg;
  return {
    name,
    version,
    ecosystem,
    purl,
    ...(pkg.class === undefined ? {} : { class: pkg.class }),
    ...(source === undefined ? {} : { source }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(cpes === undefined ? {} : { cpes }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(origin === undefined ? {} : { origin }),
    ...(module === undefined ? {} : { module }),
    ...(facts === undefined ? {} : { facts }),
  };
}

/** Who owns all of a package's files; undefined when one of them has no owner. */
function ownersOf(pkg: Package, byId: ReadonlyMap<string, Package>): readonly Package[] | undefined {
  const owners = new Map<string, Package>();
  for (const { ownedBy } of pkg.locations) {
    const owner = ownedBy === undefined ? undefined : byId.get(ownedBy);
    if (owner === undefined) return undefined;
    owners.set(owner.id, owner);
  }
  return owners.size === 0 ? undefined : [...owners.values()];
}

/** An inventory of stored matchable packages, whose ids are the keys of the map; owners follow under ids of their own. */
export function syntheticInventory(
  packages: ReadonlyMap<string, MatchablePackage>,
  distro: Distro | undefined,
): Inventory {
  return {
    schemaVersion: 2,
    artifact: { name: "packages", kind: "sbom", ...(distro === undefined ? {} : { distro }), layers: [] },
    packages: [...packages].flatMap(([id, { package: pkg, owners = [] }]) => [
      {
        ...withTypedFacts(pkg),
        id,
        locations: owners.map((_, at) => ({ path: "", evidence: "installed", ownedBy: ownerId(id, at) }) as const),
      },
      ...owners.map((owner, at) => ({ ...withTypedFacts(owner), id: ownerId(id, at), locations: [] })),
    ]),
    diagnostics: [],
  };
}

function ownerId(id: string, at: number): string {
  return `${id}\nowner ${at}`;
}
