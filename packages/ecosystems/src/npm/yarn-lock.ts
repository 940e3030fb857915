import { parseJson } from "@plimsoll/formats";
import { workDone } from "@plimsoll/model";
import type { AnalyzedFile, FoundPackage, TreeAnalyzer, Observation, RetainedFiles } from "@plimsoll/model";
import { malformedFile, readOrReport } from "../shared/reading/malformed-file.ts";
import { membersOf } from "../shared/reading/member-patterns.ts";
import { scopesFrom } from "../shared/reading/reachable-scopes.ts";
import type { DirectNeeds } from "../shared/reading/reachable-scopes.ts";
import { entriesOf, isRecord, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { hashesOf } from "./integrity.ts";
import { replacementsOf } from "./yarn-resolutions.ts";
import { tooManyEntries, tooManyValuesByEntries } from "../shared/reading/value-limit.ts";
import { elsewhere, originOf } from "../shared/names/elsewhere.ts";

/**
 * `yarn.lock` of Yarn 1 (https://classic.yarnpkg.com/lang/en/docs/yarn-lock/) and of later ones, whose YAML is simple enough for the
 * same reader. Direct dependencies, and which are only for development, are in the `package.json` beside it and in those of its
 * workspaces; without them none is marked.
 */
export const yarnLock: TreeAnalyzer = {
  kind: "tree",
  id: "npm/yarn-lock",
  revision: 5,
  evidence: "declared",
  matches: [{ basename: "yarn.lock" }, { basename: "package.json", outside: "node_modules" }],
  maxBytes: 128 * 1024 * 1024,
  readsByEntries: true,
  async *analyze(files): AsyncGenerator<Observation> {
    const manifests = [...files].filter(({ path }) => path.endsWith("package.json"));
    for (const file of files) if (file.path.endsWith("yarn.lock")) yield* readLock(file, files, manifests);
  },
};

/** To look through a lock takes about as long as reading it so many times; to understand what is written there, longer. */
const timesToLookThrough = 2;
const timesToUnderstand = 8;

async function* readLock(
  file: AnalyzedFile,
  files: RetainedFiles,
  manifests: readonly AnalyzedFile[],
): AsyncGenerator<Observation> {
  const tooManyValues = tooManyValuesByEntries(file, await file.bytes(), "yaml");
  if (tooManyValues !== undefined) return yield tooManyValues;
  const text = await file.text();
  await workDone(text.length * timesToLookThrough);
  const entries = await readEntries(text);
  const tooMany = tooManyEntries(file, entries.length);
  if (tooMany !== undefined) return yield tooMany;
  if (entries.length === 0 && !isEmptyLock(text)) yield malformedFile(file, "has no entry that Yarn would write");
  const keys = new Map(
    entries.flatMap((entry) => entry.descriptors.map((descriptor) => [descriptor, keyOf(entry)] as const)),
  );
  await workDone(text.length * timesToLookThrough);
  const locked = (name: string, range: string | undefined): string | undefined =>
    range === undefined ? undefined : (keys.get(`${name}@${range}`) ?? keys.get(`${name}@npm:${range}`));
  const only = onlyVersions(entries);
  const main = await mainManifest(file, files);
  const replaced = replacementsOf(main?.document["resolutions"]);
  const find: FindNeed = (need, parent) =>
    locked(need[0], replaced(need, parent)) ?? locked(need[0], need[1]) ?? only.get(need[0]);
  const edges = new Map(
    entries.map((entry) => [keyOf(entry), entry.needs.flatMap((need) => find(need, entry.name) ?? [])]),
  );
  await workDone(text.length * timesToLookThrough);
  const direct = main === undefined ? undefined : await directNeeds(main, manifests, find);
  const twins = patchedTwins(entries, keys);
  const scopeOf =
    direct === undefined
      ? undefined
      : scopesFrom(direct, (key) => [...(edges.get(key) ?? []), ...(twins.get(key) ?? [])]);
  for (const entry of entries) {
    if (entry.version === undefined) {
      yield malformedFile(file, `the entry ${entry.descriptors[0]?.slice(0, 80)} has no version`, entry.line);
      continue;
    }
    const pkg = packageOf(entry, entry.version, edges.get(keyOf(entry)) ?? []);
    const scope = pkg.relationship === undefined ? scopeOf?.(keyOf(entry)) : undefined;
    yield { kind: "package", package: { ...pkg, ...scope }, at: file.path, line: entry.line };
  }
}

/** Yarn writes a heading even when there is nothing to lock. */
function isEmptyLock(text: string): boolean {
  return text.split("\n").every((line) => /^(?:#.*|__metadata:|\s+(?:version|cacheKey): .*|\s*)$/.test(line.trimEnd()));
}

/** Gives the key of the entry that a need of a package (absent: of a project itself) leads to. */
interface FindNeed {
  (need: readonly [name: string, range: string], parent?: string): string | undefined;
}

/**
 * Links a patched package with the one that the patch is for, both ways: `typescript@patch:typescript@npm%3A^5#…`, which later Yarns put in
 * place of `typescript@npm:^5` unasked, is the same package and needed for the same reasons.
 */
function patchedTwins(
  entries: readonly Entry[],
  keys: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly string[]> {
  const twins = new Map<string, string[]>();
  const link = (from: string, to: string): void => {
    const known = twins.get(from);
    if (known === undefined) twins.set(from, [to]);
    else known.push(to);
  };
  for (const entry of entries) {
    for (const descriptor of entry.descriptors) {
      const [, source] = /@patch:((?:@[^/@]+\/)?[^/@]+@[^#]+)#/.exec(descriptor) ?? [];
      if (source === undefined) continue;
      const plain = source.replaceAll(/%3a/gi, ":");
      const [name, range] = splitDescriptor(plain);
      const original = keys.get(plain) ?? keys.get(`${name}@npm:${range}`);
      if (original === undefined) continue;
      link(keyOf(entry), original);
      link(original, keyOf(entry));
    }
  }
  return twins;
}

/** Resolutions may lock another range than was asked for: then a single entry of that name is meant. */
function onlyVersions(entries: readonly Entry[]): ReadonlyMap<string, string | undefined> {
  const keys = new Map<string, string | undefined>();
  for (const entry of entries) keys.set(entry.name, keys.has(entry.name) ? undefined : keyOf(entry));
  return keys;
}

/** The manifest beside a lock. */
interface MainManifest {
  readonly file: AnalyzedFile;
  /** Its directory, with a slash behind; empty at the top. */
  readonly root: string;
  readonly document: Readonly<Record<string, unknown>>;
}

async function mainManifest(lock: AnalyzedFile, files: RetainedFiles): Promise<MainManifest | undefined> {
  const root = lock.path.slice(0, -"yarn.lock".length);
  const file = files.get(`${root}package.json`);
  const document = file === undefined ? undefined : await readManifest(file);
  return file === undefined || document === undefined ? undefined : { file, root, document };
}

/** What the manifests of the project and of its workspaces ask for. */
async function directNeeds(
  { file: main, root, document }: MainManifest,
  manifests: readonly AnalyzedFile[],
  find: FindNeed,
): Promise<DirectNeeds> {
  const workspaces = document["workspaces"];
  const patterns = textsOf(Array.isArray(workspaces) ? workspaces : recordOf(workspaces)["packages"]);
  const isMember = membersOf(patterns);
  const documents = [document];
  for (const manifest of patterns.length === 0 ? [] : manifests) {
    if (!manifest.path.startsWith(root) || manifest === main) continue;
    const directory = manifest.path.slice(root.length, -"/package.json".length);
    if (isMember(directory)) documents.push((await readManifest(manifest)) ?? {});
  }
  const keysOf = (field: string): readonly string[] =>
    documents.flatMap((each) =>
      entriesOf(each[field]).flatMap(([name, range]) =>
        typeof range === "string" ? (find([name, range], textOf(each["name"])) ?? []) : [],
      ),
    );
  return {
    needed: keysOf("dependencies"),
    optional: keysOf("optionalDependencies"),
    dev: keysOf("devDependencies"),
  };
}

/** A broken manifest is reported by the analyzer of manifests. */
async function readManifest(file: AnalyzedFile): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await file.text();
  const read = readOrReport(file, () => parseJson(text));
  return "problem" in read || !isRecord(read.value) ? undefined : read.value;
}

interface Entry {
  readonly line: number;
  /** `name@range`, as dependencies ask for it. */
  readonly descriptors: readonly string[];
  readonly name: string;
  version: string | undefined;
  resolution: string | undefined;
  resolved: string | undefined;
  integrity: string | undefined;
  readonly needs: (readonly [string, string])[];
}

function packageOf(entry: Entry, version: string, dependsOn: readonly string[]): FoundPackage {
  const { name, local, from } = sourceOf(entry);
  const hashes = hashesOf(entry.integrity);
  return {
    name,
    version,
    key: keyOf(entry),
    ...(local ? { relationship: "workspace" as const } : {}),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...(hashes === undefined ? {} : { hashes }),
    ...(from === undefined ? {} : elsewhere(originOf(from), from)),
  };
}

function keyOf({ name, version, line }: Entry): string {
  return `${name}@${version ?? ""}#${line}`;
}

const localProtocol = /^(?:workspace|link|portal|file|exec):/;
const otherProtocol = /^(?:git\b|git\+|https?:|ssh:|github:|gitlab:|bitbucket:|[\w.-]+\/[\w.-]+(?:#|$))/;

/** The real name behind aliases, and where the package came from when that is not a registry. */
function sourceOf({ name, resolution, resolved, descriptors }: Entry): {
  readonly name: string;
  readonly local: boolean;
  readonly from?: string;
} {
  const [resolvedName, reference] = splitDescriptor(resolution ?? descriptors[0] ?? "");
  // The registry's address tells the real name even where an alias is written without its protocol.
  const fetched = /\/((?:@[^/]+\/)?[^/]+)\/-\//.exec(resolved?.replaceAll(/%2f/gi, "/") ?? "")?.[1];
  const alias = /^npm:((?:@[^/@]+\/)?[^/@]+)@/.exec(reference)?.[1];
  const real = alias ?? (resolution === undefined ? (fetched ?? name) : resolvedName);
  const plain = reference.replace(/^virtual:[^#]*#/, "");
  return {
    name: real === "" ? name : real,
    local: localProtocol.test(plain),
    ...(localProtocol.test(plain) || otherProtocol.test(plain) ? { from: plain } : {}),
  };
}

/** `@scope/name@range` in two. */
function splitDescriptor(descriptor: string): readonly [string, string] {
  const at = descriptor.indexOf("@", 1);
  return at === -1 ? [descriptor, ""] : [descriptor.slice(0, at), descriptor.slice(at + 1)];
}

async function readEntries(text: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  let current: Entry | undefined;
  let inDependencies = false;
  let line = 0;
  let [at, from] = [0, 0];
  for (const raw of text.split("\n")) {
    line++;
    from += raw.length + 1;
    const content = raw.trimEnd();
    const indent = content.length - content.trimStart().length;
    if (content === "" || content.trimStart().startsWith("#")) continue;
    if (indent === 0) {
      // To wait for nothing takes its time, too.
      const turn = workDone((from - at) * timesToUnderstand);
      if (turn !== undefined) await turn;
      at = from;
      current = entryOf(content, line);
      inDependencies = false;
      if (current !== undefined) entries.push(current);
    } else if (current !== undefined && indent === 2) {
      inDependencies = /^ {2}(?:dependencies|optionalDependencies):$/.test(content);
      if (!inDependencies) addField(current, content);
    } else if (current !== undefined && inDependencies && indent === 4) {
      const [name, range] = fieldOf(content) ?? [];
      if (name !== undefined && range !== undefined) current.needs.push([name, range]);
    }
  }
  return entries;
}

/** The heading of an entry: descriptors joined by commas, quoted one by one in Yarn 1 and as a whole later. */
function entryOf(content: string, line: number): Entry | undefined {
  if (!content.endsWith(":") || content.startsWith("__metadata")) return undefined;
  const descriptors = content
    .slice(0, -1)
    .split(",")
    .map((part) => part.trim().replace(/^"|"$/g, ""));
  const [name] = splitDescriptor(descriptors[0] ?? "");
  // A protocol that nobody knows tells nothing about what would be installed.
  if (name === "" || descriptors.some((descriptor) => descriptor.includes("@unsupported:"))) return undefined;
  return {
    line,
    descriptors,
    name,
    version: undefined,
    resolution: undefined,
    resolved: undefined,
    integrity: undefined,
    needs: [],
  };
}

function addField(entry: Entry, content: string): void {
  const [name, value] = fieldOf(content) ?? [];
  if (name === "version") entry.version = value;
  else if (name === "resolution") entry.resolution = value;
  else if (name === "resolved") entry.resolved = value;
  else if (name === "integrity") entry.integrity = value;
}

/** `name "value"` of Yarn 1, `name: value` later; either side may be quoted. */
function fieldOf(content: string): readonly [string, string] | undefined {
  const [, quoted, bare, quotedValue, value] =
    /^\s+(?:"([^"]+)"|([^\s:"]+(?::[^\s:"]+)*)):?\s+(?:"([^"]*)"|([^\s"].*|".*))$/s.exec(content) ?? [];
  const name = quoted ?? bare;
  const text = quotedValue ?? value;
  return name === undefined || text === undefined ? undefined : [name, text];
}
