import { open, readFile, rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { ScanError } from "@plimsoll/model";
import type { CallOptions } from "@plimsoll/model";

export interface LockOptions extends CallOptions {
  /** Milliseconds to wait for another update; default ten minutes. */
  readonly timeout?: number | undefined;
}

/**
 * Runs `work` while no other process updates the same store. Readers never look at the lock. One left by a process
 * that is gone is taken over.
 * @throws ScanError `store-unreadable` when another update does not end in time.
 */
export async function withUpdateLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const until = performance.now() + (options.timeout ?? 600_000);
  while (!(await take(lock))) {
    if (performance.now() > until) {
      throw new ScanError({
        kind: "store-unreadable",
        label: path,
        reason: `another update is still running; remove ${lock} if that is not so`,
      });
    }
    await delay(100, undefined, { signal: options.signal });
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, "wx");
    await file.write(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    if (await isAbandoned(lock)) await rm(lock, { force: true });
    return false;
  }
}

async function isAbandoned(lock: string): Promise<boolean> {
  try {
    const owner = Number(await readFile(lock, "utf8"));
    // An empty lock is one that is just being made.
    if (!Number.isSafeInteger(owner) || owner <= 0) return false;
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
