import { execFile } from "node:child_process";
import { open, readFile, readdir, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";
import type { FileFacts, NodeFacts, NodeProcess } from "@plimsoll/cis";
import { errorCode } from "../system-errors.ts";

/** The most bytes of a file that is read. The content of a larger one counts as not known. */
const fileLimit = 4 << 20;
/** Processes beyond these are not looked at; machines have thousands. */
const maxProcesses = 50_000;

/**
 * Facts about this machine: `/proc`, files, and the journal through `journalctl`, the only program that is started (without a shell). Facts without
 * read permission are unknown.
 */
export function hostFacts(): NodeFacts {
  let accounts: Promise<{ users: ReadonlyMap<number, string>; groups: ReadonlyMap<number, string> }> | undefined;
  let processes: Promise<readonly NodeProcess[] | undefined> | undefined;
  const names = async (): Promise<{ users: ReadonlyMap<number, string>; groups: ReadonlyMap<number, string> }> => {
    // Benchmarks and what judges by them are much to load for programs that scan images.
    const { accountNames } = await import("@plimsoll/cis");
    return { users: accountNames(await textOf("/etc/passwd")), groups: accountNames(await textOf("/etc/group")) };
  };
  const known = (): NonNullable<typeof accounts> => (accounts ??= names());
  return {
    origin: "host",
    hostname: hostname(),
    processes: () => (processes ??= known().then(({ users }) => runningProcesses(users))),
    stat: async (path) => {
      const found = await stat(path).catch(absent);
      if (found === null || found === undefined) return found;
      const { users, groups } = await known();
      const user = users.get(found.uid);
      const group = groups.get(found.gid);
      const type = found.isFile() ? "file" : found.isDirectory() ? "directory" : "other";
      return {
        type,
        mode: found.mode & 0o7777,
        uid: found.uid,
        gid: found.gid,
        size: found.size,
        ...(user === undefined ? {} : { user }),
        ...(group === undefined ? {} : { group }),
      } satisfies FileFacts;
    },
    readFile: textOf,
    list: (path) => readdir(path).catch(absent),
    journal,
  };
}

/** What an error means: null when there is no such file, undefined when it cannot be known. */
function absent(error: unknown): null | undefined {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR" ? null : undefined;
}

/** Pipes, devices and folders have no content that ends. */
async function textOf(path: string): Promise<string | null | undefined> {
  const found = await stat(path).catch(absent);
  if (found === null || found === undefined) return found;
  if (!found.isFile()) return null;
  if (found.size > fileLimit) return undefined;
  const file = await open(path).catch(absent);
  if (file === null || file === undefined) return file;
  try {
    // Files of the kernel have no size; one byte more than the limit says that there is too much.
    const buffer = new Uint8Array(found.size === 0 ? fileLimit + 1 : found.size);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length > fileLimit ? undefined : new TextDecoder().decode(buffer.subarray(0, length));
  } catch (error) {
    return absent(error);
  } finally {
    await file.close();
  }
}

async function runningProcesses(users: ReadonlyMap<number, string>): Promise<readonly NodeProcess[] | undefined> {
  const entries = await readdir("/proc").catch(() => undefined);
  if (entries === undefined) return undefined;
  const pids = entries.filter((name) => /^\d+$/.test(name)).map(Number);
  const found: NodeProcess[] = [];
  for (const pid of pids.toSorted((a, b) => a - b).slice(0, maxProcesses)) {
    const process = await readProcess(pid, users);
    if (process !== undefined) found.push(process);
  }
  return found;
}

/** Kernel threads have no command line; a process may end while it is read. */
async function readProcess(pid: number, users: ReadonlyMap<number, string>): Promise<NodeProcess | undefined> {
  try {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8");
    if (line === "") return undefined;
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1];
    const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1];
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => undefined);
    const user = uid === undefined ? undefined : (users.get(Number(uid)) ?? uid);
    return {
      pid,
      arguments: line.replace(/\0$/, "").split("\0"),
      ...(parent === undefined ? {} : { parentPid: Number(parent) }),
      ...(user === undefined ? {} : { user }),
      ...(environment === undefined ? {} : { environment: variablesOf(environment) }),
    };
  } catch {
    return undefined;
  }
}

function variablesOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split("\0").flatMap((line) => {
      const at = line.indexOf("=");
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
}

const run = promisify(execFile);

async function journal(unit: string): Promise<readonly string[] | undefined> {
  // A unit's name comes from a benchmark; it may not become an option.
  if (!/^[A-Za-z0-9_.@-]+$/.test(unit) || unit.startsWith("-")) return undefined;
  try {
    const options = { timeout: 20_000, maxBuffer: 64 << 20, windowsHide: true };
    const { stdout } = await run("journalctl", ["-m", "-u", unit, "--no-pager", "-q"], options);
    return stdout.split("\n").filter((line) => line !== "");
  } catch {
    return undefined;
  }
}
