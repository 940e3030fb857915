import type { ForeignDirectory } from "@plimsoll/model";

/**
 * Whether a path lies in a third-party package that an installer put below one of these directories: in `node_modules/left-pad/`,
 * `vendor/acme/`. A file directly inside of such a directory is the project's. `exists` answers whether a file is there.
 */
export function isForeign(
  path: string,
  directories: readonly ForeignDirectory[],
  exists: (path: string) => boolean,
): boolean {
  return directories.some(({ name, versioned, beside }) => {
    for (let at = indexOfDirectory(path, name, 0); at !== -1; at = indexOfDirectory(path, name, at + 1)) {
      const child = path.slice(at + name.length + 1, path.indexOf("/", at + name.length + 1) + 1);
      if (child === "" || (versioned === true && !/-v?\d/.test(child))) continue;
      if (beside === undefined || beside.some((file) => exists(path.slice(0, at) + file))) return true;
    }
    return false;
  });
}

/** Splits directories into those that a path alone shows and those that need the file tree, which is known once all layers were read. */
export function byWhatTells(directories: readonly ForeignDirectory[]): {
  readonly byPath: readonly ForeignDirectory[];
  readonly byTree: readonly ForeignDirectory[];
} {
  return {
    byPath: directories.filter(({ beside }) => beside === undefined),
    byTree: directories.filter(({ beside }) => beside !== undefined),
  };
}

/** Where a directory of this name (which may have several segments) begins in a path; -1 where it is not. */
function indexOfDirectory(path: string, name: string, from: number): number {
  if (from === 0 && path.startsWith(`${name}/`)) return 0;
  const found = path.indexOf(`/${name}/`, Math.max(0, from - 1));
  return found === -1 ? -1 : found + 1;
}
