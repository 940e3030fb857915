import { FormatError, openSqlite } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage, Observation, TreeAnalyzer } from "@plimsoll/model";
import { malformedFile } from "./malformed-file.ts";

/**
 * A package store of the kind that Nix invented: directories `<store>/<hash>-<name>-<version>[-<output>]`, and a database that lists the
 * valid ones.
 */
export interface PackageStore {
  /** First part of the ids of its analyzers, such as `nix`. */
  readonly id: string;
  /** Path of the store without leading slash, such as `nix/store`. */
  readonly store: string;
  /** Path of the SQLite database whose table `ValidPaths` lists the valid directories. */
  readonly register: string;
}

/** The package of a path in a store. */
export interface StoreEntry {
  readonly package: FoundPackage;
  /** Path of the package's directory, or of the one file that it is. */
  readonly directory: string;
}

/** Names of further outputs of a package, which follow its version. */
const outputs: ReadonlySet<string> = new Set(
  "bin data debug dev devdoc dist doc fonts hwdb include info lib libgcc man modules out py share static tools".split(
    " ",
  ),
);

/** Endings of derivations and of what is fetched to build something: they are no packages. */
const ofBuilds =
  /\.(?:drv|lock|chroot|check|patch|diff|tar|tgz|tbz2?|txz|zip|gz|xz|bz2|zst|lz|lzma|sig|asc|builder|scm)$/;

/** Takes apart a path in a store. The version begins behind the first hyphen that a digit follows; undefined for a path without a version. */
export function parseStorePath({ store }: Pick<PackageStore, "store">, path: string): StoreEntry | undefined {
  if (!path.startsWith(`${store}/`)) return undefined;
  const end = path.indexOf("/", store.length + 1);
  const directory = end === -1 ? path : path.slice(0, end);
  const [, hash, entry] = /^([0-9a-df-np-z]{32})-(.+)$/.exec(directory.slice(store.length + 1)) ?? [];
  if (hash === undefined || entry === undefined || ofBuilds.test(entry)) return undefined;
  const start = entry.search(/-\d/);
  if (start <= 0) return undefined;
  const parts = entry.slice(start + 1).split("-");
  const last = parts.at(-1) ?? "";
  const output = parts.length > 1 && outputs.has(last) ? last : undefined;
  return {
    directory,
    package: {
      name: entry.slice(0, start),
      version: (output === undefined ? parts : parts.slice(0, -1)).join("-"),
      key: `${hash}-${entry}`,
      facts: { outputhash: hash, ...(output === undefined ? {} : { output }) },
    },
  };
}

/**
 * An analyzer that reads packages from the store's database and its write-ahead log. Images that were made with the package manager inside
 * have one.
 */
export function storeRegister(store: PackageStore, revision: number): TreeAnalyzer {
  return {
    kind: "tree",
    id: `${store.id}/register`,
    revision,
    matches: [{ path: store.register }, { path: `${store.register}-wal` }],
    async *analyze(files): AsyncGenerator<Observation> {
      const file = files.get(store.register);
      if (file === undefined) return;
      const log = files.get(`${store.register}-wal`);
      const problems: FormatError[] = [];
      try {
        const wal = log === undefined || log.size === 0 ? undefined : await log.bytes();
        const database = openSqlite(await file.bytes(), { wal });
        // ValidPaths(id, path, hash, …)
        for (const { values } of database.rows("ValidPaths", (problem) => problems.push(problem))) {
          const [, path] = values;
          const found = typeof path === "string" ? parseStorePath(store, path.slice(1)) : undefined;
          if (found !== undefined) yield { kind: "package", package: found.package, at: found.directory };
        }
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        problems.push(error);
      }
      for (const problem of problems) yield malformedFile(file, problem.message);
    },
  };
}

/** An analyzer that reads packages from the names of the store's directories, for images that were built from outside and have no database. */
export function storePaths(store: PackageStore, revision: number): FileAnalyzer {
  return {
    kind: "file",
    id: `${store.id}/store-paths`,
    revision,
    matches: [{ below: store.store }],
    *analyze(file): Generator<Observation> {
      const found = parseStorePath(store, file.path);
      if (found !== undefined) yield { kind: "package", package: found.package, at: found.directory };
    },
  };
}
