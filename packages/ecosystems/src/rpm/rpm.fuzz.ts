import { fuzzAnalyzers, oddHashDatabase, oddNdb, oddRpmHeader, oddTables, wholeBelow } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
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

/** Each of the three forms of a package database, of which two hold odd headers. */
export function make(random: Random): Uint8Array {
  const headers = Array.from({ length: wholeBelow(random, 12) }, () => oddRpmHeader(random));
  const form = wholeBelow(random, 3);
  if (form === 0) return oddHashDatabase(random);
  if (form === 1) return oddNdb(random, headers);
  const sql = "CREATE TABLE Packages(hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)";
  return oddTables(random, [{ name: "Packages", sql, rows: headers.map((header) => [null, header]) }]);
}

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(rpm.analyzers, input, paths);
}
