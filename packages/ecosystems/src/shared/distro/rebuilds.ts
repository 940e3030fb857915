import type { AffectedPackage, Distro, FileAnalyzer } from "@plimsoll/model";

/** Name of the distribution's fact that says that RapidFort has rebuilt the image. {@link curatedImage} sets it. */
const curatedFact = "rapidfort";

/** Finds the mark that RapidFort leaves in images it has rebuilt. Its advisories speak of all packages of such an image, whoever built them. */
export const curatedImage: FileAnalyzer = {
  kind: "file",
  id: "distro/rapidfort",
  revision: 1,
  matches: [{ path: "usr/share/rapidfort/curated.json" }],
  *analyze() {
    yield { kind: "distro", distro: { facts: { [curatedFact]: "curated" } }, rank: 110 };
  },
};

/** Whether RapidFort's advisories cover the packages of an image. */
export function isCurated(distro: Distro): boolean {
  return distro.facts?.[curatedFact] === "curated";
}

/** Whether one of a package's names is that of a package by Seal Security: `seal-` before the name of the package that it replaces. */
export function isSealed(names: readonly string[]): boolean {
  return names.some((name) => /^seal-/i.test(name));
}

/** Namespaces of vendors whose entries about a package supersede those of its distribution. */
export const rebuilderNamespace: RegExp = /^(?:RapidFort|Root):/;

/**
 * Of all entries about one vulnerability, those of the highest rank. A vulnerability is the CVE in the id of its advisory
 * (`DEBIAN-CVE-2024-1`, `ROOT-OS-DEBIAN-12-CVE-2024-1`), else the whole id.
 */
export function highestRanked(
  entries: readonly AffectedPackage[],
  rankOf: (entry: AffectedPackage) => number,
): readonly AffectedPackage[] {
  const [first] = entries;
  if (first === undefined) return entries;
  // Most packages have entries of one rank only.
  const usual = rankOf(first);
  if (entries.every((entry) => rankOf(entry) === usual)) return entries;
  const highest = new Map<string, number>();
  const ranked = entries.map((entry) => ({ entry, id: vulnerabilityOf(entry), rank: rankOf(entry) }));
  for (const { id, rank } of ranked) highest.set(id, Math.max(highest.get(id) ?? 0, rank));
  return ranked.filter(({ id, rank }) => rank === highest.get(id)).map(({ entry }) => entry);
}

function vulnerabilityOf({ advisory }: AffectedPackage): string {
  return /CVE-\d{4}-\d+/.exec(advisory)?.[0] ?? advisory;
}
