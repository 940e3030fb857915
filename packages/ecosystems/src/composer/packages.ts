import { parseJsonDocument, shape } from "@plimsoll/formats";
import type { JsonDocument } from "@plimsoll/formats";
import type {
  AnalyzedFile,
  Diagnostic,
  Evidence,
  FileAnalyzer,
  FileMatcher,
  PackageObservation,
} from "@plimsoll/model";
import { malformedFile, readOrReport } from "../shared/reading/malformed-file.ts";
import { isRecord, listOf, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { recognized } from "../shared/reading/recognized-file.ts";
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
export const composerInstalled: FileAnalyzer = composerFile({
  id: "composer/installed",
  evidence: "installed",
  // Projects may name their vendor directory otherwise; the file is always in one called composer.
  matches: [{ suffix: "composer/installed.json" }],
  sections(document) {
    const list = Array.isArray(document) ? document : recordOf(document)["packages"];
    const dev = new Set(textsOf(recordOf(document)["dev-package-names"]));
    return [{ list, isDev: (name) => dev.has(name) }];
  },
});

/** `composer.lock` (https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control). */
export const composerLock: FileAnalyzer = recognized(
  composerFile({
    id: "composer/lock",
    evidence: "declared",
    matches: [{ basename: "composer.lock" }],
    sections: (document) => [
      { list: recordOf(document)["packages"], isDev: () => false },
      { list: recordOf(document)["packages-dev"], isDev: () => true },
    ],
  }),
  /"packages(?:-dev)?"\s*:\s*\[/,
);

interface ComposerFile {
  readonly id: string;
  readonly evidence: Evidence;
  readonly matches: readonly FileMatcher[];
  sections(document: unknown): readonly { readonly list: unknown; readonly isDev: (name: string) => boolean }[];
}

function composerFile({ sections, ...analyzer }: ComposerFile): FileAnalyzer {
  return {
    kind: "file",
    revision: 4,
    maxBytes: 64 * 1024 * 1024,
    ...analyzer,
    async *analyze(file) {
      const read = readDocument(file, await file.text());
      if ("kind" in read) return yield read;
      yield* reportWrongParts(file, read.value, documentShape, read.lineOf);
      for (const { list, isDev } of sections(read.value))
        for (const item of listOf(list)) {
          const observation = packageOf(item, isDev, read.lineOf(item));
          if (observation !== undefined) yield observation;
        }
    },
  };
}

function readDocument(file: AnalyzedFile, text: string): JsonDocument | Diagnostic {
  const read = readOrReport(file, () => parseJsonDocument(text, { only: documentShape }));
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
