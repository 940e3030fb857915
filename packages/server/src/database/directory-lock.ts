import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";

/** A lock on a directory, held by one process. */
export interface DirectoryLock {
  release(): void;
}

/** Thrown when another process has locked the directory. */
export class DirectoryInUse extends Error {
  override readonly name = "DirectoryInUse";
}

/**
 * Locks a directory for this process. PGlite does not notice a second process on its files, and both lose rows. The lock of a process that has
 * ended is taken over; a lock of another machine, on a shared volume, is respected.
 * @throws DirectoryInUse while another process has locked it.
 */
export function lockDirectory(directory: string): DirectoryLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "plimsoll.lock");
  const own = `${process.pid} ${hostname()} ${startOf(process.pid) ?? ""} ${randomUUID()}`;
  for (let attempt = 0; attempt < 100; attempt++) {
    if (take(path, own)) return { release: () => release(path, own) };
    const owner = read(path);
    if (owner === undefined) continue;
    if (owner === "" ? attempt < 50 : !isGone(owner)) {
      if (owner === "") continue;
      const [pid, host] = owner.split(" ");
      throw new DirectoryInUse(
        `${directory} is in use by process ${pid} on ${host}: the embedded database serves one process; several need --database postgres://… (if that process is no more, remove ${path})`,
      );
    }
    takeAway(path, owner);
  }
  throw new DirectoryInUse(`${directory} cannot be locked: other processes keep locking it`);
}

function take(path: string, own: string): boolean {
  try {
    const file = openSync(path, "wx", 0o600);
    writeSync(file, own);
    closeSync(file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function release(path: string, own: string): void {
  if (read(path) === own) rmSync(path, { force: true });
}

/** Moves a lock aside before it is removed: of two that find the same dead owner, one gets it. */
function takeAway(path: string, owner: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (read(aside) !== owner && read(path) === undefined) renameSync(aside, path);
  else rmSync(aside, { force: true });
}

function isGone(owner: string): boolean {
  const [pid, host, start] = owner.split(" ");
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
  // In a container that was started again, the number is often the same and the process another one.
  const now = startOf(Number(pid));
  return start !== "" && now !== undefined && now !== start;
}

/** When a process was started, where the system tells (Linux): field 22 of its `stat`. */
function startOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
