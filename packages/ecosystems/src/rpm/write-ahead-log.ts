import type { TreeAnalyzer, Observation } from "@plimsoll/model";
import type { FormatError } from "@plimsoll/formats";
import { directories, inEach, readRows } from "./databases.ts";
import { describe, readHeaders, toPackage } from "./packages.ts";
import type { PackageHeader } from "./package-header.ts";

/**
 * The packages of an SQLite database as its write-ahead log leaves them: an image whose build was cut short keeps the log, and rpm
 * reads both. Reports nothing where the log changes no package.
 */
export const writeAheadLog: TreeAnalyzer = {
  kind: "tree",
  id: "rpm/sqlite-wal",
  revision: 3,
  matches: [...inEach("rpmdb.sqlite"), ...inEach("rpmdb.sqlite-wal")],
  async *analyze(files): AsyncGenerator<Observation> {
    for (const directory of directories) {
      const path = `${directory}/rpmdb.sqlite`;
      const database = files.get(path);
      const log = files.get(`${path}-wal`);
      if (database === undefined || log === undefined || log.size === 0) continue;
      const bytes = await database.bytes();
      const wal = await log.bytes();
      // What is damaged, the analyzer of the database alone reports.
      const problems: FormatError[] = [];
      const plain = readHeaders(bytes, (file, onProblem) => readRows(file, undefined, onProblem), problems);
      const logged = readHeaders(bytes, (file, onProblem) => readRows(file, wal, onProblem), problems);
      if (keysOf(plain) !== keysOf(logged)) yield* describe(logged, path);
    }
  },
};

function keysOf(headers: readonly PackageHeader[]): string {
  return headers
    .map((header) => toPackage(header).key ?? "")
    .sort()
    .join("\n");
}
