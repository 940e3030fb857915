import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One name that a package exports, with its declarations: several where it is overloaded, or a value and a type. */
export interface PublicName {
  readonly name: string;
  readonly declarations: readonly string[];
  /** What the declarations mention of their own package without naming where: a caller can't write it down unless it is exported, too. */
  readonly mentions: readonly string[];
  /** Everything of this house that the declarations mention: with the package, or without one where it is their own. */
  readonly needs: readonly Origin[];
}

interface DeclarationFile {
  /** Declared names and what declares them, exported or not. */
  readonly declared: ReadonlyMap<string, readonly string[]>;
  /** Exported name to where it comes from; `module` absent: declared here under `local`. */
  readonly exported: ReadonlyMap<string, Origin>;
  /** Names that the file imports. */
  readonly imported: ReadonlyMap<string, Origin>;
  /** What `export *` passes on. */
  readonly passedOn: readonly string[];
}

/** Where a name comes from. */
export interface Origin {
  readonly local: string;
  readonly module?: string;
}

/**
 * What a package promises: each exported name of a declaration file that the compiler wrote, re-exports followed to where they are declared,
 * comments left out. What comes from another package is named as that, since it is held there.
 */
export function publicSurface(entry: string): readonly PublicName[] {
  const files = new Map<string, DeclarationFile>();
  const names = exportedNames(entry, files);
  return [...names]
    .map(([name, { file, origin }]) => ({
      name,
      declarations: declarationsOf(name, file, origin, files),
      mentions: mentionsOf(file, origin, files),
      needs: needsOf(file, origin, files),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names that the public ones need and that are not public themselves, with who needs them: `Patience, which request mentions`. */
export function unexportedMentions(surface: readonly PublicName[]): readonly string[] {
  const names = new Set(surface.map(({ name }) => name));
  return surface
    .flatMap(({ name, mentions }) =>
      mentions.filter((mention) => !names.has(mention)).map((mention) => `${mention}, which ${name} mentions`),
    )
    .sort();
}

/**
 * Names that the public ones of a front door need, whichever package declares them, and that it does not export: a caller who depends on that
 * package alone can't write them down.
 */
export function missingAtDoor(
  door: readonly PublicName[],
  packages: ReadonlyMap<string, readonly PublicName[]>,
): readonly string[] {
  const exported = new Set(door.map(({ name }) => name));
  const missing = new Set<string>();
  const seen = new Set<PublicName>();
  const follow = (found: PublicName, from: string | undefined): void => {
    if (seen.has(found)) return;
    seen.add(found);
    for (const { local, module = from } of found.needs) {
      const needed = (module === undefined ? door : (packages.get(module) ?? [])).find(({ name }) => name === local);
      if (needed === undefined) continue;
      if (!exported.has(local)) missing.add(`${local}, which ${found.name} mentions`);
      follow(needed, module);
    }
  };
  for (const found of door) follow(found, undefined);
  return [...missing].sort();
}

/** The surface as text, one blank line between names. */
export function surfaceText(surface: readonly PublicName[]): string {
  return `${surface.map(({ declarations }) => declarations.join("\n")).join("\n\n")}\n`;
}

function exportedNames(
  path: string,
  files: Map<string, DeclarationFile>,
): Map<string, { readonly file: string; readonly origin: Origin }> {
  const file = readDeclarations(path, files);
  const names = new Map([...file.exported].map(([name, origin]) => [name, { file: path, origin }]));
  for (const module of file.passedOn) {
    if (!isRelative(module)) {
      names.set(`* from ${module}`, { file: path, origin: { local: "*", module } });
      continue;
    }
    for (const [name, found] of exportedNames(declarationPath(path, module), files)) {
      if (name !== "default" && !names.has(name)) names.set(name, found);
    }
  }
  return names;
}

function declarationsOf(
  name: string,
  path: string,
  { local, module }: Origin,
  files: Map<string, DeclarationFile>,
): readonly string[] {
  if (module === undefined) {
    const declarations = readDeclarations(path, files).declared.get(local);
    if (declarations === undefined) throw new Error(`${path} exports ${local} and does not declare it`);
    return local === name ? declarations : [...declarations, `export { ${local} as ${name} };`];
  }
  const renamed = local === name ? name : `${local} as ${name}`;
  if (!isRelative(module)) {
    return [local === "*" ? `export * from "${module}";` : `export { ${renamed} } from "${module}";`];
  }
  const target = declarationPath(path, module);
  if (local === "*") {
    const inner = [...exportedNames(target, files).keys()].sort();
    return [`export * as ${name}: ${inner.join(", ")}`];
  }
  const found = exportedNames(target, files).get(local);
  if (found === undefined) throw new Error(`${path} exports ${local}, which ${module} has not`);
  const declarations = declarationsOf(local, found.file, found.origin, files);
  return local === name ? declarations : [...declarations, `export { ${renamed} };`];
}

function mentionsOf(path: string, { local, module }: Origin, files: Map<string, DeclarationFile>): readonly string[] {
  if (module !== undefined) {
    if (!isRelative(module) || local === "*") return [];
    const target = declarationPath(path, module);
    const found = exportedNames(target, files).get(local);
    return found === undefined ? [] : mentionsOf(found.file, found.origin, files);
  }
  const { imported } = readDeclarations(path, files);
  const own = [...imported].filter(
    ([name, origin]) => origin.module !== undefined && isRelative(origin.module) && origin.local === name,
  );
  return mentionedIn(
    path,
    local,
    own.map(([name]) => name),
    files,
  );
}

/** Which of some names the declarations of one mention. */
function mentionedIn(
  path: string,
  declaring: string,
  names: readonly string[],
  files: Map<string, DeclarationFile>,
): readonly string[] {
  const { declared } = readDeclarations(path, files);
  const text = (declared.get(declaring) ?? []).join("\n").replaceAll(/"[^"\n]*"/g, '""');
  // A name before a colon is a property or a parameter; what `typeof` takes is a value.
  return names.filter(
    (name) =>
      name !== declaring && new RegExp(`(?<![\\w$.]|typeof )${name.replaceAll("$", "\\$")}(?![\\w$]|\\??:)`).test(text),
  );
}

function needsOf(path: string, { local, module }: Origin, files: Map<string, DeclarationFile>): readonly Origin[] {
  if (module !== undefined) {
    if (!isRelative(module)) return local === "*" ? [] : [{ local, module }];
    if (local === "*") return [];
    const target = declarationPath(path, module);
    const found = exportedNames(target, files).get(local);
    return found === undefined ? [] : needsOf(found.file, found.origin, files);
  }
  const { imported, declared } = readDeclarations(path, files);
  return mentionedIn(path, local, [...imported.keys(), ...declared.keys()], files).map((name) => {
    const origin = imported.get(name);
    return origin?.module === undefined || isRelative(origin.module) ? { local: origin?.local ?? name } : origin;
  });
}

function readDeclarations(path: string, files: Map<string, DeclarationFile>): DeclarationFile {
  const known = files.get(path);
  if (known !== undefined) return known;
  const declared = new Map<string, string[]>();
  const exported = new Map<string, Origin>();
  const imported = new Map<string, Origin>();
  const passedOn: string[] = [];
  for (const statement of statementsOf(readFileSync(path, "utf8"))) {
    const list = /^(import|export) (?:type )?\{([^}]*)\}(?: from "([^"]+)")?/.exec(statement);
    if (list !== null) {
      const [, kind, names = "", module] = list;
      for (const [local, name] of namesOf(names)) {
        if (kind === "import") imported.set(name, { local, ...(module !== undefined && { module }) });
        else exported.set(name, module === undefined ? (imported.get(local) ?? { local }) : { local, module });
      }
      continue;
    }
    const star = /^export (?:type )?\* (?:as (\w+) )?from "([^"]+)"/.exec(statement);
    if (star !== null) {
      const [, name, module = ""] = star;
      if (name === undefined) passedOn.push(module);
      else exported.set(name, { local: "*", module });
      continue;
    }
    const declaration =
      /^(export )?(?:default )?(?:declare )?(?:abstract )?(?:const |let |function |class |interface |type |enum |namespace )([\w$]+)/.exec(
        statement,
      );
    if (declaration === null) continue;
    const [, isExported, name = ""] = declaration;
    declared.set(name, [...(declared.get(name) ?? []), statement]);
    if (isExported !== undefined) exported.set(name, { local: name });
  }
  const file = { declared, exported, imported, passedOn };
  files.set(path, file);
  return file;
}

