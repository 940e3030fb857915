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

/**
 * Directories where a package at `directory` finds `name`, nearest first: the look-up of Node.js
 * (https://nodejs.org/api/modules.html#loading-from-node_modules-folders).
 */
export function* lookupDirectories(directory: string, name: string): Generator<string> {
  let at = directory;
  for (;;) {
    if (!at.endsWith("/node_modules") && at !== "node_modules")
      yield at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (at === "") return;
    const cut = at.lastIndexOf("/");
    at = cut === -1 ? "" : at.slice(0, cut);
  }
}
