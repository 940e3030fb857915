import { gunzipSync, gzipSync } from "node:zlib";
import { withTypedFacts } from "@plimsoll/model";
import type { Inventory, Package } from "@plimsoll/model";
import { contentHash } from "./content-hash.ts";

/** An inventory split into its package sets, one for each layer, which images with the same base image share. */
export interface InventoryParts {
  /** Gzipped JSON of the inventory without its packages. */
  readonly document: Uint8Array;
  readonly sets: readonly PackageSet[];
}

/** The packages that came in one layer. */
export interface PackageSet {
  readonly hash: string;
  readonly packages: readonly Package[];
}

interface StoredDocument extends Omit<Inventory, "packages"> {
  /** Hashes of the package sets. */
  readonly sets: readonly string[];
  /** Ids in order, where sorting the packages does not give it. */
  readonly order?: readonly string[];
}

/** Unpacked bytes of one document; larger ones were not written by us. */
const maxDocumentBytes = 512 * 1024 * 1024;

/** Splits an inventory into its document and package sets. */
export function takeApart(inventory: Inventory): InventoryParts {
  const byLayer = new Map<number, Package[]>();
  for (const pkg of inventory.packages) {
    const layer = pkg.locations[0]?.layer?.index ?? -1;
    const known = byLayer.get(layer);
    if (known === undefined) byLayer.set(layer, [pkg]);
    else known.push(pkg);
  }
  const sets = [...byLayer]
    .sort(([a], [b]) => a - b)
    .map(([, packages]) => ({ hash: contentHash(JSON.stringify(packages)), packages }));
  const { packages, ...rest } = inventory;
  const sorted = [...packages].sort(byPurlAndPlace);
  const document: StoredDocument = {
    ...rest,
    sets: sets.map(({ hash }) => hash),
    ...(sorted.every((pkg, at) => pkg === packages[at]) ? {} : { order: packages.map(({ id }) => id) }),
  };
  return { document: pack(document), sets };
}

/** Rebuilds an inventory from its document and the stored package sets, by hash. */
export function putTogether(document: Uint8Array, sets: ReadonlyMap<string, Uint8Array>): Inventory {
  const { sets: hashes, order, ...rest } = unpack(document) as StoredDocument; // as: written by takeApart
  const packages = hashes.flatMap((hash) => {
    const stored = sets.get(hash);
    if (stored === undefined) throw new Error(`the package set ${hash} of ${rest.artifact.name} is missing`);
    const set = unpack(stored) as readonly Package[]; // as: written by packSet
    return set.map(withTypedFacts);
  });
  if (order === undefined) return { ...rest, packages: packages.sort(byPurlAndPlace) };
  const byId = new Map(packages.map((pkg) => [pkg.id, pkg]));
  return { ...rest, packages: order.flatMap((id) => byId.get(id) ?? []) };
}

/** A package set in its stored form: gzipped JSON. */
export function packSet({ packages }: PackageSet): Uint8Array {
  return pack(packages);
}

function byPurlAndPlace(a: Package, b: Package): number {
  const [first, second] = [keyOf(a), keyOf(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function keyOf({ purl, locations, ecosystem, id }: Package): string {
  return [purl, locations[0]?.path ?? "", ecosystem, id].join("\0");
}

function pack(value: unknown): Uint8Array {
  return gzipSync(JSON.stringify(value));
}

function unpack(bytes: Uint8Array): unknown {
  // Written by pack.
  return JSON.parse(gunzipSync(bytes, { maxOutputLength: maxDocumentBytes }).toString("utf8"));
}
