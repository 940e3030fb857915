import { readFileSync, statSync } from "node:fs";
import { lstat, readFile, readdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import { compareText, ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { Diagnostic } from "@plimsoll/model";

/** Options of {@link treeFiles}. */
export interface TreeFilesOptions {
  /** Whether to leave out a path (relative, with `/`) and everything below it. */
  readonly skips?: ((path: string, isDirectory: boolean) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The files of a directory, or the single file at the path. */
export interface TreeFiles {
  /** Relative to the directory, with `/`, sorted. */
  readonly paths: readonly string[];
  /** Directories that could not be read. */
  readonly diagnostics: readonly Diagnostic[];
  /** Reads one of the files as text; returns a diagnostic when it cannot be read or is longer than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<string | Diagnostic>;
}

/** Files up to this many bytes are read at once. */
const maxSmallBytes = 1024 * 1024;

/** Deeper directories are not looked into. */
const maxDepth = 100;

/**
 * Lists the regular files below a directory. Symbolic links to files are followed, those to directories are not, so that there are no loops.
 * @throws ScanError `image-not-found` when there is nothing at the path.
 */
export async function treeFiles(root: string, options: TreeFilesOptions = {}): Promise<TreeFiles> {
  checkOptions("treeFiles", options, { skips: optionIs.call, signal: optionIs.signal });
  const found = await stat(root).catch(() => undefined);
  if (found === undefined)
    throw new ScanError({ kind: "image-not-found", label: root, reason: "there is no such file or directory" });
  const single = !found.isDirectory();
  const base = single ? root.slice(0, root.lastIndexOf(sep) + 1) || "." : root;
  const paths: string[] = single ? [root.slice(root.lastIndexOf(sep) + 1)] : [];
  const diagnostics: Diagnostic[] = [];
  const walk = async (folder: string, depth: number): Promise<void> => {
    options.signal?.throwIfAborted();
    if (depth > maxDepth) {
      diagnostics.push(unreadable(folder, "the directories are nested too deeply"));
      return;
    }
    const entries = await readdir(join(base, folder), { withFileTypes: true }).catch((error: unknown) => {
      diagnostics.push(unreadable(folder, reasonOf(error)));
      return [];
    });
    for (const entry of entries) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (options.skips?.(path, entry.isDirectory()) === true) continue;
      if (entry.isDirectory()) await walk(path, depth + 1);
      else if (entry.isFile() || (entry.isSymbolicLink() && (await leadsToFile(join(base, path))))) paths.push(path);
    }
  };
  if (!single) await walk("", 0);
  return {
    paths: paths.sort(compareText),
    diagnostics,
    async read(path, maxBytes) {
      try {
        const { size } = statSync(join(base, path));
        if (size > maxBytes)
          return { ...unreadable(path, `the file has ${size} bytes, more than ${maxBytes}`), code: "limit-exceeded" };
        if (size > maxSmallBytes) return await readFile(join(base, path), "utf8");
        // Handing a small file to other threads and back, five times, takes longer than reading it. Whoever waits for something else has a turn.
        await setImmediate();
        return readFileSync(join(base, path), "utf8");
      } catch (error) {
        return unreadable(path, reasonOf(error));
      }
    },
  };
}

async function leadsToFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink() && (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? `it cannot be read (${String(error.code)})` : "it cannot be read";
}

function unreadable(path: string, message: string): Diagnostic {
  return { kind: "diagnostic", code: "unreadable-file", effect: "incomplete", message, location: { path } };
}
