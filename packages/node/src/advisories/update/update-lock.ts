import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { ScanError } from "@plimsoll/model";
import type { CallOptions } from "@plimsoll/model";
import { isProcessGone } from "../process-gone.ts";

export interface LockOptions extends CallOptions {
  /** Milliseconds to wait for another update; default ten minutes. */
  readonly timeout?: number | undefined;
  /** Milliseconds without a heartbeat after which the holder of a lock is considered dead; default 30 seconds. */
  readonly silence?: number | undefined;
}

/** Milliseconds between signs of life. */
const beat = 2_000;

/**
 * Runs `work` while no other process updates the same store. Readers ignore the lock. The lock of a dead process is taken over: at once if it ran
 * on the same machine, otherwise (a shared volume, another container) after `silence`, measured by this machine's monotonic clock.
 * @throws ScanError `store-unreadable` when another update does not finish in time.
 */
export async function withUpdateLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const own = `${process.pid} ${hostname()} ${randomUUID()}`;
  await acquire(lock, own, path, options);
  const alive = setInterval(() => {
    const now = new Date();
    utimes(lock, now, now).catch(() => undefined);
  }, beat).unref();
  try {
    return await work();
  } finally {
    clearInterval(alive);
    // Whoever thought us gone has it now.
    if ((await readOwner(lock)) === own) await rm(lock, { force: true });
  }
}

async function acquire(lock: string, own: string, path: string, options: LockOptions): Promise<void> {
  const { timeout = 600_000, silence = 30_000, signal } = options;
  const until = performance.now() + timeout;
  let seen = "";
  let since = performance.now();
  while (!(await take(lock, own))) {
    const state = await stateOf(lock);
    if (state === undefined) continue;
    if (state.text !== seen) [seen, since] = [state.text, performance.now()];
    if (isGone(state.owner) || performance.now() - since > silence) await takeAway(lock, state.owner);
    else if (performance.now() > until) {
      const reason = `another update is still running; remove ${lock} if that is not so`;
      throw new ScanError({ kind: "store-unreadable", label: path, reason });
    } else await delay(100, undefined, { signal });
  }
}

async function take(lock: string, own: string): Promise<boolean> {
  try {
    const file = await open(lock, "wx");
    await file.write(own);
    await file.close();
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    return false;
  }
}

/** Owner and time of the last sign of life; undefined when there is no lock any more. */
async function stateOf(lock: string): Promise<{ readonly owner: string; readonly text: string } | undefined> {
  try {
    const owner = await readFile(lock, "utf8");
    const { mtimeMs } = await stat(lock);
    return { owner, text: `${owner} ${mtimeMs}` };
  } catch {
    return undefined;
  }
}

async function readOwner(lock: string): Promise<string | undefined> {
  return readFile(lock, "utf8").catch(() => undefined);
}

function isGone(owner: string): boolean {
  const [pid, host] = owner.split(" ");
  // An empty lock is one that is just being made, or whose maker was stopped right then: silence tells.
  return host === hostname() && isProcessGone(Number(pid));
}

/** Removes a lock if it is still that of this owner: another process may have taken it over in the same moment. */
async function takeAway(lock: string, owner: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  if ((await readOwner(aside)) !== owner) await link(aside, lock).catch(() => undefined);
  await rm(aside, { force: true });
}
