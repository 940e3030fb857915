import { closeSync, constants, lstatSync, openSync, readSync, readdirSync, readlinkSync } from "node:fs";
import type { Stats } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, resolve, sep } from "node:path";
import { ScanError, checkOptions, compareText, optionIs, workDone } from "@plimsoll/model";
import type { CallOptions, Diagnostic, Digest, EntriesOptions, Image, ImageSource, LayerEntry } from "@plimsoll/model";
import { errorCode, errorMessage } from "../system-errors.ts";

export interface RootfsDirectoryOptions {
  /** `rootfs`: an unpacked root file system. `filesystem`: a source tree; version control folders are left out. */
  readonly kind: "rootfs" | "filesystem";
  /** Absent: the directory's base name. */
  readonly name?: string | undefined;
}

const chunkBytes = 256 * 1024;
/**
 * Files up to this size are read at once, by calls that wait: half of the processor time of a search through a system's files
 * was what it costs to ask threads for a few thousand bytes, four times for each file (decision 0262).
 */
const smallFile = 64 * 1024;
/** Directories up to this size, which is that of their list of names, are listed at once, too; where a system says nothing of it, all are. */
const smallDirectory = 64 * 1024;
/** Work of a file beside its bytes, in the bytes whose reading takes as long. */
const bytesPerFile = 2 * 1024;

/** Directories have no digest; the type asks for one. Nothing is keyed on it: such layers are never cached. */
const noDigest: Digest = `sha256:${"0".repeat(64)}`;

/** Where a running system shows its kernel instead of files. */
const kernelDirectories: ReadonlySet<string> = new Set(["proc", "sys", "dev"]);

const versionControl: ReadonlySet<string> = new Set([".git", ".hg", ".svn"]);

/**
 * A directory tree as an image of one layer. Entries are sorted, symbolic links are reported and never followed, and files that cannot be read
 * become diagnostics.
 */
export function rootfsDirectory(path: string, options: RootfsDirectoryOptions): ImageSource {
  checkOptions("rootfsDirectory", options, { kind: optionIs.oneOf(["rootfs", "filesystem"]), name: optionIs.text });
  const label = `${options.kind} ${path}`;
  const root = resolve(path);
  return {
    label,
    expect: async () => void (await statsOfRoot(root, label)),
    open: () => openDirectory(root, label, options),
  };
}

async function statsOfRoot(root: string, label: string): Promise<Stats> {
  const stats = await stat(root).catch((cause: unknown) => {
    const reason = errorCode(cause) === "ENOENT" ? "no such directory" : errorMessage(cause);
    throw new ScanError({ kind: "image-not-found", label, reason }, { cause });
  });
  if (!stats.isDirectory() && !stats.isFile())
    throw new ScanError({ kind: "unsupported-image", label, reason: "it is neither a file nor a directory" });
  return stats;
}

async function openDirectory(root: string, label: string, options: RootfsDirectoryOptions): Promise<Image> {
  const stats = await statsOfRoot(root, label);
  const walk = stats.isDirectory()
    ? (entriesOptions: EntriesOptions) => walkDirectory(root, options, entriesOptions)
    : (entriesOptions: EntriesOptions) => oneEntry(toEntry(root, basename(root), statsOf(root), entriesOptions));
  return {
    kind: options.kind,
    name: options.name ?? (basename(root) || root),
    layers: [
      {
        index: 0,
        digest: noDigest,
        diffId: noDigest,
        size: 0,
        cacheable: false,
        entries: walk,
      },
    ],
  };
}

async function* walkDirectory(
  root: string,
  options: RootfsDirectoryOptions,
  entriesOptions: EntriesOptions,
): AsyncGenerator<LayerEntry | Diagnostic> {
  const { limits, signal } = entriesOptions;
  // Put together here: `join` looks at every character of every path, which took a twentieth of the time of a large tree.
  const prefix = root.endsWith(sep) ? root : `${root}/`;
  let count = 0;
  // A stack, not recursion: trees may be deeper than calls may nest.
  const pending: FoundDirectory[] = [{ directory: "", isSmall: false }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { directory, isSmall } = next;
    signal?.throwIfAborted();
    const names = await list(prefix + directory, isSmall);
    if (!Array.isArray(names)) {
      yield problem("unreadable-file", directory, `the directory could not be read: ${names.message}`);
      continue;
    }
    const below: FoundDirectory[] = [];
    for (const name of names.sort(compareText)) {
      if (isLeftOut(root, directory, name, options)) continue;
      signal?.throwIfAborted();
      if (++count > limits.maxEntriesPerLayer) {
        yield problem("limit-exceeded", "", `more than ${limits.maxEntriesPerLayer} files; the rest was not read`);
        return;
      }
      const path = directory === "" ? name : `${directory}/${name}`;
      const turn = workDone(bytesPerFile);
      if (turn !== undefined) await turn;
      const full = prefix + path;
      const stats = statsOf(full);
      yield toEntry(full, path, stats, entriesOptions);
      if (!(stats instanceof Error) && stats.isDirectory())
        below.push({ directory: path, isSmall: stats.size <= smallDirectory });
    }
    for (const found of below.reverse()) pending.push(found);
  }
}

