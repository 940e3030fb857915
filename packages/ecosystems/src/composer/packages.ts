import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { DocumentShape, JsonDocument, JsonEntry } from "@plimsoll/formats";
import type {
  AnalyzedFile,
  Diagnostic,
  FileAnalyzer,
  Observation,
  PackageObservation,
  RetainedFiles,
  TreeAnalyzer,
} from "@plimsoll/model";
import { jsonEntriesInTurns } from "../shared/reading/json-in-turns.ts";
import { malformedFile, readInTurnsOrReport, readStepsOrReport } from "../shared/reading/malformed-file.ts";
import { isRecord, listOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { unlessRecognized } from "../shared/reading/recognized-file.ts";
import { tooManyValuesByEntries } from "../shared/reading/value-limit.ts";
import { reportWrongParts, WrongEntries } from "../shared/reading/wrong-parts.ts";

const packageShape = shape.fields({
  name: shape.text,
  version: shape.text,
  license: shape.orNull(shape.either(shape.text, shape.list(shape.text))),
  require: shape.either(shape.entries(shape.scalar), shape.emptyList),
  source: shape.orNull(shape.texts("reference")),
  dist: shape.orNull(shape.texts("type")),
});
const packages = shape.list(packageShape);
const members: Readonly<Record<string, DocumentShape>> = {
  packages,
  // Null where old versions locked without what is for development.
  "packages-dev": shape.orNull(packages),
  "dev-package-names": shape.list(shape.text),
};
const documentShape = shape.either(packages, shape.fields(members));

/** `vendor/composer/installed.json`: a list in Composer 1, an object around it in Composer 2. */
export const composerInstalled: FileAnalyzer = {
  kind: "file",
  id: "composer/installed",
  revision: 4,
  evidence: "installed",
  // Projects may name their vendor directory otherwise; the file is always in one called composer.
  matches: [{ suffix: "composer/installed.json" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(file) {
    const read = await readDocument(file, await file.text(), documentShape);
    if ("kind" in read) return yield read;
    const { value: document, lineOf } = read;
    yield* reportWrongParts(file, document, documentShape, lineOf);
    const dev = new Set(textsOf(recordOf(document)["dev-package-names"]));
    for (const item of listOf(Array.isArray(document) ? document : recordOf(document)["packages"])) {
      const observation = packageOf(item, (name) => dev.has(name), lineOf(item));
      if (observation !== undefined) yield observation;
    }
  },
};

/**
 * `composer.lock` (https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control). What the project asks for
 * itself stands in the `composer.json` beside it; without one, no package is called direct or indirect.
 */
export const composerLock: TreeAnalyzer = {
  kind: "tree",
  id: "composer/lock",
  revision: 6,
  evidence: "declared",
  readsByEntries: true,
  matches: [{ basename: "composer.lock" }, { basename: "composer.json", outside: "vendor" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(files): AsyncGenerator<Observation> {
    for (const file of files) if (file.path.endsWith("composer.lock")) yield* readLock(file, files);
  },
};

async function* readLock(file: AnalyzedFile, files: RetainedFiles): AsyncGenerator<Observation> {
  const project = await readProject(files.get(file.path.replace(/lock$/, "json")));
  yield* project.problems;
  const { direct } = project;
  let said = false;
  for await (const observation of lockedPackages(file)) {
    said = true;
    if (observation.kind !== "package") yield observation;
    else
      yield {
        ...observation,
        package: {
          ...observation.package,
          ...(direct === undefined
            ? {}
            : { relationship: direct.has(observation.package.name.toLowerCase()) ? "direct" : "indirect" }),
        },
        at: file.path,
      };
  }
  if (!said) yield* unlessRecognized(file, await file.text(), /"packages(?:-dev)?"\s*:\s*\[/);
}

const projectShape = shape.fields({ require: shape.entries(shape.scalar), "require-dev": shape.entries(shape.scalar) });

interface Project {
  /** Names of what it asks for itself, in lower case, as Composer compares them; undefined where nothing says so. */
  readonly direct?: ReadonlySet<string>;
  readonly problems: readonly Observation[];
}

async function readProject(file: AnalyzedFile | undefined): Promise<Project> {
  if (file === undefined) return { problems: [] };
  const read = await readDocument(file, await file.text(), projectShape);
  if ("kind" in read) return { problems: [read] };
  const { require, "require-dev": dev } = recordOf(read.value);
  const names = [require, dev].flatMap((list) => Object.keys(recordOf(list)));
  return {
    direct: new Set(names.map((name) => name.toLowerCase())),
    problems: [...reportWrongParts(file, read.value, projectShape, read.lineOf)],
  };
}

function isSection(name: unknown): boolean {
  return name === "packages" || name === "packages-dev";
}

function isEntered(path: readonly unknown[]): boolean {
  return path.length === 0 || (path.length === 1 && isSection(path[0]));
}

/** What has to be known of the whole file before packages can be told. */
interface Survey {
  readonly kind: JsonEntry["kind"];
  readonly wrong: WrongEntries;
  /** Where each section begins: the last one of a name counts. */
  readonly starts: ReadonlyMap<unknown, number>;
}

async function survey(bytes: Uint8Array): Promise<Survey> {
  const wrong = new WrongEntries();
  const starts = new Map<unknown, number>();
  let kind: JsonEntry["kind"] = "value";
  let lines: readonly [document: number, section: number] = [1, 1];
  for await (const entry of jsonEntriesInTurns(bytes, isEntered)) {
    const [name] = entry.path;
    if (name === undefined) {
      kind = entry.kind;
      lines = [entry.line, entry.line];
    } else if (entry.path.length === 1) {
      lines = [lines[0], entry.line];
      starts.set(name, entry.start);
      const wanted = typeof name === "number" ? packageShape : Object.hasOwn(members, name) ? members[name] : undefined;
      const value = entry.kind === "object" ? {} : [];
      const itself =
        entry.kind === "value" ? entry : { ...entry, value, located: () => ({ value, lineOf: () => undefined }) };
      if (wanted !== undefined) wrong.look(itself, wanted, lines[0]);
    } else if (typeof entry.path[1] === "number") wrong.look(entry, packageShape, lines[1]);
  }
  return { kind, wrong, starts };
}

async function* lockedPackages(file: AnalyzedFile): AsyncGenerator<Observation> {
  const bytes = await file.bytes();
  const tooMany = tooManyValuesByEntries(file, bytes, "json");
  if (tooMany !== undefined) return yield tooMany;
  const read = await readInTurnsOrReport(file, () => survey(bytes));
  if ("problem" in read) return yield read.problem;
  const { kind, wrong, starts } = read.value;
  if (kind === "value") return yield malformedFile(file, "neither an object nor a list");
  yield* wrong.report(file);
  let counts = false;
  for await (const { path, value, start, line } of jsonEntriesInTurns(bytes, isEntered)) {
    const [section, at] = path;
    if (path.length === 1) counts = isSection(section) && starts.get(section) === start;
    const isPackage = counts && typeof at === "number";
    const observation = isPackage ? packageOf(value, () => section === "packages-dev", line) : undefined;
    if (observation !== undefined) yield observation;
  }
}

async function readDocument(file: AnalyzedFile, text: string, only: DocumentShape): Promise<JsonDocument | Diagnostic> {
  const read = await readStepsOrReport(file, jsonDocumentSteps(text, { only }));
  if ("problem" in read) return read.problem;
  const { value } = read.value;
  return isRecord(value) || Array.isArray(value) ? read.value : malformedFile(file, "neither an object nor a list");
}

function packageOf(
  item: unknown,
  isDev: (name: string) => boolean,
  line: number | undefined,
): PackageObservation | undefined {
  const entry = recordOf(item);
  const name = textOf(entry["name"]);
  const version = textOf(entry["version"]);
  if (name === undefined || version === undefined) return undefined;
  const licenses = textsOf(entry["license"]);
  // The platform (`php`, `ext-json`, `lib-curl`) is required like packages, which have a vendor.
  const dependsOn = Object.keys(recordOf(entry["require"])).filter((required) => required.includes("/"));
  const revision = textOf(recordOf(entry["source"])["reference"]);
  return {
    kind: "package",
    package: {
      name,
      version,
      key: name,
      ...(isDev(name) ? { scope: "dev" } : {}),
      // Repositories of version control are read through Composer's own index, as those of Packagist are.
      ...(textOf(recordOf(entry["dist"])["type"]) === "path" ? { origin: "path" } : {}),
      ...(licenses.length === 0 ? {} : { licenses }),
      ...(dependsOn.length === 0 ? {} : { dependsOn }),
      ...(revision === undefined ? {} : { facts: { revision } }),
    },
    ...(line === undefined ? {} : { line }),
  };
}