function namesOf(list: string): readonly (readonly [local: string, name: string])[] {
  return list
    .split(",")
    .map((item) => item.trim().replace(/^type /, ""))
    .filter((item) => item !== "")
    .map((item) => {
      const [local = "", name = local] = item.split(" as ");
      return [local, name];
    });
}

/** The compiler begins each statement of a file in the first column, and indents what belongs to it. */
function statementsOf(text: string): readonly string[] {
  const statements: string[] = [];
  const plain = text
    .replaceAll(/^[^\S\n]*\/\*\*(?:(?!\*\/)[\s\S])*\*\/[^\S\n]*\n/gm, "")
    .replaceAll(/\/\*\*(?:(?!\*\/)[\s\S])*\*\/ ?/g, "")
    .replaceAll(/^\/\/.*\n?/gm, "");
  for (const line of plain.split("\n")) {
    if (line.trim() === "") continue;
    if (/^[\w]/.test(line) || statements.length === 0) statements.push(line);
    else statements.push(`${statements.pop() ?? ""}\n${line}`);
  }
  return statements;
}

function isRelative(module: string): boolean {
  return module.startsWith(".");
}

function declarationPath(from: string, module: string): string {
  const path = join(dirname(from), module);
  const declarations = path.replace(/\.(?:ts|js)$/, ".d.ts");
  if (!existsSync(declarations)) throw new Error(`${from} names ${module}, which has no declarations: build first`);
  return declarations;
}
