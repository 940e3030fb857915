import type { Manifest, SourceFile } from "./source-tree.ts";

/** Dependencies of a package whose layer is not strictly lower. */
export function upwardDependencies(manifest: Manifest, all: Iterable<Manifest>): readonly string[] {
  const layers = new Map([...all].map((other) => [other.name, other.plimsoll?.layer ?? Number.NaN]));
  const own = manifest.plimsoll?.layer ?? Number.NaN;
  return Object.keys(manifest.dependencies ?? {}).filter(
    (name) => layers.has(name) && !((layers.get(name) ?? Number.NaN) < own),
  );
}

/** Folder families whose members must not know each other. */
const families = ["packages/ecosystems/src", "packages/advisories/src/feeds", "packages/report/src"];
const sharedFolders = new Set(["shared"]);

/** Imports that reach from one member of a folder family into another. */
export function siblingImports(source: SourceFile): readonly string[] {
  const family = families.find((folder) => source.path.startsWith(`${folder}/`));
  const member = family === undefined ? undefined : memberOf(family, source.path);
  if (family === undefined || member === undefined || sharedFolders.has(member)) return [];
  return source.imports.filter((specifier) => {
    if (!specifier.startsWith(".")) return false;
    const target = memberOf(family, resolve(source.path, specifier));
    return target !== undefined && target !== member && !sharedFolders.has(target);
  });
}

function memberOf(family: string, path: string): string | undefined {
  if (!path.startsWith(`${family}/`)) return undefined;
  const [member, ...rest] = path.slice(family.length + 1).split("/");
  return rest.length === 0 ? undefined : member;
}

function resolve(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

/** Imports that reach into another package's `src` or `dist`. */
export function privateImports(source: SourceFile): readonly string[] {
  const own = source.path.split("/").slice(0, 2).join("/");
  return source.imports.filter(
    (specifier) =>
      /^(@plimsoll\/[^/]+|plimsoll)\/(src|dist)(\/|$)/.test(specifier) ||
      (specifier.startsWith(".") && !resolve(source.path, specifier).startsWith(`${own}/`)),
  );
}

const forbidden = new Set(["utils", "util", "helpers", "helper", "common", "misc", "manager", "types", "constants"]);

/** What is wrong with a file's name, if anything. */
export function nameProblem(path: string): string | undefined {
  const base = (path.split("/").at(-1) ?? "").replace(/(\.(test|fuzz|test-d|d))?\.ts$/, "");
  if (forbidden.has(base)) return `${path}: "${base}" says nothing about what is inside`;
  if (!/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(base)) return `${path}: file names are kebab-case`;
  return undefined;
}
