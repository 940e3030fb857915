import { stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { ScanError, checkOptions, callChecks, optionIs } from "@plimsoll/model";
import type { CallOptions } from "@plimsoll/model";
import { databaseKeyChecks, signaturePath } from "./database-keys.ts";
import type { DatabaseKeyOptions } from "./database-keys.ts";
import { openAdvisories } from "./open-advisories.ts";
import type { OpenedAdvisories } from "./open-advisories.ts";
import { changesPath, defaultStorePath } from "./store-path.ts";

/** Options of {@link watchAdvisories}. */
export interface WatchAdvisoriesOptions extends CallOptions, DatabaseKeyOptions {
  /** The database file. Absent: the default one below `cacheDir`. */
  readonly db?: string | undefined;
  /** Directory of the default database. Absent: the user's cache directory. */
  readonly cacheDir?: string | undefined;
  /** Milliseconds between two checks of the file. Absent: 10,000. */
  readonly interval?: number | undefined;
}

/**
 * Opens a database, and opens it again whenever its file is replaced by one of another revision: by `updateAdvisories` of
 * this process or another, by an import, or by a copy. For a database that cannot be opened, or that none of the given keys signed, an error is
 * yielded, once, and it is tried again when the file changes. Each store is closed when the next one is requested or the loop is left. Never ends
 * by itself. It polls the file, because file system notifications do not work across mounts.
 * @throws the signal's reason when aborted.
 */
export async function* watchAdvisories(
  options: WatchAdvisoriesOptions = {},
): AsyncGenerator<OpenedAdvisories | ScanError, void, undefined> {
  checkOptions("watchAdvisories", options, {
    ...callChecks,
    ...databaseKeyChecks,
    db: optionIs.text,
    cacheDir: optionIs.text,
    interval: optionIs.count,
  });
  const path = options.db ?? defaultStorePath(options.cacheDir);
  let seen: string | undefined;
  let revision: string | undefined;
  for (;;) {
    options.signal?.throwIfAborted();
    // An update may leave the store as it is and put an increment over it.
    const files = [path, changesPath(path), ...(options.keys === undefined ? [] : [signaturePath(path)])];
    const state = (await Promise.all(files.map(stateOf))).join(" ");
    if (state !== seen) {
      seen = state;
      const opened = await open(path, options);
      if (opened instanceof ScanError) yield opened;
      else
        try {
          if (opened.revision !== revision) yield opened;
          revision = opened.revision;
        } finally {
          await opened.close?.();
        }
    }
    await pause(options.interval ?? 10_000, undefined, { signal: options.signal }).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      throw error;
    });
  }
}

/** What is different after the file was replaced or written to. */
async function stateOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return `${ino}/${size}/${mtimeMs}/${ctimeMs}`;
  } catch {
    return "missing";
  }
}

async function open(
  path: string,
  { cacheDir, keys, signal }: WatchAdvisoriesOptions,
): Promise<OpenedAdvisories | ScanError> {
  try {
    return await openAdvisories(path, { cacheDir, keys, signal });
  } catch (error) {
    if (error instanceof ScanError) return error;
    throw error;
  }
}
