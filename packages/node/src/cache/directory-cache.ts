import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compareText, checkOptions, optionIs } from "@plimsoll/model";
import type { Cache } from "@plimsoll/model";
import { withoutWaiting } from "../image/file-bytes.ts";
import { distrustOf } from "./trusted-owner.ts";

export interface DirectoryCacheOptions {
  /** Bytes of all entries together; beyond it the least recently used are removed. Absent: 1 GiB. */
  readonly maxBytes?: number | undefined;
}

const defaultMaxBytes = 1024 * 1024 * 1024;

/** Evicting goes this far below the limit, so that it does not happen at every write. */
const roomAfterEviction = 0.8;

/** How often reading an entry renews its time of use. */
const renewalMilliseconds = 60 * 60 * 1000;

/** What a writer left behind is removed after this time: it must have died. */
const abandonedMilliseconds = 24 * 60 * 60 * 1000;

/** Bytes in front of the value: the digest of key and value. */
const digestBytes = 32;

/**
 * A cache in a directory, for any number of processes: entries are written to temporary files and renamed, and have a digest of key and content. A
 * damaged entry is removed and treated as absent; so are links and entries of other users, which are not removed. File system errors are never
 * thrown.
 */
export function directoryCache(directory: string, options: DirectoryCacheOptions = {}): Cache {
  checkOptions("directoryCache", options, { maxBytes: optionIs.count });
  return new DirectoryCache(directory, options.maxBytes ?? defaultMaxBytes);
}

/** The bytes of an entry's file, and when it was last used, in milliseconds since 1970. */
interface StoredEntry {
  readonly bytes: Uint8Array;
  readonly usedAt: number;
}

class DirectoryCache implements Cache {
  private readonly directory: string;
  private readonly maxBytes: number;
  /** Bytes in the directory as far as this process knows; unknown until the first write. */
  private estimate: Promise<number> | undefined;
  private evicting: Promise<void> = Promise.resolve();

  constructor(directory: string, maxBytes: number) {
    this.directory = directory;
    this.maxBytes = maxBytes;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const path = this.pathOf(key);
    try {
      const stored = await this.read(path);
      if (stored === undefined) return undefined;
      const { bytes, usedAt } = stored;
      const value = bytes.subarray(digestBytes);
      if (bytes.length < digestBytes || !sealOf(key, value).equals(bytes.subarray(0, digestBytes))) {
        await unlink(path);
        return undefined;
      }
      await renew(path, usedAt);
      return value;
    } catch {
      // Absent, unreadable, or gone in between: all the same to the caller.
      return undefined;
    }
  }

  async set(key: string, value: Uint8Array): Promise<void> {
    if (value.length + digestBytes > this.maxBytes) return;
    const path = this.pathOf(key);
    const aside = join(this.directory, `${randomUUID()}.tmp`);
    try {
      await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
      await writeFile(aside, Buffer.concat([sealOf(key, value), value]), { mode: 0o600, flag: "wx" });
      await rename(aside, path);
      await this.account(value.length + digestBytes);
    } catch {
      await rm(aside, { force: true }).catch(() => undefined);
    }
  }

  /** The bytes of an entry; nothing of what somebody else has put in its place, be it a link, a pipe or a file without an end. */
  private async read(path: string): Promise<StoredEntry | undefined> {
    const file = await open(path, withoutWaiting | (constants.O_NOFOLLOW ?? 0));
    try {
      const stats = await file.stat();
      if (!stats.isFile() || stats.size > this.maxBytes) return undefined;
      if (distrustOf(stats, this.directory) !== undefined) return undefined;
      // A warm scan is mostly this: one request for the bytes, where `readFile` makes three.
      const bytes = new Uint8Array(stats.size);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return { bytes: bytes.subarray(0, filled), usedAt: stats.mtimeMs };
    } finally {
      await file.close();
    }
  }

  private pathOf(key: string): string {
    const name = createHash("sha256").update(key).digest("hex");
    return join(this.directory, name.slice(0, 2), name.slice(2));
  }

  private async account(bytes: number): Promise<void> {
    // The first count includes the entry just written.
    this.estimate = this.estimate === undefined ? this.count() : this.estimate.then((known) => known + bytes);
    if ((await this.estimate) <= this.maxBytes) return;
    this.evicting = this.evicting.then(() => this.evict());
    await this.evicting;
  }

  private async count(): Promise<number> {
    return (await listEntries(this.directory)).reduce((sum, entry) => sum + entry.size, 0);
  }

  /** Looks at the directory anew, because other processes write to it too. */
  private async evict(): Promise<void> {
    const entries = (await listEntries(this.directory)).sort(
      (a, b) => a.usedAt - b.usedAt || compareText(a.path, b.path),
    );
    let total = entries.reduce((sum, entry) => sum + entry.size, 0);
    if (total > this.maxBytes) {
      for (const entry of entries) {
        if (total <= this.maxBytes * roomAfterEviction) break;
        await rm(entry.path, { force: true }).catch(() => undefined);
        total -= entry.size;
      }
    }
    this.estimate = Promise.resolve(total);
  }
}

function sealOf(key: string, value: Uint8Array): Buffer {
  // The key's length keeps key and value apart.
  return createHash("sha256").update(`${key.length}:${key}`).update(value).digest();
}

/** Marks an entry as used now, at most once in a while: reading should not cost a write. */
async function renew(path: string, usedAt: number): Promise<void> {
  const now = Date.now();
  if (now - usedAt > renewalMilliseconds) await utimes(path, now / 1000, now / 1000);
}

interface CacheEntry {
  readonly path: string;
  readonly size: number;
  readonly usedAt: number;
}

async function listEntries(directory: string): Promise<CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for (const shard of await readdir(directory).catch(() => [])) {
    if (shard.endsWith(".tmp")) await removeAbandoned(join(directory, shard));
    if (!/^[0-9a-f]{2}$/.test(shard)) continue;
    for (const name of await readdir(join(directory, shard)).catch(() => [])) {
      const path = join(directory, shard, name);
      const stats = await stat(path).catch(() => undefined);
      if (stats?.isFile()) entries.push({ path, size: stats.size, usedAt: stats.mtimeMs });
    }
  }
  return entries;
}

async function removeAbandoned(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats !== undefined && Date.now() - stats.mtimeMs > abandonedMilliseconds)
    await rm(path, { force: true }).catch(() => undefined);
}
