import type { ForeignDirectory } from "@plimsoll/model";

/**
 * Whether a path lies in what somebody else made and an installer put below one of these directories: in `node_modules/left-pad/`,
 * `vendor/acme/`. A file directly inside of such a directory is the project's.
 */
export function isForeign(path: string, directories: readonly ForeignDirectory[]): boolean {
  return directories.some(({ name, versioned }) => {
    for (let at = indexOfDirectory(path, name, 0); at !== -1; at = indexOfDirectory(path, name, at + 1)) {
      const child = path.slice(at + name.length + 1, path.indexOf("/", at + name.length + 1) + 1);
      if (child !== "" && (versioned !== true || /-v?\d/.test(child))) return true;
    }
    return false;
  });
}

/** Where a directory of this name (which may have several segments) begins in a path; -1 where it is not. */
function indexOfDirectory(path: string, name: string, from: number): number {
  if (from === 0 && path.startsWith(`${name}/`)) return 0;
  const found = path.indexOf(`/${name}/`, Math.max(0, from - 1));
  return found === -1 ? -1 : found + 1;
}
