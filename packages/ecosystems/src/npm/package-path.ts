/** `node_modules/@scope/name` or `node_modules/name` at the end of a path: where a package itself is installed. */
const installedAt = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/@.][^/]*)$/;

/** Name of the package whose own directory this is; undefined for directories inside packages and outside of `node_modules`. */
export function packageNameOf(directory: string): string | undefined {
  return installedAt.exec(directory)?.[1];
}

/** Whether a path lies somewhere below a `node_modules`. */
export function isBelowNodeModules(path: string): boolean {
  return path.startsWith("node_modules/") || path.includes("/node_modules/");
}

/** Longer paths, or deeper ones, are in no file system, or in no project: to look through all above them would take minutes. */
const maxPathLength = 4_096;
const maxPathDepth = 256;

/**
 * Directories in whose `node_modules` a package at `directory` finds others, nearest first: the look-up of Node.js
 * (https://nodejs.org/api/modules.html#loading-from-node_modules-folders). None for a path that cannot be.
 */
export function lookupDirectories(directory: string): readonly string[] {
  if (directory.length > maxPathLength) return [];
  const found: string[] = [];
  let at = directory;
  for (let depth = 0; depth <= maxPathDepth; depth++) {
    if (!at.endsWith("/node_modules") && at !== "node_modules") found.push(at);
    if (at === "") return found;
    at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
  }
  return [];
}

/** The directory in whose `node_modules` a path lies, and the name that it has there; undefined where it lies in none. */
export function placeIn(path: string): { readonly parent: string; readonly name: string } | undefined {
  const name = path.slice(path.lastIndexOf("node_modules/") + folder.length);
  const parent = path.slice(0, -(folder.length + name.length));
  if (path !== `${parent}${folder}${name}` || (parent !== "" && !parent.endsWith("/"))) return undefined;
  return { parent: parent.slice(0, -1), name };
}

const folder = "node_modules/";
