import { compareBy, compareText, isOfRegistry, sortedInTurns, workDone } from "@plimsoll/model";
import type { Evidence, FoundPackage, Package, PackageLocation } from "@plimsoll/model";
import { single } from "./data-fields.ts";
import type { Found } from "./found-packages.ts";

/** A package as all its mentions together describe it. */
export interface MergedPackage {
  readonly package: Package;
  /** Installed first, then by place. */
  readonly mentions: readonly Found[];
}

/** Merging a mention takes about as long as looking at so many bytes. */
const bytesPerMention = 1_024;

/**
 * One package per identity (purl in its one spelling, source, own or not): mentions in several places become several locations. Where
 * mentions differ, an installed one is believed before a declared one, and then the one with the lower path. Sorted
 * by purl, then location; ids are purls, numbered where different packages share one.
 */
export async function mergePackages(found: readonly Found[]): Promise<readonly MergedPackage[]> {
  const groups = new Map<string, Found[]>();
  for (const mention of found) {
    const { source } = mention.package;
    // What is none of a registry's is another package than one of the same name that is.
    const fromRegistry = isOfRegistry(mention.package);
    const identity = JSON.stringify([
      mention.ecosystem.id,
      mention.identity,
      source?.name,
      source?.version,
      fromRegistry,
    ]);
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, [mention]);
    else group.push(mention);
    await workDone(bytesPerMention);
  }
  const merged: MergedPackage[] = [];
  for (const group of groups.values()) {
    merged.push(mergeGroup(await sortedInTurns(group, byTrust)));
    await workDone(bytesPerMention * group.length);
  }
  return numberIds(await sortedInTurns(merged, byPurlAndPlace));
}

/** What is best believed comes first. */
const trust: readonly Evidence[] = ["installed", "declared", "requested"];

const byTrust = compareBy<Found>(
  (a, b) => trust.indexOf(a.location.evidence) - trust.indexOf(b.location.evidence),
  (a, b) => compareText(a.location.path, b.location.path),
  (a, b) => (a.location.line ?? 0) - (b.location.line ?? 0),
  (a, b) => compareText(a.analyzer, b.analyzer),
  // Whatever is left to tell two mentions apart.
  (a, b) => compareText(JSON.stringify(a.package), JSON.stringify(b.package)),
);

const byPurlAndPlace = compareBy<MergedPackage>(
  (a, b) => compareText(a.package.purl, b.package.purl),
  (a, b) => compareText(a.package.locations[0]?.path ?? "", b.package.locations[0]?.path ?? ""),
  (a, b) => compareText(JSON.stringify(a.package), JSON.stringify(b.package)),
);

function mergeGroup(mentions: readonly Found[]): MergedPackage {
  const [first] = mentions;
  if (first === undefined) throw new Error("a group has at least one mention");
  const packages = mentions.map((mention) => mention.package);
  const { purl, ecosystem } = first;
  const { name, version } = first.package;
  const merged: Package = {
    id: purl,
    name,
    version,
    ecosystem: ecosystem.id,
    class: ecosystem.class,
    purl,
    ...firstOf(packages, "source"),
    ...firstOf(packages, "architecture"),
    ...union(packages, "licenses"),
    ...firstOf(packages, "supplier"),
    ...mergeRecords(packages, "hashes"),
    ...union(packages, "cpes"),
    ...scopeOf(packages),
    // One mention that knows is enough.
    ...(packages.every(({ confidence }) => confidence === "approximate") ? { confidence: "approximate" } : {}),
    ...firstOf(packages, "origin"),
    ...firstOf(packages, "kind"),
    ...firstOf(packages, "module"),
    ...relationshipOf(packages),
    ...mergeRecords(packages, "facts"),
    locations: mergeLocations(mentions),
    foundBy: [...new Set(mentions.map(({ analyzer }) => analyzer))].sort(compareText),
  };
  return { package: merged, mentions };
}

/** The same place told by several analyzers is one location. Sorted by path. */
function mergeLocations(mentions: readonly Found[]): readonly PackageLocation[] {
  const byPath = new Map<string, PackageLocation>();
  for (const { location } of mentions) if (!byPath.has(location.path)) byPath.set(location.path, location);
  return [...byPath.values()].sort((a, b) => compareText(a.path, b.path));
}

function firstOf<K extends "source" | "architecture" | "supplier" | "origin" | "kind" | "module">(
  packages: readonly FoundPackage[],
  field: K,
): { readonly [P in K]?: FoundPackage[K] } {
  return single(
    field,
    packages.map((found) => found[field]).find((value) => value !== undefined && value !== ""),
  );
}

function union<K extends "licenses" | "cpes">(
  packages: readonly FoundPackage[],
  field: K,
): { readonly [P in K]?: readonly string[] } {
  const all = [...new Set(packages.flatMap((found) => found[field] ?? []))];
  return single(field, all.length === 0 ? undefined : all);
}

function mergeRecords<K extends "hashes" | "facts">(
  packages: readonly FoundPackage[],
  field: K,
): { readonly [P in K]?: Readonly<Record<string, string>> } {
  const merged = new Map<string, string>();
  for (const found of packages) {
    const record: Readonly<Record<string, string>> = found[field] ?? {};
    for (const [key, value] of Object.entries(record)) if (!merged.has(key)) merged.set(key, value);
  }
  const sorted = [...merged].sort(([a], [b]) => compareText(a, b));
  return single(field, sorted.length === 0 ? undefined : Object.fromEntries(sorted));
}

/** For development only, or optional, when every mention says so. */
function scopeOf(packages: readonly FoundPackage[]): Pick<Package, "scope"> {
  if (packages.some(({ scope }) => scope === undefined)) return {};
  return { scope: packages.every(({ scope }) => scope === "dev") ? "dev" : "optional" };
}

const closest = ["root", "workspace", "direct", "indirect"] as const;

function relationshipOf(packages: readonly FoundPackage[]): Pick<Package, "relationship"> {
  return single(
    "relationship",
    closest.find((candidate) => packages.some((found) => found.relationship === candidate)),
  );
}

function numberIds(merged: readonly MergedPackage[]): readonly MergedPackage[] {
  const seen = new Map<string, number>();
  return merged.map(({ package: pkg, mentions }) => {
    const number = (seen.get(pkg.purl) ?? 0) + 1;
    seen.set(pkg.purl, number);
    return number === 1 ? { package: pkg, mentions } : { package: { ...pkg, id: `${pkg.purl}~${number}` }, mentions };
  });
}