function isLeftOut(root: string, directory: string, name: string, options: RootfsDirectoryOptions): boolean {
  if (options.kind === "filesystem") return versionControl.has(name);
  return directory === "" && kernelDirectories.has(name) && resolve(root) === resolve("/");
}

interface FoundDirectory {
  /** Path of the directory below the root; empty for the root itself. */
  readonly directory: string;
  readonly isSmall: boolean;
}

async function list(path: string, isSmall: boolean): Promise<string[] | Error> {
  try {
    return isSmall ? readdirSync(path) : await readdir(path);
  } catch (error) {
    return asError(error);
  }
}

function statsOf(path: string): Stats | Error {
  try {
    return lstatSync(path);
  } catch (error) {
    return asError(error);
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

async function* oneEntry(entry: LayerEntry | Diagnostic): AsyncGenerator<LayerEntry | Diagnostic> {
  yield entry;
}

function toEntry(full: string, path: string, stats: Stats | Error, options: CallOptions): LayerEntry | Diagnostic {
  try {
    if (stats instanceof Error) throw stats;
    if (stats.isSymbolicLink()) return { kind: "symlink", path, target: readlinkSync(full) };
    if (stats.isDirectory()) return { kind: "directory", path };
    if (!stats.isFile()) return { kind: "other", path };
    const { size } = stats;
    const executable = (stats.mode & 0o111) !== 0;
    return { kind: "file", path, size, executable, content: () => content(full, path, size, options) };
  } catch (error) {
    return problem("unreadable-file", path, `it could not be read: ${errorMessage(error)}`);
  }
}

// A file may have become a link or a pipe since it was listed: neither is followed nor waited for.
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

function content(full: string, path: string, size: number, options: CallOptions): AsyncGenerator<Uint8Array> {
  return size < smallFile ? contentAtOnce(full, path, size, options) : contentInChunks(full, path, size, options);
}

async function* contentAtOnce(
  full: string,
  path: string,
  size: number,
  { signal }: CallOptions,
): AsyncGenerator<Uint8Array> {
  await workDone(bytesPerFile);
  signal?.throwIfAborted();
  let handle: number;
  try {
    handle = openSync(full, flags);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  try {
    for (let length = size + 1, left = size; ; length = chunkBytes) {
      const buffer = new Uint8Array(length);
      const bytesRead = readSync(handle, buffer, 0, length, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      left -= bytesRead;
      if (endsAsTold(left, size, bytesRead, length)) return;
      signal?.throwIfAborted();
    }
  } finally {
    closeSync(handle);
  }
}

async function* contentInChunks(
  full: string,
  path: string,
  size: number,
  { signal }: CallOptions,
): AsyncGenerator<Uint8Array> {
  const handle = await open(full, flags).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    for (let left = size; ;) {
      signal?.throwIfAborted();
      // Behind the size that was told there is nothing, unless the file has grown since.
      const buffer = new Uint8Array(Math.min(chunkBytes, Math.max(0, left) + 1));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return;
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
      if (endsAsTold(left, size, bytesRead, buffer.length)) return;
    }
  } finally {
    await handle.close();
  }
}

/** Whether a file has all that it was said to have, and no more though there was room: files of a kernel say nothing of their size. */
function endsAsTold(left: number, size: number, bytesRead: number, room: number): boolean {
  return left === 0 && size > 0 && bytesRead < room;
}

function unreadable(path: string, cause: unknown): ScanError {
  return new ScanError({ kind: "malformed-image", label: path, reason: errorMessage(cause) }, { cause });
}

function problem(code: Diagnostic["code"], path: string, message: string): Diagnostic {
  return { kind: "diagnostic", code, effect: "incomplete", message, location: { path } };
}
