import { defaultLimits } from "@plimsoll/model";
import { listEcosystem } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { MergedView } from "./merged-view.ts";
import { findOwners } from "./ownership.ts";
import { PathHasher, ownHasher } from "./path-hash.ts";
import { PathIndex, present } from "./path-index.ts";
import { planAnalyzers } from "./plan.ts";
import type { PlannedAnalyzer } from "./plan.ts";
import type { Claim } from "./survivors.ts";

function analyzerOf(...ecosystems: Parameters<typeof planAnalyzers>[0]): PlannedAnalyzer {
  const [planned] = planAnalyzers(ecosystems, ["installed"], defaultLimits);
  return planned as PlannedAnalyzer; // as: a list ecosystem has an analyzer
}

const dpkg = analyzerOf(listEcosystem({ id: "dpkg", class: "os" }));
const apk = analyzerOf(listEcosystem({ id: "apk", class: "os" }));
const npm = analyzerOf(listEcosystem({ id: "npm", class: "library" }));
const os = listEcosystem({ id: "one", class: "os" });
const shared = analyzerOf(os, { ...os, id: "other" });

const hasher = ownHasher();

function claim(planned: PlannedAnalyzer, owner: string, ...paths: readonly string[]): Claim {
  return {
    planned,
    path: "db",
    owned: { owner, hasher, hashes: Float64Array.from(paths, (path) => hasher.hash(path)) },
  };
}

/** The image: `lib` is a link to `usr/lib`. */
function mergedDirectories(): MergedView {
  const index = new PathIndex();
  index.add("usr/lib/x", present.file);
  index.add("usr/libexec/x", present.file);
  index.add("lib", present.symlink, "usr/lib");
  return new MergedView([index]);
}

test.each<[string, readonly Claim[], Readonly<Record<string, readonly string[]>>]>([
  ["nobody, when nobody claims it", [claim(dpkg, "sed", "usr/bin/sed")], {}],
  [
    "the package of the distribution that claims it",
    [claim(dpkg, "libx", "usr/lib/x")],
    { "usr/lib/x": ["dpkg libx"] },
  ],
  [
    "also by a name from before directories were merged",
    [claim(dpkg, "libx", "lib/x")],
    { "usr/lib/x": ["dpkg libx"] },
  ],
  ["not by the like of such a name", [claim(dpkg, "libx", "libexec/x")], {}],
  [
    "each that claims it, once and in order",
    [
      claim(dpkg, "zlib", "usr/lib/x", "lib/x"),
      claim(dpkg, "libx", "usr/lib/x", "usr/libexec/x"),
      claim(apk, "zlib", "usr/lib/x"),
      claim(dpkg, "zlib", "usr/lib/x"),
    ],
    { "usr/lib/x": ["apk zlib", "dpkg libx", "dpkg zlib"], "usr/libexec/x": ["dpkg libx"] },
  ],
  ["no package of a language", [claim(npm, "left-pad", "usr/lib/x")], {}],
  ["nobody, where several ecosystems share who says it", [claim(shared, "libx", "usr/lib/x")], {}],
])("a file belongs to %s", (_, claims, expected) => {
  const owners = findOwners(["usr/lib/x", "usr/libexec/x"], claims, mergedDirectories());

  const named = [...owners].map(([path, owned]) => [path, owned.map(({ ecosystem, key }) => `${ecosystem} ${key}`)]);
  expect(Object.fromEntries(named)).toEqual(expected);
  expect(owners.size).toBe(Object.keys(expected).length);
});

test("paths that another process hashed are known by its key", () => {
  const other = new PathHasher([1, 2]);
  const owned = { owner: "x", hasher: other, hashes: Float64Array.of(other.hash("usr/lib/x")) };

  const owners = findOwners(["usr/lib/x"], [{ planned: dpkg, path: "db", owned }], mergedDirectories());

  expect(owners.get("usr/lib/x")).toEqual([{ ecosystem: "dpkg", key: "x" }]);
});
