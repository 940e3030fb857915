import { compareText, workDone } from "@plimsoll/model";
import type { Package } from "@plimsoll/model";
import { evidenceFile } from "./found-packages.ts";
import type { Found } from "./found-packages.ts";
import type { MergedPackage } from "./merge-packages.ts";
import type { FileOwner } from "./ownership.ts";

/** Relating a mention takes about as long as looking at so many bytes. */
const bytesPerMention = 1_024;

/** Adds what packages have to do with each other: dependencies, and who owns the files they were found in. */
export async function relatePackages(
  merged: readonly MergedPackage[],
  owners: ReadonlyMap<string, readonly FileOwner[]>,
): Promise<readonly Package[]> {
  const names = new Names(merged);
  for (const each of merged) {
    names.add(each);
    await workDone(bytesPerMention * each.mentions.length);
  }
  const related: Package[] = [];
  for (const { package: pkg, mentions } of merged) {
    const dependencies = new Set<string>();
    for (const mention of mentions) {
      const { dependsOn = [] } = mention.package;
      for (const key of dependsOn) {
        const id = names.neighbour(mention, key) ?? (await names.nearest(mention, key));
        if (id !== undefined && id !== pkg.id) dependencies.add(id);
      }
      await workDone(bytesPerMention * (1 + dependsOn.length));
    }
    const locations =
      mentions[0]?.ecosystem.class === "os" ? pkg.locations : ownedLocations(pkg, mentions, owners, names);
    const open = placesForAnybody(mentions);
    const counted = locations.filter(({ ownedBy, path }) => ownedBy === undefined || open.has(path));
    if (counted.length === 0) continue;
    related.push({
      ...pkg,
      locations: counted,
      ...(dependencies.size === 0 ? {} : { dependencies: [...dependencies].sort(compareText) }),
    });
  }
  return related;
}

/** Where somebody saw the package who did not mean files without an owner only. */
function placesForAnybody(mentions: readonly Found[]): ReadonlySet<string> {
  return new Set(mentions.flatMap(({ yieldsToOwner, location }) => (yieldsToOwner ? [] : [location.path])));
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
  const first = new Map<string, Found>();
  for (const mention of mentions) if (!first.has(mention.location.path)) first.set(mention.location.path, mention);
  return pkg.locations.map((location) => {
    const mention = first.get(location.path);
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
  readonly #merged: readonly MergedPackage[];
  readonly #neighbours = new Map<string, string>();
  /** By name, then by each directory above a place: the first package that is somewhere below it. Made when somebody asks. */
  #everywhere: ReadonlyMap<string, ReadonlyMap<string, string>> | undefined;
  readonly #owners = new Map<string, { id: string; layer: number }>();

  constructor(merged: readonly MergedPackage[]) {
    this.#merged = merged;
  }

  /** Packages that are added earlier go before later ones of the same name. */
  add({ package: pkg, mentions }: MergedPackage): void {
    for (const mention of mentions) {
      const { name, key } = mention.package;
      const ecosystem = mention.ecosystem.id;
      const neighbour = nameIn([ecosystem, mention.file], key ?? name);
      if (!this.#neighbours.has(neighbour)) this.#neighbours.set(neighbour, pkg.id);
      this.#addOwner(nameIn([ecosystem], key ?? name), pkg.id, mention.layer);
    }
  }

  /** The package with this key in the same file. */
  neighbour({ ecosystem, file }: Found, key: string): string | undefined {
    return this.#neighbours.get(nameIn([ecosystem.id, file], key));
  }

  /** The package with this name that shares most of its path with the mention; of several, the first. */
  async nearest({ ecosystem, location }: Found, key: string): Promise<string | undefined> {
    this.#everywhere ??= await placesByName(this.#merged);
    const below = this.#everywhere.get(nameIn([ecosystem.id], key));
    if (below === undefined) return undefined;
    for (const directory of directoriesAbove(location.path)) {
      const id = below.get(directory);
      if (id !== undefined) return id;
    }
    return undefined;
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

async function placesByName(
  merged: readonly MergedPackage[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const places = new Map<string, Map<string, string>>();
  for (const { package: pkg, mentions } of merged) {
    for (const mention of mentions) {
      const { name, key } = mention.package;
      for (const alias of new Set([name, key ?? name])) {
        const everywhere = nameIn([mention.ecosystem.id], alias);
        const below = places.get(everywhere) ?? new Map<string, string>();
        for (const directory of directoriesAbove(mention.location.path)) {
          // Whoever came first also went further up.
          if (below.has(directory)) break;
          below.set(directory, pkg.id);
        }
        places.set(everywhere, below);
      }
    }
    await workDone(bytesPerMention * mentions.length);
  }
  return places;
}

function nameIn(scope: readonly string[], name: string): string {
  return JSON.stringify([...scope, name]);
}

/** Deeper than this directories count as one: each is a text of its own. */
const maxDepth = 64;

/** The directories that a path lies in, the innermost first and the root, which is empty, last. */
function* directoriesAbove(path: string): Generator<string> {
  const ends: number[] = [];
  for (let at = path.indexOf("/"); at !== -1 && ends.length < maxDepth; at = path.indexOf("/", at + 1))
    ends.push(at + 1);
  for (const end of ends.reverse()) yield path.slice(0, end);
  yield "";
}
