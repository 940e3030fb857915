import { openSqlite, readBlobs, readHashValues } from "@plimsoll/formats";
import type { ByteRanges } from "@plimsoll/formats";
import type { FileAnalyzer, FileMatcher } from "@plimsoll/model";
import { observePackages } from "./packages.ts";
import type { ReadBlobs } from "./packages.ts";

/** Where rpm keeps its database: classic, SUSE and Fedora since 36, image-based systems. */
export const directories: readonly string[] = ["var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"];

/** A file of this name in each of the places. */
export function inEach(name: string): readonly FileMatcher[] {
  return directories.map((directory) => ({ path: `${directory}/${name}` }));
}

/** Forms of the database from oldest to newest: an upgrade may leave the old one behind. */
const forms = ["Packages", "Packages.db", "rpmdb.sqlite"] as const;

function databaseAnalyzer(
  id: string,
  name: (typeof forms)[number],
  analyze: FileAnalyzer["analyze"],
  corrector?: string,
): FileAnalyzer {
  const newer = forms.slice(forms.indexOf(name) + 1);
  return {
    kind: "file",
    id,
    revision: 3,
    matches: inEach(name),
    yieldsTo: {
      files: directories.flatMap((directory) => newer.map((form) => `${directory}/${form}`)),
      ...(corrector === undefined ? {} : { analyzer: corrector }),
    },
    analyze,
  };
}

/** One analyzer per kind of store that rpm has had. */
export const databases: readonly FileAnalyzer[] = [
  databaseAnalyzer("rpm/berkeley-db", "Packages", byParts(readPackageValues)),
  databaseAnalyzer("rpm/ndb", "Packages.db", byParts(readBlobs)),
  databaseAnalyzer(
    "rpm/sqlite",
    "rpmdb.sqlite",
    byParts((file, onProblem) => readRows(file, undefined, onProblem)),
    "rpm/sqlite-wal",
  ),
];

/** Databases up to this size are read from memory, which is faster than part by part. */
const smallBytes = 16 * 1024 * 1024;

type Content = Uint8Array | ByteRanges;

function byParts(blobsOf: ReadBlobs<Content>): FileAnalyzer["analyze"] {
  return async function* (file) {
    const content: Content = file.size <= smallBytes ? await file.bytes() : await file.ranges();
    yield* observePackages(file, content, blobsOf);
  };
}

/** The shortest header: two words and one tag. The database also holds a counter, which is shorter. */
const shortestHeader = 24;

function* readPackageValues(...[file, onProblem]: Parameters<ReadBlobs<Content>>): Generator<Uint8Array> {
  for (const value of readHashValues(file, onProblem)) if (value.length >= shortestHeader) yield value;
}

/** The header blobs of an SQLite store: `Packages(hnum INTEGER PRIMARY KEY, blob BLOB)`. */
export function* readRows(
  file: Content,
  wal: Uint8Array | undefined,
  onProblem: Parameters<ReadBlobs>[1],
): Generator<Uint8Array> {
  for (const { values } of openSqlite(file, { wal }).rows("Packages", onProblem)) {
    const [, blob] = values;
    if (blob instanceof Uint8Array) yield blob;
  }
}
