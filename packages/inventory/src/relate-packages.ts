import { compareText } from "@plimsoll/model";
import type { Package, PackageLocation } from "@plimsoll/model";
import { evidenceFile } from "./found-packages.ts";
import type { Found } from "./found-packages.ts";
import type { MergedPackage } from "./merge-packages.ts";
import type { FileOwner } from "./ownership.ts";

/** Adds what packages have to do with each other: dependencies, and who owns the files they were found in. */
export function relatePackages(
  merged: readonly MergedPackage[],
  owners: ReadonlyMap<string, readonly FileOwner[]>,
): readonly Package[] {
  const names = new Names(merged);
  return merged.flatMap(({ package: pkg, mentions }) => {
    const dependencies = new Set<string>();
    for (const mention of mentions)
      for (const key of mention.package.dependsOn ?? []) {
        const id = names.neighbour(mention, key) ?? names.nearest(mention, key);
        if (id !== undefined && id !== pkg.id) dependencies.add(id);
      }
    const locations =
      mentions[0]?.ecosystem.class === "os" ? pkg.locations : ownedLocations(pkg, mentions, owners, names);
    const counted = locations.filter((location) => location.ownedBy === undefined || !ownedAway(location, mentions));
    if (counted.length === 0) return [];
    return {
      ...pkg,
      locations: counted,
      ...(dependencies.size === 0 ? {} : { dependencies: [...dependencies].sort(compareText) }),
    };
  });
}

/** Whether everybody who saw the package in this owned file meant files without an owner. */
function ownedAway({ path }: PackageLocation, mentions: readonly Found[]): boolean {
  return mentions.filter(({ location }) => location.path === path).every(({ unownedOnly }) => unownedOnly);
}

/**
 * Marks locations in files that an operating-system package put there. A package that came to its place in a later
 * layer than the claimant is not the claimant's: somebody replaced the file, and distribution advisories do not speak of it.
 */
function ownedLocations(
  pkg: Package,
  mentions: readonly Found[],
  owners: ReadonlyMap<string, readonly FileOwner[]>,
  names: Names,
): Package["locations"] {
  return pkg.locations.map((location) => {
    const mention = mentions.find((candidate) => candidate.location.path === location.path);
    if (mention === undefined) return location;
    for (const { ecosystem, key } of owners.get(evidenceFile(mention)) ?? []) {
      const owner = names.owner(ecosystem, key);
      if (owner !== undefined && owner.layer >= mention.layer) return { ...location, ownedBy: owner.id };
    }
    return location;
  });
}

/** Finds packages by the names that other packages call them. */
class Names {
  readonly #neighbours = new Map<string, string>();
  readonly #everywhere = new Map<string, { readonly id: string; readonly path: string }[]>();
  readonly #owners = new Map<string, { id: string; layer: number }>();

  constructor(merged: readonly MergedPackage[]) {
    for (const { package: pkg, mentions } of merged)
      for (const mention of mentions) {
        const { name, key } = mention.package;
        const ecosystem = mention.ecosystem.id;
        const neighbour = nameIn([ecosystem, mention.file], key ?? name);
        if (!this.#neighbours.has(neighbour)) this.#neighbours.set(neighbour, pkg.id);
        for (const alias of new Set([name, key ?? name])) {
          const everywhere = nameIn([ecosystem], alias);
          const known = this.#everywhere.get(everywhere);
          const place = { id: pkg.id, path: mention.location.path };
          if (known === undefined) this.#everywhere.set(everywhere, [place]);
          else known.push(place);
        }
        this.#addOwner(nameIn([ecosystem], key ?? name), pkg.id, mention.layer);
      }
  }

  /** The package with this key in the same file. */
  neighbour({ ecosystem, file }: Found, key: string): string | undefined {
    return this.#neighbours.get(nameIn([ecosystem.id, file], key));
  }

  /** The package with this name that shares most of its path with the mention; of several, the first. */
  nearest({ ecosystem, location }: Found, key: string): string | undefined {
    let best: string | undefined;
    let most = -1;
    for (const { id, path } of this.#everywhere.get(nameIn([ecosystem.id], key)) ?? []) {
      const common = commonDirectoryLength(location.path, path);
      if (common > most) [best, most] = [id, common];
    }
    return best;
  }

  /** The package with this key, and the last layer in which it came to be somewhere. */
  owner(ecosystem: string, key: string): { readonly id: string; readonly layer: number } | undefined {
    return this.#owners.get(nameIn([ecosystem], key));
  }

  #addOwner(name: string, id: string, layer: number): void {
    const known = this.#owners.get(name);
    if (known === undefined) this.#owners.set(name, { id, layer });
    else if (known.id === id) known.layer = Math.max(known.layer, layer);
  }
}

function nameIn(scope: readonly string[], name: string): string {
  return JSON.stringify([...scope, name]);
}

function commonDirectoryLength(a: string, b: string): number {
  let common = 0;
  for (let at = 0; at < a.length && a[at] === b[at]; at++) if (a[at] === "/") common = at + 1;
  return common;
}
