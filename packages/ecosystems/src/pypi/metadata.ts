import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parseHeaders } from "./headers.ts";
import { normalizeName } from "./name.ts";
import { parseRequirement } from "./requirement.ts";

/**
 * Metadata of installed distributions (https://packaging.python.org/en/latest/specifications/core-metadata/):
 * `*.dist-info/METADATA` of wheels, `*.egg-info` and `EGG-INFO/PKG-INFO` of what came before.
 */
export const pypiMetadata: FileAnalyzer = {
  kind: "file",
  id: "pypi/metadata",
  revision: 3,
  yieldsTo: { analyzer: "pypi/direct-url" },
  matches: [{ basename: "METADATA" }, { basename: "PKG-INFO" }, { suffix: ".egg-info" }],
  maxBytes: 16 * 1024 * 1024,
  async *analyze(file) {
    if (!isMetadataPath(file.path)) return;
    const headers = parseHeaders(await file.text());
    const pkg = packageOf(headers);
    if (pkg !== undefined)
      yield {
        kind: "package",
        package: { ...pkg, ...(isDevelopment(file.path) ? { origin: "manifest" } : {}) },
        line: headers.lineOf("name"),
      };
    else if (headers.first("name")?.toLowerCase() !== "python")
      yield malformedFile(file, headers.first("name") === undefined ? "states no Name" : "states no Version");
  },
};

// Letter case differs in distributions unpacked by other tools.
const metadataPath = /(?:^|[/.])(?:dist-info\/metadata|egg-info\/pkg-info)$|[^/]\.egg-info$/i;

function isMetadataPath(path: string): boolean {
  return metadataPath.test(path);
}

/** What an installer puts there has the version in the directory's name; setuptools leaves it out beside the source. */
function isDevelopment(path: string): boolean {
  return /(?:^|\/)[^/-]+\.egg-info\/PKG-INFO$/i.test(path);
}

type Headers = ReturnType<typeof parseHeaders>;

/** What the header block of a distribution's metadata says; undefined without name or version, and for the interpreter itself. */
export function packageOf(headers: Headers): FoundPackage | undefined {
  const name = headers.first("name");
  const version = headers.first("version");
  // CPython as packaged by distributions describes itself this way: it is no project of the index.
  if (name === undefined || version === undefined || name === "Python") return undefined;
  const licenses = licensesOf(headers);
  const supplier = headers.first("author") ?? headers.first("author-email") ?? headers.first("maintainer");
  const dependsOn = requirementsOf(headers);
  return {
    name,
    version,
    key: normalizeName(name),
    ...(licenses.length === 0 ? {} : { licenses }),
    ...(supplier === undefined || supplier === "UNKNOWN" ? {} : { supplier }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
  };
}

/** Characters: what is longer is the licence itself and not its name. */
const longestStatement = 120;

const classifierPrefix = "License :: ";

/**
 * The expression of PEP 639, else the free text, else the classifiers. Where the text is the whole licence and no classifier
 * says more, its title is what the author states: a package whose field begins with `MIT License` states that.
 */
function licensesOf(headers: Headers): readonly string[] {
  const expression = headers.first("license-expression");
  if (expression !== undefined) return [expression];
  const text = headers.first("license");
  if (text !== undefined && text !== "UNKNOWN" && text.length <= longestStatement && !text.includes("\n"))
    return [text];
  const classified = headers
    .all("classifier")
    .filter((classifier) => classifier.startsWith(classifierPrefix))
    .map((classifier) => classifier.split(" :: ").at(-1) ?? classifier);
  if (classified.length > 0 || text === undefined) return classified;
  const title = text.trimStart().split("\n", 1)[0]?.trim() ?? "";
  return title === "" || title === "UNKNOWN" || title.length > longestStatement || isCopyright.test(title)
    ? []
    : [title];
}

/** How a licence begins that has no title. */
const isCopyright = /^(?:copyright\b|\(c\)|©)/i;

/** Requirements without those of extras, which nobody may have asked for. */
function requirementsOf(headers: Headers): readonly string[] {
  const names = headers.all("requires-dist").flatMap((line) => {
    if (/\bextra\s*==/.test(line)) return [];
    const requirement = parseRequirement(line);
    return requirement === undefined ? [] : [normalizeName(requirement.name)];
  });
  return [...new Set(names)].sort();
}
