import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { compileGlob, parseYamlDocuments } from "@plimsoll/formats";
import { parseJson, schemaName, type Problem } from "@plimsoll/rego";

/** Policies and data as they were read. */
export interface LoadedPolicies {
  readonly modules: readonly { path: string; text: string }[];
  readonly data: Record<string, unknown>;
}

/** Which files to read. */
export interface LoadOptions {
  /** Names or paths of files and directories to leave out. */
  readonly ignored?: readonly string[] | undefined;
  /** Only files whose names end with `.rego`. */
  readonly onlyPolicies?: boolean;
}

/** Files that could not be read (`problems`), and the policies that could (`modules`). */
export class LoadError extends Error {
  override readonly name = "LoadError";
  readonly problems: readonly Problem[];
  readonly modules: LoadedPolicies["modules"];

  constructor(problems: readonly Problem[], modules: LoadedPolicies["modules"] = []) {
    super(problems.map(({ message }) => message).join("\n"));
    this.problems = problems;
    this.modules = modules;
  }
}

/**
 * Reads policies and data as `opa` does: data files in subdirectories are placed under the names of the subdirectories; `a.b:path` places the data
 * of a path under `data.a.b`.
 * @throws LoadError with all files that cannot be read
 */
export function loadPolicies(
  paths: readonly string[],
  { ignored = [], onlyPolicies = false }: LoadOptions = {},
): LoadedPolicies {
  const isIgnored = ignored.map((glob) => compileGlob(glob.includes("/") ? glob : `**/${glob}`));
  const modules: { path: string; text: string }[] = [];
  const problems: Problem[] = [];
  const data: Record<string, unknown> = {};
  const from: { readonly path: string; readonly document: Record<string, unknown> }[] = [];
  const seen = new Set<string>();
  const read = (root: string, path: string, under: readonly string[]): void => {
    const key = JSON.stringify([under, resolve(path)]);
    if (seen.has(key)) return;
    seen.add(key);
    if (onlyPolicies && !path.endsWith(".rego")) return;
    const text = readFileSync(path, "utf8");
    const found = documentOf(path, text, path === root);
    if (found === undefined) return;
    if (found.kind === "policy") {
      modules.push({ path, text });
      return;
    }
    if (!isMembers(found.value)) throw new LoadError([{ message: `${path}: document must be of type object` }]);
    const document = underNames(under, found.value);
    const conflict = firstConflict(data, document);
    if (conflict !== undefined) throw new LoadError([{ message: conflictText(path, conflict, from) }]);
    merge(data, document);
    from.push({ path, document });
  };
  const visit = (root: string, path: string, under: readonly string[], above: readonly string[] = []): void => {
    const isRoot = path === root;
    try {
      const found = statSync(path);
      if (!isRoot && isIgnored.some((matches) => matches(path) || matches(relative(root, path)))) return;
      if (isRoot && found.isFile() && isIgnored.some((matches) => matches(path))) return;
      if (!found.isDirectory()) {
        if (!isRoot) requireFile(path, found);
        read(root, path, under);
        return;
      }
      const names = isRoot ? under : [...under, basename(path)];
      const around = within(path, found, above);
      for (const name of readdirSync(path).sort()) visit(root, join(path, name), names, around);
    } catch (error) {
      problems.push(...problemsOf(path, error));
    }
  };
  for (const named of paths) {
    try {
      const { under, path } = splitPrefix(named);
      visit(path, path, under);
    } catch (error) {
      problems.push(...problemsOf(named, error));
    }
  }
  if (problems.length > 0) throw new LoadError(problems, modules);
  return { modules, data };
}

/** Reads a JSON or YAML document, whatever its file name; `label` precedes error messages. */
export function readDocument(path: string, label: string = path): unknown {
  return parseDocument(label, readOrFail(path));
}

/** Parses a JSON or YAML text; `label` precedes error messages. */
export function parseDocument(label: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return yamlDocument(label, text);
  }
}

function jsonDocument(path: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new LoadError([{ message: `${path}: ${error instanceof Error ? error.message : "unreadable"}` }]);
  }
}

/** The first document of a stream, its scalars read as `opa` does, by version 3 of Go's package. */
function yamlDocument(path: string, text: string): unknown {
  const { documents, problems } = parseYamlDocuments(text, { booleans: "1.2" });
  const [problem] = problems;
  if (problem !== undefined)
    throw new LoadError([{ message: `${path}: yaml: line ${problem.line}: ${problem.message}` }]);
  const value = documents[0]?.value ?? null;
  if (/\.(?:inf|nan)|e[+]?[0-9]{3}/i.test(text)) refuseNonFinite(path, value);
  return value;
}

/** JSON has no infinity. */
function refuseNonFinite(path: string, value: unknown): void {
  const waiting = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === "number" && !Number.isFinite(next))
      throw new LoadError([{ message: `${path}: error converting YAML to JSON: json: unsupported value: ${next}` }]);
    if (typeof next === "object" && next !== null) for (const value of Object.values(next)) waiting.push(value);
  }
}

