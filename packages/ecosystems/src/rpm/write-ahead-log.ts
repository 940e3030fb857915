import type { TreeAnalyzer, Observation } from "@plimsoll/model";
import type { FormatError } from "@plimsoll/formats";
import { directories, inEach, readRows } from "./databases.ts";
import { describe, readHeaders, toPackage } from "./packages.ts";
import type { PackageHeader } from "./package-header.ts";

/** What the name of a log has behind that of its database. */
const suffix = "-wal";

/**
 * The packages of an SQLite database as its write-ahead log leaves them: an image whose build was cut short keeps the log, and rpm
 * reads both. Reports nothing where the log changes no package.
 */
export const writeAheadLog: TreeAnalyzer = {
  kind: "tree",
  id: "rpm/sqlite-wal",
  revision: 4,
  // Most images have no log, or an empty one: the database, of some ten megabytes, is not kept for that.
  matches: inEach(`rpmdb.sqlite${suffix}`),
  wants: ({ path, size }) => size > 0 || !path.endsWith(suffix),
  needsBeside: (path) => (path.endsWith(suffix) ? [path.slice(0, -suffix.length)] : []),
  async *analyze(files): AsyncGenerator<Observation> {
    for (const directory of directories) {
      const path = `${directory}/rpmdb.sqlite`;
      const database = files.get(path);
      const log = files.get(`${path}${suffix}`);
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
