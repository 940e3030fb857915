import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { DocumentShape, JsonDocument } from "@plimsoll/formats";
import type {
  AnalyzedFile,
  Diagnostic,
  FileAnalyzer,
  Observation,
  PackageObservation,
  RetainedFiles,
  TreeAnalyzer,
} from "@plimsoll/model";
import { malformedFile, readStepsOrReport } from "../shared/reading/malformed-file.ts";
import { isRecord, listOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { unlessRecognized } from "../shared/reading/recognized-file.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const packages = shape.list(
  shape.fields({
    name: shape.text,
    version: shape.text,
    license: shape.orNull(shape.either(shape.text, shape.list(shape.text))),
    require: shape.either(shape.entries(shape.scalar), shape.emptyList),
    source: shape.orNull(shape.texts("reference")),
    dist: shape.orNull(shape.texts("type")),
  }),
);
const documentShape = shape.either(
  packages,
  shape.fields({
    packages,
    // Null where old versions locked without what is for development.
    "packages-dev": shape.orNull(packages),
    "dev-package-names": shape.list(shape.text),
  }),
);

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
    yield* readPackages(file, await file.text(), (document) => {
      const list = Array.isArray(document) ? document : recordOf(document)["packages"];
      const dev = new Set(textsOf(recordOf(document)["dev-package-names"]));
      return [{ list, isDev: (name) => dev.has(name) }];
    });
  },
};

/**
 * `composer.lock` (https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control). What the project asks for
 * itself stands in the `composer.json` beside it; without one, no package is called direct or indirect.
 */
export const composerLock: TreeAnalyzer = {
  kind: "tree",
  id: "composer/lock",
  revision: 5,
  evidence: "declared",
  matches: [{ basename: "composer.lock" }, { basename: "composer.json", outside: "vendor" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(files): AsyncGenerator<Observation> {
    for (const file of files) if (file.path.endsWith("composer.lock")) yield* readLock(file, files);
  },
};

async function* readLock(file: AnalyzedFile, files: RetainedFiles): AsyncGenerator<Observation> {
  const text = await file.text();
  const project = await readProject(files.get(file.path.replace(/lock$/, "json")));
  yield* project.problems;
  const { direct } = project;
  let said = false;
  for await (const observation of readPackages(file, text, lockSections)) {
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
  if (!said) yield* unlessRecognized(file, text, /"packages(?:-dev)?"\s*:\s*\[/);
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

function lockSections(document: unknown): readonly Section[] {
  return [
    { list: recordOf(document)["packages"], isDev: () => false },
    { list: recordOf(document)["packages-dev"], isDev: () => true },
  ];
}

interface Section {
  readonly list: unknown;
  isDev(name: string): boolean;
}

async function* readPackages(
  file: AnalyzedFile,
  text: string,
  sections: (document: unknown) => readonly Section[],
): AsyncGenerator<Observation> {
  const read = await readDocument(file, text, documentShape);
  if ("kind" in read) return yield read;
  yield* reportWrongParts(file, read.value, documentShape, read.lineOf);
  for (const { list, isDev } of sections(read.value))
    for (const item of listOf(list)) {
      const observation = packageOf(item, isDev, read.lineOf(item));
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
