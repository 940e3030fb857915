import { jsonDocumentSteps, stanzas, shape } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, isRecord, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const renvShape = shape.fields({
  Packages: shape.entries(
    shape.fields({
      Package: shape.text,
      Source: shape.text,
      Repository: shape.text,
      Requirements: shape.either(shape.text, shape.list(shape.text)),
    }),
  ),
});

/** `DESCRIPTION` of an installed package ("Writing R Extensions" 1.1.1): `Built` is only there once it is installed. */
export const description: FileAnalyzer = descriptionOf("cran/description", true);

/** `DESCRIPTION` of a source tree: the package that is developed there. */
export const sourceDescription: FileAnalyzer = descriptionOf("cran/source-description", false);

function descriptionOf(id: string, isInstalled: boolean): FileAnalyzer {
  return parsedFile({
    id,
    revision: 2,
    ...(isInstalled ? {} : { evidence: "declared" as const }),
    matches: [{ basename: "DESCRIPTION" }],
    parse: (text) => stanzas(text).next().value,
    *read(stanza): Generator<Observation> {
      const fields = stanza?.fields;
      const [name, version] = [fields?.get("package"), fields?.get("version")];
      // What names no package, or an empty one, is some other file of that name.
      if (fields === undefined || !name || !version) return;
      if (fields.has("built") !== isInstalled) return;
      const license = fields.get("license");
      const supplier = fields.get("maintainer");
      const dependsOn = namesOf(`${fields.get("depends") ?? ""},${fields.get("imports") ?? ""}`);
      yield {
        kind: "package",
        package: {
          name,
          version,
          ...(license === undefined ? {} : { licenses: [license] }),
          ...(supplier === undefined ? {} : { supplier }),
          ...(dependsOn.length === 0 ? {} : { dependsOn }),
          ...(isInstalled ? {} : { relationship: "root" as const, origin: "project" as const }),
          ...repositoryFacts(fields.get("repository"), fields.has("biocviews"), fields.get("priority")),
        },
      };
    },
  });
}

/** `R (>= 4.0), utils, stats (>= 1.2)` without R itself. */
function namesOf(list: string): readonly string[] {
  return list
    .split(",")
    .map((item) => /^\s*([A-Za-z][\w.]*)/.exec(item)?.[1] ?? "")
    .filter((name) => name !== "" && name !== "R");
}

function repositoryFacts(
  repository: string | undefined,
  isBioconductor: boolean,
  priority?: string,
): { readonly facts?: Readonly<Record<string, string>> } {
  const facts = {
    ...(isBioconductor || /^bioc/i.test(repository ?? "") ? { repository: "Bioconductor" } : {}),
    // Parts of R itself have R's version and are on no repository.
    ...(priority === "base" ? { priority } : {}),
  };
  return Object.keys(facts).length === 0 ? {} : { facts };
}

/** What renv calls the places of packages that are in no repository. */
function originOf(source: string | undefined): Pick<FoundPackage, "origin"> {
  if (source === undefined) return {};
  if (/^(?:github|gitlab|bitbucket|git|git2r|xgit)$/i.test(source)) return { origin: "repository" };
  if (/^url$/i.test(source)) return { origin: "archive" };
  return /^local$/i.test(source) ? { origin: "path" } : {};
}

/** `renv.lock` (rstudio.github.io/renv): packages from repositories, and from elsewhere. */
export const renvLock: FileAnalyzer = parsedFile({
  id: "cran/renv-lock",
  revision: 4,
  evidence: "declared",
  matches: [{ basename: "renv.lock" }],
  sign: /"(?:R|Packages)"\s*:\s*\{/,
  language: "json",
  steps: jsonDocumentSteps,
  *read(document, file): Generator<Observation> {
    if (!isRecord(document.value)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, document.value, renvShape, document.lineOf);
    for (const [key, value] of entriesOf(document.value["Packages"])) {
      const { Package, Version, Source, Repository, Requirements } = recordOf(value);
      const [name, version, source] = [textOf(Package) ?? key, textOf(Version), textOf(Source)];
      if (version === undefined) {
        yield malformedFile(file, `the package ${name.slice(0, 80)} has no version`, document.lineOf(value));
        continue;
      }
      const dependsOn = textsOf(Requirements);
      const line = document.lineOf(value);
      yield {
        kind: "package",
        package: {
          name,
          version,
          ...(dependsOn.length === 0 ? {} : { dependsOn }),
          ...repositoryFacts(source === "Bioconductor" ? source : textOf(Repository), false),
          ...originOf(source),
          // Whether a registry has it, nothing says.
          ...(source === undefined && textOf(Repository) === undefined ? { confidence: "approximate" } : {}),
        },
        ...(line === undefined ? {} : { line }),
      };
    }
  },
});
