import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { pubspec, pubspecLock } from "./pubspec-lock.ts";
import { pubSdkRequested } from "./requested.ts";
import { pubVersions } from "./versions.ts";

/** Dart and Flutter packages. */
export const pub: Ecosystem = defineEcosystem({
  id: "pub",
  analyzers: [pubspec, pubspecLock, pubSdkRequested],
  foreignDirectories: [{ name: ".pub-cache/hosted" }, { name: ".pub-cache/git" }],
  versions: pubVersions,
  purl: ({ name, version, facts }) =>
    formatPurl({ type: "pub", name, version, qualifiers: { repository_url: facts?.["url"] } }),
  advisoryKeys: ({ name, version }) => [{ namespace: "Pub", name, version }],
});
