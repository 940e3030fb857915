import type { Manifest, SourceFile } from "./source-tree.ts";

/** Dependencies of a package whose layer is not strictly lower. */
export function upwardDependencies(manifest: Manifest, all: Iterable<Manifest>): readonly string[] {
  const layers = new Map([...all].map((other) => [other.name, other.plimsoll?.layer ?? Number.NaN]));
  const own = manifest.plimsoll?.layer ?? Number.NaN;
  return Object.keys(manifest.dependencies ?? {}).filter(
    (name) => layers.has(name) && !((layers.get(name) ?? Number.NaN) < own),
  );
}

/** A folder whose members must not know each other. */
interface Family {
  readonly folder: string;
  /** `files`: each file directly inside is a member, too, but for tests and `index.ts`. Absent: folders alone are. */
  readonly members?: "files";
  /** Members that the others stand on, beside `shared`. */
  readonly foundations?: readonly string[];
}

/** *Declare in the folder, list in `index.ts`, never import a sibling.* A family may be named before its package has content. */
const families: readonly Family[] = [
  { folder: "packages/ecosystems/src" },
  { folder: "packages/advisories/src/feeds" },
  { folder: "packages/report/src" },
  { folder: "packages/triage/src/ignore-files", members: "files" },
  { folder: "packages/triage/src/vex", members: "files" },
  // Documents of many kinds are JSON, XML or YAML first, and name packages by URL.
  { folder: "packages/formats/src", foundations: ["json", "purl", "xml", "yaml"] },
  // An image's history is written as a Dockerfile.
  { folder: "packages/configs/src", foundations: ["dockerfile"] },
  { folder: "packages/checks/src" },
  { folder: "packages/secrets/src/rules", members: "files" },
  { folder: "packages/probes/src" },
];

/** Imports that reach from one member of a family into another. */
export function siblingImports(source: SourceFile): readonly string[] {
  const family = families.find(({ folder }) => source.path.startsWith(`${folder}/`));
  const member = family && memberOf(family, source.path);
  if (family === undefined || member === undefined || member === "shared") return [];
  return source.imports.filter((specifier) => {
    if (!specifier.startsWith(".")) return false;
    const target = memberOf(family, resolve(source.path, specifier));
    return (
      target !== undefined && target !== member && target !== "shared" && family.foundations?.includes(target) !== true
    );
  });
}

function memberOf({ folder, members }: Family, path: string): string | undefined {
  if (!path.startsWith(`${folder}/`)) return undefined;
  const [member = "", ...rest] = path.slice(folder.length + 1).split("/");
  if (rest.length > 0) return member;
  const stem = member.replace(/(\.(test|fuzz|test-d|d))?\.ts$/, "");
  return members === "files" && stem !== "index" ? stem : undefined;
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

/** What is wrong with the name of a file, or of a folder it lies in, if anything. */
export function nameProblem(path: string): string | undefined {
  const [base = "", ...folders] = path.split("/").reverse();
  const stem = base.replace(/(\.(test|fuzz|test-d|d))?\.ts$/, "");
  const empty = [stem, ...folders].find((name) => forbidden.has(name));
  if (empty !== undefined) return `${path}: "${empty}" says nothing about what is inside`;
  const odd = [stem, ...folders].find((name) => !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(name));
  if (odd !== undefined) return `${path}: "${odd}" is not in kebab-case`;
  return undefined;
}
