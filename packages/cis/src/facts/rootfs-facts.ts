import { checkOptions, optionIs } from "@plimsoll/model";
import type { FileTree, TreeEntry } from "@plimsoll/model";
import type { FileFacts, NodeFacts, NodeProcess } from "./node-facts.ts";
import { staticPodProcesses } from "./static-pods.ts";
import { unitProcesses } from "./systemd-units.ts";

/** Options of {@link rootfsFacts}. */
export interface RootfsOptions {
  /** Where the tree is from, for people. Absent: `rootfs`. */
  readonly origin?: string | undefined;
  /** Bytes of one file that are read; longer files are unknown. Absent: 4 MiB. */
  readonly fileLimit?: number | undefined;
}

const maxLinks = 40;
/** The most names of paths that wait to be followed. */
const maxNames = 10_000;

/**
 * Facts about a node that is not running, from its files. Its processes are those that static pod manifests and systemd units declare; whether
 * others run is unknown. Links are followed inside the tree only.
 */
export function rootfsFacts(tree: FileTree, options: RootfsOptions = {}): NodeFacts {
  checkOptions("rootfsFacts", options, { origin: optionIs.text, fileLimit: optionIs.count });
  const { origin = "rootfs", fileLimit = 4 << 20 } = options;
  let accounts: Promise<Accounts> | undefined;
  let processes: Promise<readonly NodeProcess[]> | undefined;

  const readFile = async (path: string): Promise<string | null | undefined> => {
    const found = await resolve(tree, path);
    if (found === null || found.entry.type !== "file") return null;
    if (found.entry.size > fileLimit) return undefined;
    const bytes = await tree.read(found.path, fileLimit);
    return bytes === null ? undefined : new TextDecoder().decode(bytes);
  };
  const list = async (path: string): Promise<readonly string[] | null> => {
    const found = await resolve(tree, path);
    return found === null ? null : tree.list(found.path);
  };
  const stat = async (path: string): Promise<FileFacts | null> => {
    const found = await resolve(tree, path);
    if (found === null) return null;
    accounts ??= readAccounts(readFile);
    const { users, groups } = await accounts;
    const { type, mode, uid, gid, size } = found.entry;
    const user = users.get(uid);
    const group = groups.get(gid);
    return {
      type: type === "symlink" ? "other" : type,
      mode,
      uid,
      gid,
      size,
      ...(user === undefined ? {} : { user }),
      ...(group === undefined ? {} : { group }),
    };
  };
  return {
    origin,
    processesAre: "declared",
    processes: () => (processes ??= declaredProcesses({ readFile, list })),
    stat,
    readFile,
    list,
  };
}

/** What reads declarations of processes. */
export interface FileReading {
  readFile(path: string): Promise<string | null | undefined>;
  list(path: string): Promise<readonly string[] | null>;
}

async function declaredProcesses(files: FileReading): Promise<readonly NodeProcess[]> {
  const found = [...(await staticPodProcesses(files)), ...(await unitProcesses(files))];
  return found.map((process, index) => ({ ...process, pid: index + 2, parentPid: 1 }));
}

/** Follows links inside the tree; null when there is nothing, or links go round. */
async function resolve(tree: FileTree, path: string): Promise<{ path: string; entry: TreeEntry } | null> {
  const waiting = path.split("/").toReversed();
  let here = "";
  let links = 0;
  let entry: TreeEntry | null = await tree.stat("/");
  while (waiting.length > 0) {
    const name = waiting.pop() ?? "";
    if (name === "" || name === ".") continue;
    if (name === "..") {
      here = here.slice(0, Math.max(0, here.lastIndexOf("/")));
      entry = await tree.stat(here === "" ? "/" : here);
      continue;
    }
    const next = `${here}/${name}`;
    entry = await tree.stat(next);
    if (entry === null) return null;
    if (entry.type !== "symlink") {
      here = next;
      continue;
    }
    if (++links > maxLinks || waiting.length > maxNames) return null;
    const target = entry.target ?? "";
    if (target.startsWith("/")) here = "";
    const names = target.split("/");
    if (names.length > maxNames) return null;
    waiting.push(...names.toReversed());
    entry = await tree.stat(here === "" ? "/" : here);
  }
  return entry === null ? null : { path: here === "" ? "/" : here, entry };
}

interface Accounts {
  readonly users: ReadonlyMap<number, string>;
  readonly groups: ReadonlyMap<number, string>;
}

async function readAccounts(readFile: FileReading["readFile"]): Promise<Accounts> {
  return { users: accountNames(await readFile("/etc/passwd")), groups: accountNames(await readFile("/etc/group")) };
}

/** `name:x:ID:…` of passwd(5) and group(5), the first of an id. */
export function accountNames(text: string | null | undefined): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of (text ?? "").split("\n")) {
    const [name = "", , id = ""] = line.split(":", 3);
    if (name === "" || !/^\d{1,10}$/.test(id) || names.has(Number(id))) continue;
    names.set(Number(id), name);
  }
  return names;
}
