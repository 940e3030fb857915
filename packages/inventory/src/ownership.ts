import { compareText } from "@plimsoll/model";
import type { DirectoryLink, MergedView } from "./merged-view.ts";
import { hashPath } from "./path-hash.ts";
import type { Claim } from "./survivors.ts";

/** Who claims a file: key of a package of an ecosystem. */
export interface FileOwner {
  readonly ecosystem: string;
  readonly key: string;
}

/**
 * The claimants of each evidence file. Distributions list files under names from before directories were merged
 * (`bin/x` where `bin` → `usr/bin`), so every name that the image's own links near the root give a file counts.
 */
export function findOwners(
  evidence: Iterable<string>,
  claims: readonly Claim[],
  view: MergedView,
): ReadonlyMap<string, readonly FileOwner[]> {
  const wanted = new Map<number, string>();
  const links = view.directoryLinks();
  for (const path of evidence) for (const name of [path, ...otherNames(path, links)]) wanted.set(hashPath(name), path);
  const owners = new Map<string, Map<string, FileOwner>>();
  for (const { planned, owned } of claims) {
    if (planned.ecosystem?.class !== "os") continue;
    for (const hash of owned.hashes) {
      const path = wanted.get(hash);
      if (path === undefined) continue;
      const owner = { ecosystem: planned.ecosystem.id, key: owned.owner };
      const known = owners.get(path) ?? new Map<string, FileOwner>();
      owners.set(path, known.set(`${owner.ecosystem}\n${owner.key}`, owner));
    }
  }
  return new Map(
    [...owners].map(([path, known]) => [
      path,
      [...known].sort(([a], [b]) => compareText(a, b)).map(([, owner]) => owner),
    ]),
  );
}

function otherNames(path: string, links: readonly DirectoryLink[]): readonly string[] {
  return links
    .filter(({ target }) => path.startsWith(`${target}/`))
    .map(({ link, target }) => link + path.slice(target.length));
}
