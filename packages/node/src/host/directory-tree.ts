import { lstat, open, readdir, readlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { FileTree, TreeEntry } from "@plimsoll/model";

/**
 * A folder as a tree of files for look-ups by path. Symbolic links are reported and never followed, so that nothing outside of the folder is read;
 * files without read permission are treated as absent.
 */
export function directoryTree(folder: string): FileTree {
  const root = resolve(folder);
  const inside = (path: string): string => {
    if (!path.startsWith("/") || path.split("/").includes(".."))
      throw new TypeError(`${path} is no path inside a tree`);
    return join(root, path);
  };
  return {
    stat: async (path): Promise<TreeEntry | null> => {
      const place = inside(path);
      const found = await lstat(place).catch(() => null);
      if (found === null) return null;
      const { mode, uid, gid, size } = found;
      const entry = { mode: mode & 0o7777, uid, gid, size };
      if (found.isFile()) return { type: "file", ...entry };
      if (found.isDirectory()) return { type: "directory", ...entry };
      if (!found.isSymbolicLink()) return { type: "other", ...entry };
      return { type: "symlink", ...entry, target: await readlink(place).catch(() => "") };
    },
    list: (path) => readdir(inside(path)).catch(() => null),
    read: async (path, limit) => {
      const file = await open(inside(path)).catch(() => null);
      if (file === null) return null;
      try {
        const found = await file.stat();
        if (!found.isFile() || found.size > limit) return null;
        const buffer = new Uint8Array(found.size);
        const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
  };
}
