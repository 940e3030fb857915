import type { ImageAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/malformed-file.ts";
import { directories, inEach, readRows } from "./databases.ts";
import { readHeaders, toPackage } from "./packages.ts";

/**
 * Packages that only the write-ahead log of an SQLite database has: an image whose build was cut short. The database
 * alone cannot show them, and what the log removed stays listed, which is said.
 */
export const writeAheadLog: ImageAnalyzer = {
  kind: "image",
  id: "rpm/sqlite-wal",
  revision: 1,
  matches: [...inEach("rpmdb.sqlite"), ...inEach("rpmdb.sqlite-wal")],
  async *analyze(files): AsyncGenerator<Observation> {
    for (const directory of directories) {
      const path = `${directory}/rpmdb.sqlite`;
      const database = files.get(path);
      const log = files.get(`${path}-wal`);
      if (database === undefined || log === undefined || log.size === 0) continue;
      const bytes = await database.bytes();
      const wal = await log.bytes();
      const plain = readHeaders(bytes, (file, onProblem) => readRows(file, undefined, onProblem), []);
      const logged = readHeaders(bytes, (file, onProblem) => readRows(file, wal, onProblem), []);
      const known = new Set(plain.map((header) => toPackage(header).key));
      const current = logged.map((header) => toPackage(header));
      for (const pkg of current) if (!known.has(pkg.key)) yield { kind: "package", package: pkg, at: path };
      const keys = new Set(current.map(({ key }) => key));
      const gone = [...known].filter((key) => !keys.has(key));
      if (gone.length > 0)
        yield malformedFile(
          log,
          `the log of an unfinished transaction removes packages that are listed: ${gone.join(", ")}`,
        );
    }
  },
};
