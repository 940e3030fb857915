import { compareText, workDone } from "@plimsoll/model";
import type { Package, PackageLocation } from "@plimsoll/model";
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
  const names = new Names(merged, owners.size > 0);
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
    const counts = ({ ownedBy, path }: PackageLocation): boolean => ownedBy === undefined || open.has(path);
    const counted = locations.every(counts) ? locations : locations.filter(counts);
    if (counted.length === 0) continue;
    // A copy by spreading that gets one more field has a layout of its own, which takes more memory than the package itself.
    const found = dependencies.size === 0 ? {} : { dependencies: [...dependencies].sort(compareText) };
    related.push(Object.assign({}, pkg, { locations: counted }, found));
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
  readonly #hasOwners: boolean;
  /** By ecosystem and file. */
  readonly #neighbours = new Map<string, Map<string, Neighbours>>();
  #everywhere: Everywhere | undefined;
  readonly #owners = new Map<string, { id: string; layer: number }>();

  /** @param hasOwners whether anybody will ask for owners */
  constructor(merged: readonly MergedPackage[], hasOwners: boolean) {
    this.#merged = merged;
    this.#hasOwners = hasOwners;
  }

  /** Packages that are added earlier go before later ones of the same name. */
  add({ package: pkg, mentions }: MergedPackage): void {
    for (const mention of mentions) {
      const { name, key = name } = mention.package;
      this.#addNeighbour(mention, key, pkg.id);
      if (this.#hasOwners) this.#addOwner(nameIn(mention.ecosystem.id, key), pkg.id, mention.layer);
    }
  }

  /** The package with this key in the same file. */
  neighbour(mention: Found, key: string): string | undefined {
    const first = this.#neighbours.get(mention.ecosystem.id)?.get(mention.file);
    return first?.key === key ? first.id : first?.others?.get(key);
  }

  /** The package with this name that shares most of its path with the mention; of several, the first. */
  async nearest({ ecosystem, location }: Found, key: string): Promise<string | undefined> {
    this.#everywhere ??= await Everywhere.of(this.#merged);
    const below = this.#everywhere.below(ecosystem.id, key);
    if (below === undefined || typeof below === "string") return below;
    for (const directory of directoriesAbove(location.path)) {
      const id = below.get(directory);
      if (id !== undefined) return id;
    }
    return undefined;
  }

  /** The package with this key, and the last layer in which it came to be somewhere. */
  owner(ecosystem: string, key: string): { readonly id: string; readonly layer: number } | undefined {
    return this.#owners.get(nameIn(ecosystem, key));
  }

  #addNeighbour({ ecosystem, file }: Found, key: string, id: string): void {
    const files = this.#neighbours.get(ecosystem.id) ?? new Map<string, Neighbours>();
    if (files.size === 0) this.#neighbours.set(ecosystem.id, files);
    const first = files.get(file);
    if (first === undefined) files.set(file, { key, id, others: undefined });
    else if (first.key !== key) {
      first.others ??= new Map();
      if (!first.others.has(key)) first.others.set(key, id);
    }
  }

  #addOwner(name: string, id: string, layer: number): void {
    const known = this.#owners.get(name);
    if (known === undefined) this.#owners.set(name, { id, layer });
    else if (known.id === id) known.layer = Math.max(known.layer, layer);
  }
}

/** The packages of one file, by their keys. Of hundreds of thousands of files each has one, which needs no table of its own. */
interface Neighbours {
  readonly key: string;
  readonly id: string;
  others: Map<string, string> | undefined;
}

/** Where packages are, by their names. Most names are asked for by nobody: directories are only looked at for the others. */
class Everywhere {
  readonly #ids: string[] = [];
  readonly #paths: string[] = [];
  /** By ecosystem and name: where the mentions stand in the lists above. A number alone takes no memory of its own. */
  readonly #mentions = new Map<string, Map<string, number | number[]>>();
  /** For names of several places that were asked for, by each directory above a place: the first package that is somewhere below it. */
  readonly #below = new Map<string, ReadonlyMap<string, string>>();

  static async of(merged: readonly MergedPackage[]): Promise<Everywhere> {
    const all = new Everywhere();
    for (const each of merged) {
      for (const mention of each.mentions) all.#add(each.package.id, mention);
      await workDone(bytesPerMention * each.mentions.length);
    }
    return all;
  }

  #add(id: string, { ecosystem, location, package: { name, key = name } }: Found): void {
    const at = this.#ids.push(id) - 1;
    this.#paths.push(location.path);
    const mentions = this.#mentions.get(ecosystem.id) ?? new Map<string, number | number[]>();
    this.#mentions.set(ecosystem.id, mentions);
    for (const alias of new Set([name, key])) {
      const known = mentions.get(alias);
      if (known === undefined) mentions.set(alias, at);
      else if (typeof known === "number") mentions.set(alias, [known, at]);
      else known.push(at);
    }
  }

  /** The places of a name, or the package where it has one place: that is the nearest to everybody. Undefined where nothing is called so. */
  below(ecosystem: string, name: string): ReadonlyMap<string, string> | string | undefined {
    const mentions = this.#mentions.get(ecosystem)?.get(name);
    if (mentions === undefined) return undefined;
    if (typeof mentions === "number") return this.#ids[mentions];
    const asked = nameIn(ecosystem, name);
    const known = this.#below.get(asked);
    if (known !== undefined) return known;
    const below = new Map<string, string>();
    for (const at of mentions)
      for (const directory of directoriesAbove(this.#paths[at] ?? "")) {
        // Whoever came first also went further up.
        if (below.has(directory)) break;
        below.set(directory, this.#ids[at] ?? "");
      }
    this.#below.set(asked, below);
    return below;
  }
}

function nameIn(scope: string, name: string): string {
  return `${scope}\n${name}`;
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
