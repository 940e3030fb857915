import { createHash, randomUUID } from "node:crypto";
import { lstat, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallOptions } from "@plimsoll/model";
import { defaultCacheDirectory } from "../cache/default-cache-directory.ts";
import { distrustOf } from "../cache/trusted-owner.ts";
import { isProcessGone } from "./process-gone.ts";

/** A folder with a database that is ready to be opened. */
export interface KeptDatabase {
  readonly folder: string;
  /** Must be called after the files in the folder are open, or could not be opened. */
  release(): Promise<void>;
}

export interface KeepOptions extends CallOptions {
  /** Absent: the user's cache directory. */
  readonly cacheDir?: string | undefined;
}

/**
 * Returns the folder that `make` filled for this version of a database, from the cache if it exists there. One version of each origin is kept. A
 * temporary folder is used where the cache cannot be written.
 * @param origin the path or reference of the database.
 * @param version identifies the version: a digest, or size and time of a file.
 * @throws what `make` throws; nothing is kept then.
 */
export async function keepDatabase(
  origin: string,
  version: string,
  options: KeepOptions,
  make: (folder: string) => Promise<void>,
): Promise<KeptDatabase> {
  const home = databasesFolder(options.cacheDir);
  const folder = join(home, `${nameOf(origin)}-${nameOf(version)}`);
  const release = async (): Promise<void> => undefined;
  const isThere = (await namesIn(folder)).length > 0;
  const isForeign =
    isThere && distrustOf(await lstat(folder), options.cacheDir ?? defaultCacheDirectory()) !== undefined;
  if (isThere && !isForeign) return { folder, release };
  const temporary = await makeTemporary(isForeign ? undefined : home);
  try {
    await make(temporary.folder);
    if (temporary.isInCache) {
      await rename(temporary.folder, folder).catch(async (error: unknown) => {
        // Another process was faster, with the same content.
        if ((await namesIn(folder)).length === 0) throw error;
        await rm(temporary.folder, { recursive: true, force: true });
      });
      await dropOthers(home, origin, folder);
      return { folder, release };
    }
    return { folder: temporary.folder, release: () => rm(temporary.folder, { recursive: true, force: true }) };
  } catch (error) {
    await rm(temporary.folder, { recursive: true, force: true });
    throw error;
  }
}

/** The folder with the cached version of an origin, whichever version that is, for use when nothing newer is available. */
export async function findKeptDatabase(origin: string, options: KeepOptions): Promise<string | undefined> {
  const home = databasesFolder(options.cacheDir);
  for (const name of await namesIn(home)) {
    const folder = join(home, name);
    if (!name.startsWith(`${nameOf(origin)}-`)) continue;
    if (distrustOf(await lstat(folder), options.cacheDir ?? defaultCacheDirectory()) === undefined) return folder;
  }
  return undefined;
}

function databasesFolder(cacheDir: string = defaultCacheDirectory()): string {
  return join(cacheDir, "databases");
}

/** @param home absent: what lies in the cache is somebody else's, and is left alone. */
async function makeTemporary(
  home: string | undefined,
): Promise<{ readonly folder: string; readonly isInCache: boolean }> {
  try {
    if (home === undefined) throw new Error("not in the cache");
    await mkdir(home, { recursive: true, mode: 0o700 });
    const folder = join(home, `${temporaryPrefix}${process.pid}-${randomUUID()}`);
    await mkdir(folder, { mode: 0o700 });
    return { folder, isInCache: true };
  } catch {
    return { folder: await mkdtemp(join(tmpdir(), "plimsoll-database-")), isInCache: false };
  }
}

const temporaryPrefix = "making-";

/** Older versions of the same origin, and what processes that are gone left half made. */
async function dropOthers(home: string, origin: string, kept: string): Promise<void> {
  for (const name of await namesIn(home)) {
    const folder = join(home, name);
    const isOlder = name.startsWith(`${nameOf(origin)}-`) && folder !== kept;
    const maker = name.startsWith(temporaryPrefix) ? Number.parseInt(name.slice(temporaryPrefix.length), 10) : 0;
    // Readers that have them open keep them, where the system lets files be removed under readers.
    if (isOlder || (maker > 0 && isProcessGone(maker)))
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

function nameOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    return [];
  }
}
