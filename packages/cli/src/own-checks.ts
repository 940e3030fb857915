import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { readJson } from "./read-json.ts";
import { pathToFileURL } from "node:url";
import { isRecord, jsonIn, parseYamlDocuments } from "@plimsoll/formats";
import type { Diagnostic } from "@plimsoll/model";
import { pullPolicyFiles, treeFiles } from "@plimsoll/node";
import { everyCheck, regoChecks, schemasNamedIn } from "plimsoll";
import type { Check } from "plimsoll";
import type { CheckFlags } from "./check-flags.ts";
import { UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { registryOf } from "./registry-flags.ts";
import type { RegistryFlags } from "./registry-flags.ts";

/** Largest file of checks or data, in bytes. */
const maxCheckBytes = 16 * 1024 * 1024;

/** The user's own checks, and diagnostics about them. */
export interface OwnChecks {
  readonly checks: readonly Check[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the checks that `--config-check` names: each JavaScript module separately, and all Rego together, because its packages call each other. */
export async function readOwnChecks(
  flags: CheckFlags & RegistryFlags,
  terminal: Pick<Terminal, "env" | "signal">,
): Promise<OwnChecks> {
  const named = flags.configCheck ?? [];
  const references = named.filter((name) => name.startsWith(artifactPrefix));
  const paths = named.filter((name) => !name.startsWith(artifactPrefix)).map(pathOf);
  const isModule = (path: string): boolean => !path.endsWith(".rego") && !statSync(path).isDirectory();
  const modules = await Promise.all(paths.filter(isModule).map(moduleChecks));
  const directories = paths.filter((path) => !isModule(path));
  const files = await filesBelow(directories, (path) => path.endsWith(".rego"));
  const names = new Set(files.flatMap(({ text }) => schemasNamedIn(text)));
  const schemas = await filesBelow(directories, (path) => path.endsWith(".json") && names.has(basename(path, ".json")));
  const pulled = await Promise.all(references.map((reference) => pulledFiles(reference, flags, terminal)));
  const data = await filesBelow(flags.configData ?? [], (path) => /\.(?:ya?ml|json)$/.test(path));
  const rego = regoChecks([...files, ...schemas, ...pulled.flat()], {
    data: Object.fromEntries([...pulled.flat().flatMap(bundledData), ...data.flatMap(mappings)]),
    namespaces: flags.checkNamespaces?.flatMap((list) => list.split(",")),
    schemas: flags.configFileSchemas === undefined ? undefined : await fileSchemas(flags.configFileSchemas),
  });
  return { checks: [...modules.flat(), ...rego.checks], diagnostics: rego.diagnostics };
}

/** A path that is there, or the module of the package that is called so. */
function pathOf(name: string): string {
  const path = existsSync(name) ? name : packageModule(name);
  if (path !== undefined) return path;
  throw new UsageError(
    name.includes("://")
      ? `--config-check ${name}: checks are read from files, directories, packages and artifacts (oci://REFERENCE)`
      : `--config-check: there is no file, directory or installed package ${name}`,
  );
}

/** The module of an installed package, as a program in the working directory would import it. */
function packageModule(name: string): string | undefined {
  const [, packageName] = /^((?:@[\w.~-]+\/)?[\w~-][\w.~-]*)(?:\/[\w.~/-]+)?$/.exec(name) ?? [];
  if (packageName === undefined) return undefined;
  try {
    const found = createRequire(resolve("checks.js")).resolve(name);
    // What Node itself has by this name is no package.
    return isAbsolute(found) ? found : undefined;
  } catch {
    // What may be imported only is not found by the rules of `require`.
    if (packageName !== name) return undefined;
  }
  try {
    return importedModule(name);
  } catch {
    throw new UsageError(`--config-check ${name}: the package.json of the package cannot be read`);
  }
}

function importedModule(packageName: string): string | undefined {
  for (let folder = resolve("."); ; folder = dirname(folder)) {
    const home = join(folder, "node_modules", packageName);
    if (existsSync(join(home, "package.json"))) {
      const manifest = jsonIn(readFileSync(join(home, "package.json"), "utf8"));
      const exports = member(manifest, "exports");
      const imported = member(member(exports, ".") ?? exports, "import");
      const entry = typeof imported === "string" ? imported : member(imported, "default");
      return typeof entry === "string" ? join(home, entry) : undefined;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key] // Checked: it has this member.
    : undefined;
}

/** The built-in checks and the user's own. */
export async function withOwnChecks(...named: Parameters<typeof readOwnChecks>): Promise<OwnChecks> {
  const { checks, diagnostics } = await readOwnChecks(...named);
  return { checks: [...everyCheck, ...checks], diagnostics };
}

const artifactPrefix = "oci://";

interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** The files of an artifact, each under the reference that it came from. */
async function pulledFiles(
  reference: string,
  flags: RegistryFlags,
  terminal: Pick<Terminal, "env" | "signal">,
): Promise<readonly NamedText[]> {
  const files = await pullPolicyFiles(reference, { registry: registryOf(flags, terminal), signal: terminal.signal });
  return Array.from(files, ([path, text]) => ({ path: `${reference}/${path}`, text }));
}

/** What `--config-file-schemas` names: each schema by the name of its file without its ending. */
async function fileSchemas(lists: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const paths = lists.flatMap((list) => list.split(","));
  for (const path of paths)
    if (!existsSync(path)) throw new UsageError(`--config-file-schemas: there is no file or directory ${path}`);
  const files = await filesBelow(paths, (path) => path.endsWith(".json"));
  if (files.length === 0) throw new UsageError(`--config-file-schemas: there is no file ….json in ${paths.join(", ")}`);
  return Object.fromEntries(
    files.map(({ path, text }) => [basename(path, ".json"), readJson("--config-file-schemas", path, text)]),
  );
}

/** Mappings are merged; anything else has no names to be seen by. */
function mappings({ text }: NamedText): readonly (readonly [string, unknown])[] {
  return parseYamlDocuments(text).documents.flatMap(({ value }) => (isRecord(value) ? Object.entries(value) : []));
}

/** Of an artifact only files called `data` are data, as in OPA's bundles; others are fixtures and specifications. */
function bundledData(file: NamedText): readonly (readonly [string, unknown])[] {
  return /\/data\.(?:ya?ml|json)$/.test(file.path) ? mappings(file) : [];
}

async function filesBelow(paths: readonly string[], wanted: (path: string) => boolean): Promise<readonly NamedText[]> {
  const files: NamedText[] = [];
  for (const root of paths) {
    const tree = await treeFiles(root);
    for (const path of tree.paths.filter(wanted)) {
      const text = await tree.read(path, maxCheckBytes);
      if (typeof text !== "string") throw new UsageError(`${root}: ${text.message}`);
      files.push({ path: `${root}/${path}`, text });
    }
  }
  return files;
}

/** Checks that a module exports: its `default`, or `checks`; one of them or a list. */
async function moduleChecks(file: string): Promise<readonly Check[]> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(resolve(file)).href)) as Readonly<Record<string, unknown>>; // A module's exports.
  } catch (error) {
    throw new UsageError(`--config-check ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const exported = module["default"] ?? module["checks"];
  const checks: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  for (const check of checks) {
    const problem = checkProblem(check);
    if (problem !== undefined) throw new UsageError(`--config-check ${file}: ${problem}`);
  }
  return checks as readonly Check[]; // Each was looked at above.
}

function checkProblem(check: unknown): string | undefined {
  if (typeof check !== "object" || check === null) return "the module exports no check as default or as checks";
  const { id, title, severity, subject, evaluate } = check as Readonly<Record<string, unknown>>; // A non-null object.
  if (typeof id !== "string" || id === "") return "a check has no id";
  if (typeof evaluate !== "function") return `the check ${id} has no function evaluate`;
  if (!["dockerfile", "kubernetes", "document"].includes(String(subject)))
    return `the subject of the check ${id} is none of dockerfile, kubernetes, document`;
  const missing = [
    ["title", title],
    ["severity", severity],
  ].find(([, value]) => typeof value !== "string");
  return missing === undefined ? undefined : `the check ${id} has no ${String(missing[0])}`;
}
