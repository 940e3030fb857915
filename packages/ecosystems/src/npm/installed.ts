import { tooManyValues } from "../shared/reading/value-limit.ts";
import { parseJson, shape } from "@plimsoll/formats";
import type { DocumentShape } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { malformedFile, readOrReport } from "../shared/reading/malformed-file.ts";
import { isRecord, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { hashesOf } from "./integrity.ts";
import { isBelowNodeModules, packageNameOf } from "./package-path.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const ranges = shape.either(shape.entries(shape.scalar), shape.emptyList);
const licence = shape.either(shape.text, shape.texts("type", "name"));
const ownFields = {
  name: shape.text,
  version: shape.text,
  license: shape.orNull(shape.either(licence, shape.list(licence))),
  licenses: shape.orNull(shape.either(licence, shape.list(licence))),
  author: shape.anything,
  _integrity: shape.text,
  dependencies: ranges,
  optionalDependencies: ranges,
};
/** Of the `package.json` of an installed package, by type. */
export const installedShape: DocumentShape = shape.fields(ownFields);
/** What a project takes for development counts; of an installed package nobody installs it. */
const projectShape = shape.fields({
  ...ownFields,
  devDependencies: ranges,
  workspaces: shape.either(shape.list(shape.text), shape.fields({ packages: shape.list(shape.text) })),
});

/**
 * `package.json` of installed packages (https://docs.npmjs.com/cli/configuring-npm/package-json). Below `node_modules`
 * only files directly in a package's own directory count: packages carry further ones as fixtures and module markers.
 * Elsewhere a file that states name and version is the root of something unpacked, such as an application or yarn itself.
 */
export const npmInstalled: FileAnalyzer = {
  kind: "file",
  id: "npm/installed",
  revision: 3,
  matches: [{ basename: "package.json" }],
  maxBytes: 16 * 1024 * 1024,
  async *analyze(file) {
    const directory = file.path.slice(0, -"/package.json".length);
    const installed = packageNameOf(directory) !== undefined;
    if (!installed && isBelowNodeModules(file.path)) return;
    const text = await file.text();
    const tooMany = tooManyValues(file, text, "json");
    if (tooMany !== undefined) return yield tooMany;
    const read = readOrReport(file, () => parseJson(text));
    if ("problem" in read) yield installed ? read.problem : { ...read.problem, effect: "none" };
    else if (!isRecord(read.value)) yield malformedFile(file, "not an object");
    else {
      yield* reportWrongParts(file, read.value, installed ? installedShape : projectShape);
      const pkg = packageOf(read.value, installed);
      if (pkg !== undefined) yield { kind: "package", package: pkg };
    }
  },
};

/** The package that a manifest describes; undefined without name or version, and for packages of other registries. */
export function packageOf(manifest: Readonly<Record<string, unknown>>, installed: boolean): FoundPackage | undefined {
  const name = textOf(manifest["name"]);
  const version = textOf(manifest["version"]);
  if (name === undefined || version === undefined || isForeign(manifest)) return undefined;
  const licenses = licensesOf(manifest);
  const dependencies = Object.keys(recordOf(manifest["dependencies"]));
  const supplier = personOf(manifest["author"]);
  const hashes = hashesOf(textOf(manifest["_integrity"]));
  return {
    name,
    version,
    ...(licenses.length === 0 ? {} : { licenses }),
    ...(supplier === undefined ? {} : { supplier }),
    ...(hashes === undefined ? {} : { hashes }),
    ...(dependencies.length === 0 ? {} : { dependsOn: dependencies }),
    ...(installed ? {} : { relationship: "root" as const, origin: "manifest" as const }),
    ...(manifest["private"] === true ? { facts: { private: "true" } } : {}),
  };
}

/** Unity packages and editor extensions use the same file name for packages of other registries. */
function isForeign(manifest: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(manifest, "unity") || Object.hasOwn(recordOf(manifest["engines"]), "vscode");
}

/** `license` as text or `{ type }`, or the older `licenses` list. */
function licensesOf(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  return [manifest["license"], manifest["licenses"]]
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .flatMap((value) => textsOf(isRecord(value) ? (value["type"] ?? value["name"]) : value));
}

function personOf(value: unknown): string | undefined {
  return textOf(isRecord(value) ? value["name"] : value);
}
