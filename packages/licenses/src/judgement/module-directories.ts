import type { Package } from "@plimsoll/model";

/** Finds the packages whose directory a file lies in: in a module cache, `…/pkg/mod/MODULE@VERSION/`, or beside what a project vendors. */
export type ModuleFinder = (path: string) => readonly Package[];

/** How far below a module's directory its licence may lie: `LICENSES/MIT.txt`. */
const depth = 2;

/**
 * Go modules state no licence, and list all others in one file; only the directories that `go` puts them into say which text is whose
 * (https://go.dev/ref/mod#module-cache, https://go.dev/ref/mod#vendoring).
 */
export function moduleFinder(packages: readonly Package[]): ModuleFinder {
  const cached = new Map<string, Package[]>();
  const vendored = new Map<string, Package[]>();
  const add = (to: Map<string, Package[]>, key: string, pkg: Package): void => {
    const known = to.get(key);
    if (known === undefined) to.set(key, [pkg]);
    else known.push(pkg);
  };
  for (const pkg of packages) {
    add(cached, `${escaped(pkg.name)}@${escaped(pkg.version)}`, pkg);
    for (const { path } of pkg.locations)
      if (path.endsWith("vendor/modules.txt")) add(vendored, path.replace(/modules\.txt$/, pkg.name), pkg);
  }
  return (path) => {
    const [, module] = /(?:^|\/)pkg\/mod\/([^@]+@[^/]+)\/[^/]+(?:\/[^/]+)?$/.exec(path) ?? [];
    if (module !== undefined) return cached.get(module) ?? [];
    let directory = path;
    for (let level = 0; level < depth; level++) {
      directory = directory.slice(0, Math.max(0, directory.lastIndexOf("/")));
      const found = vendored.get(directory);
      if (found !== undefined) return found;
    }
    return [];
  };
}

/** Capital letters are written as `!` and the small one, for file systems that do not tell them apart. */
function escaped(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}
