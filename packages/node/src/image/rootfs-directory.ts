import { constants } from "node:fs";
import { lstat, open, readdir, readlink, stat } from "node:fs/promises";
import type { Stats } from "node:fs";
import { basename, join, resolve } from "node:path";
import { ScanError, compareText, checkOptions, optionIs } from "@plimsoll/model";
import type { CallOptions, Diagnostic, Digest, EntriesOptions, Image, ImageSource, LayerEntry } from "@plimsoll/model";

export interface RootfsDirectoryOptions {
  /** `rootfs`: an unpacked root file system. `filesystem`: a source tree; version control folders are left out. */
  readonly kind: "rootfs" | "filesystem";
  /** Absent: the directory's base name. */
  readonly name?: string | undefined;
}

const chunkBytes = 256 * 1024;

/** Directories have no digest; the type asks for one. Nothing is keyed on it: such layers are never cached. */
const noDigest: Digest = `sha256:${"0".repeat(64)}`;

/** Where a running system shows its kernel instead of files. */
const kernelDirectories: ReadonlySet<string> = new Set(["proc", "sys", "dev"]);

const versionControl: ReadonlySet<string> = new Set([".git", ".hg", ".svn"]);

/**
 * A directory tree as an image of one layer. Entries come sorted, symbolic links are reported and never followed,
 * what cannot be read is a diagnostic.
 */
export function rootfsDirectory(path: string, options: RootfsDirectoryOptions): ImageSource {
  checkOptions("rootfsDirectory", options, { kind: optionIs.oneOf(["rootfs", "filesystem"]), name: optionIs.text });
  const label = `${options.kind} ${path}`;
  return { label, open: () => openDirectory(resolve(path), label, options) };
}

async function openDirectory(root: string, label: string, options: RootfsDirectoryOptions): Promise<Image> {
  const stats = await stat(root).catch((cause: unknown) => {
    const reason = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "no such directory" : (cause as Error).message;
    throw new ScanError({ kind: "image-not-found", label, reason }, { cause });
  });
  if (!stats.isDirectory() && !stats.isFile())
    throw new ScanError({ kind: "unsupported-image", label, reason: "it is neither a file nor a directory" });
  const walk = stats.isDirectory()
    ? (entriesOptions: EntriesOptions) => walkDirectory(root, options, entriesOptions)
    : (entriesOptions: EntriesOptions) => toEntries(root, basename(root), entriesOptions);
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
        entries: (own) => bounded(walk(own), own),
      },
    ],
  };
}

async function* bounded(
  entries: AsyncIterable<LayerEntry | Diagnostic>,
  { limits, signal }: EntriesOptions,
): AsyncGenerator<LayerEntry | Diagnostic> {
  let count = 0;
  for await (const entry of entries) {
    signal?.throwIfAborted();
    if (++count > limits.maxEntriesPerLayer) {
      yield problem("limit-exceeded", "", `more than ${limits.maxEntriesPerLayer} files; the rest was not read`);
      return;
    }
    yield entry;
  }
}

async function* walkDirectory(
  root: string,
  options: RootfsDirectoryOptions,
  entriesOptions: EntriesOptions,
): AsyncGenerator<LayerEntry | Diagnostic> {
  // A stack, not recursion: trees may be deeper than calls may nest.
  const pending: string[] = [""];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const names = await list(join(root, directory));
    if (!Array.isArray(names)) {
      yield problem("unreadable-file", directory, `the directory could not be read: ${names.message}`);
      continue;
    }
    const below: string[] = [];
    for (const name of names.sort(compareText)) {
      if (isLeftOut(root, directory, name, options)) continue;
      const path = directory === "" ? name : `${directory}/${name}`;
      for await (const entry of toEntries(join(root, path), path, entriesOptions)) {
        yield entry;
        if (entry.kind === "directory") below.push(path);
      }
    }
    for (const path of below.reverse()) pending.push(path);
  }
}

function isLeftOut(root: string, directory: string, name: string, options: RootfsDirectoryOptions): boolean {
  if (options.kind === "filesystem") return versionControl.has(name);
  return directory === "" && kernelDirectories.has(name) && resolve(root) === resolve("/");
}

async function list(path: string): Promise<string[] | Error> {
  try {
    return await readdir(path);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function* toEntries(full: string, path: string, options: CallOptions): AsyncGenerator<LayerEntry | Diagnostic> {
  try {
    yield await toEntry(full, path, await lstat(full), options);
  } catch (error) {
    yield problem("unreadable-file", path, `it could not be read: ${(error as Error).message}`);
  }
}

async function toEntry(full: string, path: string, stats: Stats, options: CallOptions): Promise<LayerEntry> {
  if (stats.isSymbolicLink()) return { kind: "symlink", path, target: await readlink(full) };
  if (stats.isDirectory()) return { kind: "directory", path };
  if (!stats.isFile()) return { kind: "other", path };
  const executable = (stats.mode & 0o111) !== 0;
  return { kind: "file", path, size: stats.size, executable, content: () => content(full, path, stats.size, options) };
}

/** How much is read where the file should have ended: it may have grown since. */
const growthBytes = 4096;

async function* content(full: string, path: string, size: number, { signal }: CallOptions): AsyncGenerator<Uint8Array> {
  // It may have become a link or a pipe since it was listed: neither is followed nor waited for.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(full, flags).catch((cause: unknown) => {
    throw new ScanError({ kind: "malformed-image", label: path, reason: (cause as Error).message }, { cause });
  });
  try {
    for (let left = size; ;) {
      signal?.throwIfAborted();
      // Most files are small: a whole chunk for each would cost more than reading it.
      const buffer = new Uint8Array(Math.min(chunkBytes, left > 0 ? left : growthBytes));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return;
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

function problem(code: Diagnostic["code"], path: string, message: string): Diagnostic {
  return { kind: "diagnostic", code, effect: "incomplete", message, location: { path } };
}