/** Reads schemas: a file is the schema of `input`; files in a directory are named by their paths. */
export function readSchemas(path: string): ReadonlyMap<string, unknown> {
  const schemas = new Map<string, unknown>();
  const visit = (at: string, above: readonly string[] = []): void => {
    const found = statSync(at);
    if (found.isDirectory()) {
      const around = within(at, found, above);
      for (const name of readdirSync(at).sort()) visit(join(at, name), around);
      return;
    }
    if (at !== path) requireFile(at, found);
    const names = at === path ? [] : relative(path, at).replace(/\.[^./]*$/, "").split(sep); // prettier-ignore
    schemas.set(names.length === 0 ? "schema" : schemaName(names), readDocument(at));
  };
  try {
    visit(path);
  } catch (error) {
    throw new LoadError(problemsOf(path, error));
  }
  return schemas;
}

/** A pipe or a device that nobody named has no end, as a rule. */
function requireFile(path: string, found: Stats): void {
  if (!found.isFile()) throw new LoadError([{ message: `read ${path}: not a regular file` }]);
}

/** The directories around what is in one; where it is among them itself, links go round in a circle. */
function within(path: string, { dev, ino }: Stats, above: readonly string[]): readonly string[] {
  const id = `${dev}:${ino}`;
  if (ino !== 0 && above.includes(id)) throw new LoadError([{ message: `stat ${path}: ${tooManyLinks}` }]);
  return [...above, id];
}

function readOrFail(path: string): string {
  try {
    return readFileSync(cleanPath(path), "utf8");
  } catch (error) {
    throw new LoadError(problemsOf(path, error));
  }
}

/** What stands in a file; nothing where its kind is unknown and it was not named itself. */
function documentOf(
  path: string,
  text: string,
  isNamed: boolean,
): { readonly kind: "policy" } | { readonly kind: "data"; readonly value: unknown } | undefined {
  if (path.endsWith(".rego")) return { kind: "policy" };
  if (path.endsWith(".json")) return { kind: "data", value: jsonDocument(path, text) };
  if (/\.ya?ml$/.test(path)) return { kind: "data", value: yamlDocument(path, text) };
  if (!isNamed) return undefined;
  if (/^\s*(?:#[^\n]*\n\s*)*package\s/.test(text)) return { kind: "policy" };
  try {
    return { kind: "data", value: parseDocument(path, text) };
  } catch {
    throw new LoadError([{ message: `${path}: can't recognize file type` }]);
  }
}

/** `a.b:path`: under which names of `data` a path is put. */
function splitPrefix(named: string): { readonly under: readonly string[]; readonly path: string } {
  const colon = named.indexOf(":");
  if (colon <= 0 || named.indexOf("://") === colon || (sep === "\\" && /^[a-z]:[\\/]/i.test(named)))
    return { under: [], path: cleanPath(named) };
  return { under: named.slice(0, colon).split("."), path: cleanPath(named.slice(colon + 1)) };
}

function cleanPath(path: string): string {
  return path.startsWith("file://") ? fileURLToPath(path) : path;
}

const tooManyLinks = "too many levels of symbolic links";

/** The reasons of the operating system as `opa` tells them. */
const reasons: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "no such file or directory"],
  ["EACCES", "permission denied"],
  ["ENOTDIR", "not a directory"],
  ["EISDIR", "is a directory"],
  ["ELOOP", tooManyLinks],
]);

function problemsOf(path: string, error: unknown): readonly Problem[] {
  if (error instanceof LoadError) return error.problems;
  const { code = "", syscall = "open" } = error as NodeJS.ErrnoException; // as: whatever was thrown is asked for its code
  const reason = reasons.get(code);
  if (reason === undefined && code === "") throw error;
  return [{ message: `${syscall} ${path}: ${reason ?? code}` }];
}

function isMembers(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function underNames(names: readonly string[], value: Record<string, unknown>): Record<string, unknown> {
  let document = value;
  for (const name of [...names].reverse()) {
    const around: Record<string, unknown> = {};
    put(around, name, document);
    document = around;
  }
  return document;
}

/** Sets a member that may have any name, `__proto__` too. */
function put(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** The first path at which both have something, and not both an object. */
function firstConflict(
  known: Record<string, unknown>,
  added: Record<string, unknown>,
): readonly [string, ...string[]] | undefined {
  for (const name of Object.keys(added).sort()) {
    if (!Object.hasOwn(known, name)) continue;
    const [a, b] = [known[name], added[name]];
    if (!isMembers(a) || !isMembers(b)) return [name];
    const further = firstConflict(a, b);
    if (further !== undefined) return [name, ...further];
  }
  return undefined;
}

function conflictText(
  path: string,
  conflict: readonly string[],
  from: readonly { readonly path: string; readonly document: Record<string, unknown> }[],
): string {
  const place = conflict.map((name) => (/^[a-z_]\w*$/i.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`)).join("");
  const other = from.find(({ document }) => hasPath(document, conflict));
  const where = other === undefined ? "data from multiple files must not overlap" : `also defined in ${other.path}`;
  return `${path}: merge error: conflicting values at data${place}, ${where}`;
}

function hasPath(document: Record<string, unknown>, path: readonly string[]): boolean {
  let at: unknown = document;
  for (const name of path) {
    if (!isMembers(at) || !Object.hasOwn(at, name)) return false;
    at = at[name];
  }
  return true;
}

function merge(into: Record<string, unknown>, added: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(added)) {
    const known = Object.hasOwn(into, name) ? into[name] : undefined;
    if (isMembers(known) && isMembers(value)) merge(known, value);
    else put(into, name, isMembers(value) ? copyOf(value) : value);
  }
}

/** Objects are merged into: those of a file stay as they are. */
function copyOf(value: Record<string, unknown>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  merge(copy, value);
  return copy;
}
