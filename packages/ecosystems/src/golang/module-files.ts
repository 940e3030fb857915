import { textLines } from "@plimsoll/formats";
import type { Steps } from "@plimsoll/formats";
import { inTurns } from "@plimsoll/model";
import type { AnalyzedFile, FileAnalyzer, FoundPackage, TreeAnalyzer, Observation } from "@plimsoll/model";
import { tooManyValuesByEntries } from "../shared/reading/value-limit.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { recognized, unlessRecognized } from "../shared/reading/recognized-file.ts";
import { joinPath } from "../shared/reading/relative-path.ts";
import { goModSteps, goWorkSteps } from "./go-mod.ts";
import type { GoMod, GoReplacement } from "./go-mod.ts";

/**
 * `go.mod`, `go.sum` and `go.work` (https://go.dev/ref/mod). Since Go 1.17 go.mod lists all modules a build needs; before, or alone,
 * go.sum adds the others. The `go` and `toolchain` lines are lower bounds and no packages. A workspace puts its own modules, and what
 * it replaces, in place of what they require.
 */
export const goModuleFiles: TreeAnalyzer = {
  kind: "tree",
  id: "golang/module-files",
  revision: 8,
  evidence: "declared",
  readsByEntries: true,
  matches: [{ basename: "go.mod" }, { basename: "go.sum" }, { basename: "go.work" }],
  maxBytes: 16 * 1024 * 1024,
  async *analyze(given) {
    const files = new Map<string, AnalyzedFile>();
    for (const file of given) {
      const tooMany = tooManyValuesByEntries(file, await file.bytes(), "lines");
      if (tooMany === undefined) files.set(file.path, file);
      else yield tooMany;
    }
    const workspaces = new Map<string, FindReplacement>();
    for (const file of files.values()) if (file.path.endsWith("go.work")) yield* readWorkspace(file, files, workspaces);
    for (const file of files.values()) {
      const directory = file.path.slice(0, file.path.lastIndexOf("/") + 1);
      if (file.path.endsWith("go.mod"))
        yield* readModule(file, files.get(`${directory}go.sum`), workspaces.get(file.path));
      else if (file.path.endsWith("go.sum")) {
        const text = await file.text();
        yield* unlessRecognized(file, text, /^\S+ v\S+ h1:/m);
        if (files.get(`${directory}go.mod`) === undefined)
          for (const [name, version] of await inTurns(goSumSteps(text)))
            yield { kind: "package", package: { name, version }, at: file.path };
      }
    }
  },
};

/** Notes, by the path of each module's go.mod, what a workspace puts in place of its requirements. */
async function* readWorkspace(
  file: AnalyzedFile,
  files: ReadonlyMap<string, AnalyzedFile>,
  workspaces: Map<string, FindReplacement>,
): AsyncGenerator<Observation> {
  const workspace = await inTurns(goWorkSteps(await file.text()));
  if (workspace === undefined) return yield malformedFile(file, "is no go.work: it uses no module");
  const members: string[] = [];
  const replacements = [...workspace.replacements];
  for (const use of new Set(workspace.uses)) {
    const path = joinPath(file.path, `${use}/go.mod`);
    const module = files.get(path);
    const name = module === undefined ? undefined : (await inTurns(goModSteps(await module.text())))?.module;
    members.push(path);
    if (name !== undefined) replacements.push({ path: name, target: { path: use }, line: 1 });
  }
  const find = firstOf(replacements);
  for (const path of members) if (!workspaces.has(path)) workspaces.set(path, find);
}

async function* readModule(
  file: AnalyzedFile,
  sums: AnalyzedFile | undefined,
  ofWorkspace: FindReplacement | undefined,
): AsyncGenerator<Observation> {
  const stated = await inTurns(goModSteps(await file.text()));
  if (stated === undefined) return yield malformedFile(file, "is no go.mod: it names no module and requires none");
  const mod = isDependency(file.path) ? { ...stated, replacements: [], excluded: new Set<string>() } : stated;
  const required = new Map<string, FoundPackage>();
  for (const { package: found, line } of requirementsOf(mod, ofWorkspace)) {
    if (mod.excluded.has(`${found.name}@${found.version}`)) {
      yield excludedVersion(file, found, line);
      continue;
    }
    required.set(found.key ?? found.name, found);
    yield { kind: "package", package: found, at: file.path, line };
  }
  if (mod.module !== undefined)
    yield {
      kind: "package",
      package: {
        name: mod.module,
        version: "",
        relationship: "root",
        origin: "project",
        dependsOn: [...required.keys()],
      },
      at: file.path,
      line: mod.line,
    };
  if (sums === undefined || listsEverything(mod.go)) return;
  for (const [name, version] of await inTurns(goSumSteps(await sums.text())))
    if (!required.has(name))
      yield { kind: "package", package: { name, version, relationship: "indirect" }, at: sums.path };
}

