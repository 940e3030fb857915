import { fuzzAnalyzers } from "@plimsoll/testkit";
import { rpm } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "var/lib/rpm/Packages",
  "var/lib/rpm/Packages.db",
  "var/lib/rpm/rpmdb.sqlite",
  "var/lib/rpmmanifest/container-manifest-2",
  "repo/a.rpm",
  "root/buildinfo/content_manifests/a.json",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(rpm.analyzers, input, paths);
}
