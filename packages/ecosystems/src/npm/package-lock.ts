import { parseJsonDocument, shape } from "@plimsoll/formats";
import type { DocumentShape, JsonDocument } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage, PackageObservation } from "@plimsoll/model";
import { malformedFile, readOrReport } from "../shared/reading/malformed-file.ts";
import { entriesOf, isRecord, ownValue, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { hashesOf } from "./integrity.ts";
import { lookupDirectories } from "./package-path.ts";
import { parseRegistrySpec } from "./registry-spec.ts";
import { tooManyValues } from "../shared/reading/value-limit.ts";
import { recognized } from "../shared/reading/recognized-file.ts";
import { elsewhere, originOf } from "../shared/names/elsewhere.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const ranges = shape.entries(shape.scalar);
/** What is only compared with `true`. */
const marks = { dev: shape.anything, optional: shape.anything, devOptional: shape.anything, link: shape.anything };
const texts = { name: shape.text, version: shape.text, integrity: shape.text };
/** Versions 2 and 3; the `dependencies` of version 2 say the same once more. */
const packagesShape = shape.entries(
  shape.fields({
    ...texts,
    ...marks,
    resolved: shape.scalar,
    license: shape.either(shape.text, shape.list(shape.text)),
    dependencies: ranges,
    optionalDependencies: ranges,
    peerDependencies: ranges,
    devDependencies: ranges,
  }),
);
const newShape = shape.fields({ packages: packagesShape });
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
const oldShape = shape.fields({
  name: shape.text,
  version: shape.text,
  packages: shape.entries(shape.anything),
  dependencies: shape.entries(oldEntry),
});
/** What is kept of either. */
const lockShape = shape.fields({
  name: shape.text,
  version: shape.text,
  packages: packagesShape,
  dependencies: shape.entries(oldEntry),
});

/**
 * `package-lock.json` and `npm-shrinkwrap.json`, lock file versions 1 to 3
 * (https://docs.npmjs.com/cli/configuring-npm/package-lock-json).
 */
export const npmPackageLock: FileAnalyzer = recognized(
  {
    kind: "file",
    id: "npm/package-lock",
    revision: 7,
    evidence: "declared",
    // `.package-lock.json` inside node_modules lists what the package.json files there prove better.
    matches: [{ basename: "package-lock.json" }, { basename: "npm-shrinkwrap.json" }],
    // npm does not look at a lock file beside a shrinkwrap.
    yieldsTo: { sibling: "npm-shrinkwrap.json" },
    maxBytes: 128 * 1024 * 1024,
    async *analyze(file) {
      const text = await file.text();
      const tooMany = tooManyValues(file, text, "json");
      if (tooMany !== undefined) return yield tooMany;
      const read = readOrReport(file, () => parseJsonDocument(text, { only: lockShape }));
      if ("problem" in read) return yield read.problem;
      if (!isRecord(read.value.value)) return yield malformedFile(file, "not an object");
      const isByDirectory = isRecord(read.value.value["packages"]);
      yield* reportWrongParts(file, read.value.value, isByDirectory ? newShape : oldShape, read.value.lineOf);
      yield* isByDirectory ? readPackages(read.value) : readDependencies(read.value);
    },
  },
  /"lockfileVersion"\s*:\s*\d|"(?:packages|dependencies)"\s*:\s*\{/,
);

type Entry = Readonly<Record<string, unknown>>;

/** Versions 2 and 3: `packages` by directory. */
function* readPackages(document: JsonDocument): Generator<PackageObservation> {
  const packages = recordOf(recordOf(document.value)["packages"]);
  const links = linksOf(packages);
  const direct = directDirectories(packages, links);
  for (const [directory, value] of Object.entries(packages)) {
    const entry = recordOf(value);
    if (entry["link"] === true) continue;
    const found = lockedPackage(directory, entry, packages, links);
    if (found === undefined) continue;
    const line = document.lineOf(value);
    yield {
      kind: "package",
      package: { ...found, relationship: relationshipOf(directory, direct) },
      ...(line === undefined ? {} : { line }),
    };
  }
}

interface Links {
  /** Directory in `node_modules` to the directory it links to. */
  readonly targets: ReadonlyMap<string, string>;
  /** Linked directory to the name it is linked under, which is its own when its manifest states none. */
  readonly names: ReadonlyMap<string, string>;
}

function linksOf(packages: Entry): Links {
  const targets = entriesOf(packages).flatMap(([directory, value]) => {
    const target = textOf(ownValue(value, "resolved"));
    return ownValue(value, "link") === true && target !== undefined ? [[directory, target] as const] : [];
  });
  const names = targets.map(([link, target]) => [target, link.slice(link.lastIndexOf("node_modules/") + 13)] as const);
  return { targets: new Map(targets), names: new Map(names) };
}

function lockedPackage(directory: string, entry: Entry, packages: Entry, links: Links): FoundPackage | undefined {
  const cut = directory.lastIndexOf("node_modules/");
  const inNodeModules = cut !== -1;
  const name =
    textOf(entry["name"]) ??
    (inNodeModules
      ? directory.slice(cut + "node_modules/".length)
      : (links.names.get(directory) ?? textOf(directory.split("/").at(-1))));
  if (name === undefined) return undefined;
  const resolved = textOf(entry["resolved"]);
  const hashes = hashesOf(textOf(entry["integrity"]));
  const licenses = textsOf(entry["license"]);
  const isElsewhere = resolved !== undefined && /^(git|file|https?:\/\/github\.com\/)/.test(resolved);
  const dependsOn = edgesOf(directory, entry, packages, links);
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

function edgesOf(directory: string, entry: Entry, packages: Entry, links: Links): readonly string[] {
  const names = new Set(
    ["dependencies", "optionalDependencies", "peerDependencies"].flatMap((field) =>
      Object.keys(recordOf(entry[field])),
    ),
  );
  return [...names].flatMap((name) => {
    for (const candidate of lookupDirectories(directory, name))
      if (Object.hasOwn(packages, candidate)) return [links.targets.get(candidate) ?? candidate];
    return [];
  });
}

/** Directories that the root or a member of the workspace asks for itself. */
function directDirectories(packages: Entry, links: Links): ReadonlySet<string> {
  const direct = new Set<string>();
  for (const [directory, value] of Object.entries(packages)) {
    if (directory.includes("node_modules/") || directory === "node_modules") continue;
    const entry = recordOf(value);
    for (const field of ["dependencies", "devDependencies", "optionalDependencies"])
      for (const target of edgesOf(directory, { dependencies: entry[field] }, packages, links)) direct.add(target);
  }
  return direct;
}

function relationshipOf(directory: string, direct: ReadonlySet<string>): NonNullable<FoundPackage["relationship"]> {
  if (directory === "") return "root";
  if (!directory.includes("node_modules/")) return "workspace";
  return direct.has(directory) ? "direct" : "indirect";
}

/** Version 1: nested `dependencies` by name. The file does not say which of them the root asks for. */
function* readDependencies(document: JsonDocument): Generator<PackageObservation> {
  const root = recordOf(document.value);
  const name = textOf(root["name"]);
  const version = textOf(root["version"]);
  if (name !== undefined && version !== undefined)
    yield { kind: "package", package: { name, version, key: "", relationship: "root", origin: "project" }, line: 1 };
  const placed = new Map<string, Entry>();
  const lines = new Map<string, number>();
  const queue: { readonly parent: string; readonly isDev: boolean; readonly list: unknown }[] = [
    { parent: "", isDev: false, list: root["dependencies"] },
  ];
  for (const { parent, isDev, list } of queue)
    for (const [key, value] of entriesOf(list)) {
      // Nothing can be installed under no name.
      if (!isRecord(value) || key === "") continue;
      const directory = `${parent === "" ? "" : `${parent}/`}node_modules/${key}`;
      // What lies inside a package serves that package only.
      const entry = isDev ? { ...value, dev: true } : value;
      placed.set(directory, entry);
      const line = document.lineOf(value);
      if (line !== undefined) lines.set(directory, line);
      queue.push({ parent: directory, isDev: entry["dev"] === true, list: value["dependencies"] });
    }
  for (const [directory, entry] of placed) {
    const line = lines.get(directory);
    yield {
      kind: "package",
      package: dependencyOf(directory, entry, placed),
      ...(line === undefined ? {} : { line }),
    };
  }
}

function dependencyOf(directory: string, entry: Entry, placed: ReadonlyMap<string, Entry>): FoundPackage {
  const spec = parseRegistrySpec(textOf(entry["version"]) ?? "");
  const hashes = hashesOf(textOf(entry["integrity"]));
  const dependsOn = Object.keys(recordOf(entry["requires"])).flatMap((name) => {
    for (const candidate of lookupDirectories(directory, name)) if (placed.has(candidate)) return [candidate];
    return [];
  });
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
