import { shape } from "@plimsoll/formats";
import type { DocumentShape, JsonEntry } from "@plimsoll/formats";
import type { AnalyzedFile, Diagnostic, FileAnalyzer, FoundPackage, PackageObservation } from "@plimsoll/model";
import { jsonEntriesInTurns } from "../shared/reading/json-in-turns.ts";
import { malformedFile, readInTurnsOrReport } from "../shared/reading/malformed-file.ts";
import { entriesOf, isRecord, ownValue, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { hashesOf } from "./integrity.ts";
import { lookupDirectories, placeIn } from "./package-path.ts";
import { parseRegistrySpec } from "./registry-spec.ts";
import { tooManyEntries, tooManyValuesByEntries } from "../shared/reading/value-limit.ts";
import { recognized } from "../shared/reading/recognized-file.ts";
import { elsewhere, originOf } from "../shared/names/elsewhere.ts";
import { WrongEntries } from "../shared/reading/wrong-parts.ts";

const ranges = shape.entries(shape.scalar);
/** What is only compared with `true`. */
const marks = { dev: shape.anything, optional: shape.anything, devOptional: shape.anything, link: shape.anything };
const texts = { name: shape.text, version: shape.text, integrity: shape.text };
/** An entry of versions 2 and 3; the `dependencies` of version 2 say the same once more. */
const packageShape = shape.fields({
  ...texts,
  ...marks,
  resolved: shape.scalar,
  license: shape.either(shape.text, shape.list(shape.text)),
  dependencies: ranges,
  optionalDependencies: ranges,
  peerDependencies: ranges,
  devDependencies: ranges,
});
const oldEntry: DocumentShape = {
  kind: "fields",
  fields: {
    ...texts,
    ...marks,
    requires: ranges,
    get dependencies() {
      return shape.entries(oldEntry);
    },
  },
};
/** What is read of the document itself; `packages` are there in later versions. */
const oldMembers: Readonly<Record<string, DocumentShape>> = {
  name: shape.text,
  version: shape.text,
  packages: shape.entries(shape.anything),
  dependencies: shape.entries(oldEntry),
};

/**
 * `package-lock.json` and `npm-shrinkwrap.json`, lock file versions 1 to 3
 * (https://docs.npmjs.com/cli/configuring-npm/package-lock-json).
 */
export const npmPackageLock: FileAnalyzer = recognized(
  {
    kind: "file",
    id: "npm/package-lock",
    revision: 8,
    evidence: "declared",
    // `.package-lock.json` inside node_modules lists what the package.json files there prove better.
    matches: [{ basename: "package-lock.json" }, { basename: "npm-shrinkwrap.json" }],
    // npm does not look at a lock file beside a shrinkwrap.
    yieldsTo: { sibling: "npm-shrinkwrap.json" },
    maxBytes: 128 * 1024 * 1024,
    readsByEntries: true,
    async *analyze(file) {
      const bytes = await file.bytes();
      const tooManyValues = tooManyValuesByEntries(file, bytes, "json");
      if (tooManyValues !== undefined) return yield tooManyValues;
      const read = await readInTurnsOrReport(file, () => survey(file, bytes));
      if ("problem" in read) return yield read.problem;
      if ("kind" in read.value) return yield read.value;
      const { byDirectory, nested } = read.value;
      yield* (byDirectory ?? nested).wrong.report(file);
      yield* byDirectory === undefined ? readDependencies(bytes, nested) : readPackages(bytes, byDirectory);
    },
  },
  /"lockfileVersion"\s*:\s*\d|"(?:packages|dependencies)"\s*:\s*\{/,
);

type Entry = Readonly<Record<string, unknown>>;

/** What has to be known of the whole file before packages can be told. */
interface Survey {
  /** Set where `packages` is there. */
  readonly byDirectory: DirectorySurvey | undefined;
  readonly nested: NestedSurvey;
}

function isEntered(path: readonly unknown[]): boolean {
  return path.length === 0 || (path.length === 1 && (path[0] === "packages" || path[0] === "dependencies"));
}

/** Reads the file for the first time. A diagnostic where it is no lock file, or has more packages than can be remembered. */
async function survey(file: AnalyzedFile, bytes: Uint8Array): Promise<Survey | Diagnostic> {
  let isObject = false;
  let byDirectory: DirectorySurvey | undefined;
  const nested = new NestedSurvey();
  for await (const entry of jsonEntriesInTurns(bytes, isEntered)) {
    const [section] = entry.path;
    if (section === undefined) {
      isObject = entry.kind === "object";
      nested.line = entry.line;
    } else if (entry.path.length === 1) {
      if (section === "packages") byDirectory = entry.kind === "object" ? new DirectorySurvey(entry.line) : undefined;
      nested.addMember(String(section), entry);
    } else if (section === "packages") byDirectory?.add(entry);
    else if (section === "dependencies" && byDirectory === undefined) nested.add(entry);
    const tooMany = tooManyEntries(file, Math.max(byDirectory?.places.size ?? 0, nested.places.size));
    if (tooMany !== undefined) return tooMany;
  }
  return isObject ? { byDirectory, nested } : malformedFile(file, "not an object");
}

interface Place {
  readonly directory: string;
  /** Where the entry stands in the file that is about it: the last one counts. */
  readonly start: number;
}

/** Directories of packages. */
class Places {
  readonly #places = new Map<string, Place>();
  /** The packages in the `node_modules` of a directory, by their names; made once all are known. */
  #inside: ReadonlyMap<string, ReadonlyMap<string, string>> | undefined;

  get size(): number {
    return this.#places.size;
  }

  add(directory: string, { start }: JsonEntry): void {
    this.#places.set(directory, { directory, start });
  }

  clear(): void {
    this.#places.clear();
  }

  has(directory: string, { start }: JsonEntry): boolean {
    return this.#places.get(directory)?.start === start;
  }

  /** Where a package finds others of these names, as far as they are there: one text for each place, however often it is asked for. */
  lookUp(directory: string, names: readonly string[]): readonly string[] {
    if (names.length === 0) return [];
    this.#inside ??= this.#grouped();
    const inside = this.#inside;
    // For one name after the other a hostile file would take minutes.
    const near = lookupDirectories(directory).flatMap((above) => inside.get(above) ?? []);
    return names.flatMap((name) => near.find((packages) => packages.has(name))?.get(name) ?? []);
  }

  #grouped(): ReadonlyMap<string, ReadonlyMap<string, string>> {
    const inside = new Map<string, Map<string, string>>();
    for (const { directory } of this.#places.values()) {
      const place = placeIn(directory);
      if (place === undefined) continue;
      const packages = inside.get(place.parent) ?? new Map<string, string>();
      inside.set(place.parent, packages.set(place.name, directory));
    }
    return inside;
  }
}

/** Versions 2 and 3: `packages` by directory. */
class DirectorySurvey {
  readonly places = new Places();
  readonly wrong = new WrongEntries();
  /** Directory in `node_modules` to the directory it links to. */
  readonly #targets = new Map<string, string>();
  /** Linked directory to the name it is linked under, which is its own when its manifest states none. */
  readonly #names = new Map<string, string>();
  /** What the root and the members of a workspace ask for themselves, by their directory. */
  readonly #asked = new Map<string, readonly string[]>();
  readonly #line: number;

  constructor(line: number) {
    this.#line = line;
  }

  add(entry: JsonEntry): void {
    this.wrong.look(entry, packageShape, this.#line);
    const directory = String(entry.path[1]);
    this.places.add(directory, entry);
    const value = recordOf(entry.value);
    const target = textOf(value["resolved"]);
    // What an entry of the same name said before does not count.
    this.#targets.delete(directory);
    this.#asked.delete(directory);
    if (value["link"] === true && target !== undefined) {
      this.#targets.set(directory, target);
      this.#names.set(target, directory.slice(directory.lastIndexOf("node_modules/") + 13));
    }
    if (directory.includes("node_modules/") || directory === "node_modules") return;
    const asked = namesIn(value, ["dependencies", "devDependencies", "optionalDependencies"]);
    if (asked.length > 0) this.#asked.set(directory, asked);
  }

  linkedName(directory: string): string | undefined {
    return this.#names.get(directory);
  }

  edges(directory: string, names: readonly string[]): readonly string[] {
    return this.places.lookUp(directory, names).map((place) => this.#targets.get(place) ?? place);
  }

  /** Directories that the root or a member of the workspace asks for itself. */
  direct(): ReadonlySet<string> {
    const direct = new Set<string>();
    for (const [directory, names] of this.#asked) for (const target of this.edges(directory, names)) direct.add(target);
    return direct;
  }
}

function namesIn(entry: Entry, fields: readonly string[]): readonly string[] {
  return [...new Set(fields.flatMap((field) => Object.keys(recordOf(entry[field]))))];
}

async function* readPackages(bytes: Uint8Array, known: DirectorySurvey): AsyncGenerator<PackageObservation> {
  const direct = known.direct();
  for await (const entry of jsonEntriesInTurns(bytes, isEntered)) {
    const [section, directory] = entry.path;
    if (section !== "packages" || typeof directory !== "string" || !known.places.has(directory, entry)) continue;
    const value = recordOf(entry.value);
    if (value["link"] === true) continue;
    const found = lockedPackage(directory, value, known);
    if (found === undefined) continue;
    const relationship = relationshipOf(directory, direct);
    // Of what is no object the line is that of nothing.
    const line = typeof entry.value === "object" && entry.value !== null ? { line: entry.line } : {};
    yield { kind: "package", package: { ...found, relationship }, ...line };
  }
}

function lockedPackage(directory: string, entry: Entry, known: DirectorySurvey): FoundPackage | undefined {
  const cut = directory.lastIndexOf("node_modules/");
  const inNodeModules = cut !== -1;
  const name =
    textOf(entry["name"]) ??
    (inNodeModules
      ? directory.slice(cut + "node_modules/".length)
      : (known.linkedName(directory) ?? textOf(directory.split("/").at(-1))));
  if (name === undefined) return undefined;
  const resolved = textOf(entry["resolved"]);
  const hashes = hashesOf(textOf(entry["integrity"]));
  const licenses = textsOf(entry["license"]);
  const isElsewhere = resolved !== undefined && /^(git|file|https?:\/\/github\.com\/)/.test(resolved);
  const dependsOn = known.edges(
    directory,
    namesIn(entry, ["dependencies", "optionalDependencies", "peerDependencies"]),
  );
  return {
    name,
    version: textOf(entry["version"]) ?? "",
    key: directory,
    ...scopeOf(entry),
    ...(licenses.length === 0 ? {} : { licenses }),
    ...(hashes === undefined ? {} : { hashes }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...(inNodeModules ? (isElsewhere ? elsewhere(originOf(resolved), resolved) : {}) : elsewhere("project", undefined)),
  };
}

function scopeOf(entry: Entry): { readonly scope?: "dev" | "optional" } {
  if (entry["dev"] === true) return { scope: "dev" };
  return entry["optional"] === true || entry["devOptional"] === true ? { scope: "optional" } : {};
}

function relationshipOf(directory: string, direct: ReadonlySet<string>): NonNullable<FoundPackage["relationship"]> {
  if (directory === "") return "root";
  if (!directory.includes("node_modules/")) return "workspace";
  return direct.has(directory) ? "direct" : "indirect";
}

/** Version 1: nested `dependencies` by name. The file does not say which of them the root asks for. */
class NestedSurvey {
  readonly places = new Places();
  readonly wrong = new WrongEntries();
  /** The line of the document. */
  line = 1;
  #section = 1;
  /** Name and version of the project. */
  readonly #project = new Map<string, string | undefined>();

  /** A member of the document. */
  addMember(name: string, entry: JsonEntry): void {
    const wanted = Object.hasOwn(oldMembers, name) ? oldMembers[name] : undefined;
    if (wanted === undefined) return;
    if (name === "dependencies") {
      this.#section = entry.line;
      // The last list counts.
      this.places.clear();
    } else this.#project.set(name, textOf(entry.value));
    if (entry.kind === "list") this.wrong.look({ ...entry, ...emptyList }, wanted, this.line);
    else if (entry.kind === "value") this.wrong.look(entry, wanted, this.line);
  }

  /** A member of `dependencies`. */
  add(entry: JsonEntry): void {
    if (typeof entry.path[1] !== "string") return;
    this.wrong.look(entry, oldEntry, this.#section);
    for (const { directory } of placedBy(entry.path[1], entry.value)) this.places.add(directory, entry);
  }

  project(): PackageObservation | undefined {
    const name = this.#project.get("name");
    const version = this.#project.get("version");
    if (name === undefined || version === undefined) return undefined;
    return { kind: "package", package: { name, version, key: "", relationship: "root", origin: "project" }, line: 1 };
  }
}

const emptyList = { value: [], located: () => ({ value: [], lineOf: () => undefined }) };

async function* readDependencies(bytes: Uint8Array, known: NestedSurvey): AsyncGenerator<PackageObservation> {
  const project = known.project();
  if (project !== undefined) yield project;
  for await (const entry of jsonEntriesInTurns(bytes, isEntered)) {
    const [section, name] = entry.path;
    if (section !== "dependencies" || typeof name !== "string") continue;
    const isNested = isRecord(ownValue(entry.value, "dependencies"));
    // Only of what lies inside of others the lines have to be looked for.
    const { value, lineOf } = isNested ? entry.located() : { value: entry.value, lineOf: () => entry.line };
    for (const { directory, dependency, from } of placedBy(name, value)) {
      if (!known.places.has(directory, entry)) continue;
      const line = lineOf(from);
      const found = dependencyOf(directory, dependency, known.places);
      yield { kind: "package", package: found, ...(line === undefined ? {} : { line }) };
    }
  }
}

interface Placed {
  readonly directory: string;
  readonly dependency: Entry;
  /** The dependency as it stands in the document. */
  readonly from: unknown;
}

/** A dependency, and what lies inside of it, which serves that package only. */
function* placedBy(name: string, value: unknown): Generator<Placed> {
  const queue: {
    readonly parent: string;
    readonly isDev: boolean;
    readonly list: readonly (readonly [string, unknown])[];
  }[] = [{ parent: "", isDev: false, list: [[name, value]] }];
  for (const { parent, isDev, list } of queue)
    for (const [key, from] of list) {
      // Nothing can be installed under no name.
      if (!isRecord(from) || key === "") continue;
      const directory = `${parent === "" ? "" : `${parent}/`}node_modules/${key}`;
      const dependency = isDev ? { ...from, dev: true } : from;
      yield { directory, dependency, from };
      queue.push({ parent: directory, isDev: dependency["dev"] === true, list: entriesOf(from["dependencies"]) });
    }
}

function dependencyOf(directory: string, entry: Entry, places: Places): FoundPackage {
  const spec = parseRegistrySpec(textOf(entry["version"]) ?? "");
  const hashes = hashesOf(textOf(entry["integrity"]));
  const dependsOn = places.lookUp(directory, Object.keys(recordOf(entry["requires"])));
  return {
    name: spec.name ?? directory.slice(directory.lastIndexOf("node_modules/") + "node_modules/".length),
    version: spec.version,
    key: directory,
    ...scopeOf(entry),
    ...(hashes === undefined ? {} : { hashes }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...(spec.from === undefined ? {} : elsewhere(originOf(spec.from), spec.from)),
  };
}
