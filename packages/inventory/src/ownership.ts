import { compareText } from "@plimsoll/model";
import type { DirectoryLink, MergedView } from "./merged-view.ts";
import type { PathHasher } from "./path-hash.ts";
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
  const files = [...evidence];
  const links = linksByTarget(view.directoryLinks());
  // A cache may hold what other processes hashed.
  const wantedBy = new Map<PathHasher, ReadonlyMap<number, string>>();
  const owners = new Map<string, Map<string, FileOwner>>();
  for (const { planned, owned } of claims) {
    if (planned.ecosystem?.class !== "os") continue;
    const wanted = wantedBy.get(owned.hasher) ?? hashedNames(files, links, owned.hasher);
    wantedBy.set(owned.hasher, wanted);
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

/** The file behind each name that one has, by the hash of the name. */
function hashedNames(
  files: readonly string[],
  links: ReadonlyMap<string, readonly string[]>,
  hasher: PathHasher,
): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const path of files) for (const name of [path, ...otherNames(path, links)]) names.set(hasher.hash(name), path);
  return names;
}

/** How many links to one directory give its files further names, and how deep such a directory lies: distributions merge a handful near the root. */
const maxLinks = 32;
const maxDepth = 8;

function linksByTarget(links: readonly DirectoryLink[]): ReadonlyMap<string, readonly string[]> {
  const byTarget = new Map<string, string[]>();
  for (const { link, target } of links) {
    const known = byTarget.get(target) ?? [];
    if (known.length < maxLinks) known.push(link);
    byTarget.set(target, known);
  }
  return byTarget;
}

function* otherNames(path: string, links: ReadonlyMap<string, readonly string[]>): Generator<string> {
  if (links.size === 0) return;
  let end = path.indexOf("/");
  for (let depth = 0; end !== -1 && depth < maxDepth; depth++, end = path.indexOf("/", end + 1))
    for (const link of links.get(path.slice(0, end)) ?? []) yield link + path.slice(end);
}
