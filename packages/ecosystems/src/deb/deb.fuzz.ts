import { fuzzAnalyzers } from "@plimsoll/testkit";
import { deb } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "var/lib/dpkg/status",
  "var/lib/dpkg/info/a.list",
  "var/lib/dpkg/status.d/a.md5sums",
  "var/lib/chisel/manifest.wall",
  "usr/share/snappy/dpkg.yaml",
  "snap/any/1/snap/manifest.yaml",
  "usr/share/doc/a/copyright",
  "repo/a.deb",
  "var/lib/ubuntu-advantage/status.json",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(deb.analyzers, input, paths);
}
