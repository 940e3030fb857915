import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { constantText, parseSource } from "./parsed-source.ts";

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
  /** Module specifiers of all that it imports, also of types and when it runs. */
  readonly imports: readonly string[];
}

let sources: readonly SourceFile[] | undefined;

/** TypeScript sources below `packages/<name>/src`, fixtures left out. Read once: several tests ask. */
export function readSources(): readonly SourceFile[] {
  return (sources ??= [...readManifests().keys()].flatMap((name) => walk(`packages/${name}/src`)).map(readSource));
}

function readSource(path: string): SourceFile {
  return { path, imports: importsOf(readFileSync(join(repository, path), "utf8")) };
}

/** The module specifiers that a text imports or re-exports from, in any form, in their order. */
export function importsOf(text: string): readonly string[] {
  return parseSource(text).nodes.flatMap(({ node: { type, source, argument, expression } }) => {
    switch (type) {
      case "ImportDeclaration":
      case "ExportNamedDeclaration":
      case "ExportAllDeclaration":
      case "ImportExpression":
      case "TSImportType":
        return constantText(source ?? argument) ?? [];
      case "TSExternalModuleReference":
        return constantText(expression) ?? [];
      default:
        return [];
    }
  });
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