/** Directories of the module cache end with the version. What a module there replaces and excludes is for itself as the main module. */
function isDependency(path: string): boolean {
  return /(?:^|\/)[^/]*@v\d[^/]*\//.test(path);
}

/** Which version is taken in its place is known to who asks the proxy for all there are. */
function excludedVersion(file: AnalyzedFile, { name, version }: FoundPackage, line: number): Observation {
  return {
    kind: "diagnostic",
    code: "unresolved-dependencies",
    effect: "incomplete",
    message: `${file.path} excludes ${name} ${version}, which it requires: Go uses the next higher version, which the file does not name`,
    location: { path: file.path, line },
  };
}

/** The first replacement of a module's version, if there is one. */
type FindReplacement = (path: string, version: string) => GoReplacement | undefined;

function firstOf(replacements: readonly GoReplacement[]): FindReplacement {
  const places = new Map<string, number>();
  for (const [at, { path, version }] of replacements.entries()) {
    const key = version === undefined ? path : `${path} ${version}`;
    if (!places.has(key)) places.set(key, at);
  }
  return (path, version) => {
    const at = Math.min(places.get(path) ?? Infinity, places.get(`${path} ${version}`) ?? Infinity);
    return replacements[at];
  };
}

function* requirementsOf(
  mod: GoMod,
  ofWorkspace: FindReplacement | undefined,
): Generator<{ readonly package: FoundPackage; readonly line: number }> {
  const find = firstOf(mod.replacements);
  for (const { path, version, indirect, line: required } of mod.requirements) {
    const own = find(path, version);
    const replacement = ofWorkspace?.(path, version) ?? own;
    // Lines are of this file, also where another one decides.
    const line = replacement === own ? (own?.line ?? required) : required;
    const target = replacement?.target;
    const isModule = target?.version !== undefined;
    yield {
      package: {
        name: isModule ? target.path : path,
        version: isModule ? (target.version ?? "") : target === undefined ? version : "",
        key: path,
        relationship: indirect ? "indirect" : "direct",
        ...(target === undefined ? {} : { facts: isModule ? { replaces: path } : { from: target.path } }),
        ...(target === undefined || isModule ? {} : { origin: "path" }),
      },
      line: isModule ? line : required,
    };
  }
}

/** https://go.dev/ref/mod#graph-pruning */
function listsEverything(go: string | undefined): boolean {
  const [, major = "0", minor = "0"] = /^(\d+)\.(\d+)/.exec(go ?? "") ?? [];
  return Number(major) > 1 || Number(minor) >= 17;
}

/** To read a line takes about as long as looking at its characters so many times. */
const timesToRead = 8;

/** The last, highest version of each module, as the file is sorted. */
function* goSumSteps(text: string): Steps<ReadonlyMap<string, string>> {
  const versions = new Map<string, string>();
  for (const line of textLines(text)) {
    yield line.length * timesToRead;
    const [path, version, sum] = line.trim().split(/\s+/);
    if (path !== undefined && version !== undefined && sum?.startsWith("h1:") === true)
      versions.set(path, version.replace(/\/go\.mod$/, ""));
  }
  return versions;
}

/** `vendor/modules.txt`, the modules whose source is copied into a program's own (https://go.dev/ref/mod#vendoring). */
export const goVendorModules: FileAnalyzer = recognized(
  {
    kind: "file",
    id: "golang/vendor-modules",
    revision: 2,
    evidence: "declared",
    matches: [{ suffix: "vendor/modules.txt" }],
    maxBytes: 16 * 1024 * 1024,
    async *analyze(file) {
      let number = 0;
      const seen = new Set<string>();
      let current: { readonly package: FoundPackage; readonly line: number } | undefined;
      for (const line of (await file.text()).split("\n")) {
        number++;
        if (line.startsWith("##") || line.trim() === "") continue;
        if (line.startsWith("#")) {
          const found = vendoredModule(line);
          current = found === undefined ? undefined : { package: found, line: number };
          continue;
        }
        // A module without packages below it is required, but nothing of it is copied.
        const id = `${current?.package.name}@${current?.package.version}`;
        if (current !== undefined && !seen.has(id)) yield { kind: "package", ...current };
        seen.add(id);
        current = undefined;
      }
    },
  },
  /^# \S/m,
);

/** `# path version`, `# path version => path version`, `# path => path version`. */
function vendoredModule(line: string): FoundPackage | undefined {
  if (!line.startsWith("# ")) return undefined;
  const [before = "", after] = line.slice(2).split(" => ", 2);
  const [path = "", version = ""] = before.trim().split(/\s+/);
  const [otherPath = "", otherVersion] = (after ?? "").trim().split(/\s+/);
  if (path === "") return undefined;
  if (otherVersion !== undefined)
    return { name: otherPath, version: otherVersion, key: path, facts: { replaces: path } };
  return version === ""
    ? undefined
    : { name: path, version, ...(after === undefined ? {} : { facts: { from: otherPath } }) };
}
