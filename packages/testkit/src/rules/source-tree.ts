import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the repository. */
export const repository: string = fileURLToPath(new URL("../../../../", import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly plimsoll?: { readonly layer: number };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: unknown;
}

/** Manifests of all packages, by folder name. */
export function readManifests(): ReadonlyMap<string, Manifest> {
  // What a renamed package leaves behind, its build and its modules, is no package.
  const folders = readdirSync(join(repository, "packages")).filter((name) =>
    existsSync(join(repository, "packages", name, "package.json")),
  );
  return new Map(folders.map((name) => [name, readManifest(join(repository, "packages", name))]));
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  /** Module specifiers of its import and export statements. */
  readonly imports: readonly string[];
}

/** TypeScript sources below `packages/<name>/src`, fixtures left out. */
export function readSources(): readonly SourceFile[] {
  return [...readManifests().keys()].flatMap((name) => walk(`packages/${name}/src`)).map(readSource);
}

function readSource(path: string): SourceFile {
  return { path, imports: importsOf(readFileSync(join(repository, path), "utf8")) };
}

/** The module specifiers that a text imports or re-exports from. */
export function importsOf(text: string): readonly string[] {
  return [...text.matchAll(/^[^\S\n]*(?:import|export)\b[^"'`;]*?["']([^"'\n]+)["'];?$/gm)].map(
    (match) => match[1] ?? "",
  );
}

function walk(folder: string): string[] {
  return readdirSync(join(repository, folder))
    .sort()
    .flatMap((name) => {
      if (name === "fixtures" || name === "golden") return [];
      const path = `${folder}/${name}`;
      if (isDirectory(join(repository, path))) return walk(path);
      return name.endsWith(".ts") ? [path] : [];
    });
}

function isDirectory(path: string): boolean {
  return statSync(path).isDirectory();
}
