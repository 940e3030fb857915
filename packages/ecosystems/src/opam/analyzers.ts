import type { AnalyzedFile, FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { dependenciesOfField, readOpamFields, textsOfField } from "./opam-file.ts";
import type { OpamFields } from "./opam-file.ts";

/** `name.version`, the way opam names one package; versions may hold dots, names may not. */
function splitPackage(text: string): { readonly name: string; readonly version: string } | undefined {
  const [, name, version] = /^([A-Za-z0-9_+-]+)\.([\w.+~-]+)$/.exec(text) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/** `.opam-switch/switch-state`: what opam installed into a switch, and what of it was asked for. */
export const opamSwitch: FileAnalyzer = parsedFile({
  id: "opam/switch",
  revision: 1,
  matches: [{ suffix: ".opam-switch/switch-state" }],
  sign: /^installed:/m,
  parse: readOpamFields,
  *read(fields, file): Generator<Observation> {
    const roots = new Set(textsOfField(fields, "roots"));
    for (const { name: entry, line } of dependenciesOfField(fields, "installed")) {
      const found = splitPackage(entry);
      if (found === undefined) yield malformedFile(file, `${entry.slice(0, 80)} is no package and version`, line);
      else
        yield {
          kind: "package",
          package: { ...found, relationship: roots.has(entry) ? "direct" : "indirect" },
          line,
        };
    }
  },
});

const inSwitch = /(?:^|\/)\.opam-switch\/packages\/([^/]+)\/opam$/;
const sign = /^(?:opam-version|maintainer|depends|build|synopsis|name):/m;

/** `.opam-switch/packages/<name>.<version>/opam`: the descriptions of what is installed in a switch. */
export const opamInstalled: FileAnalyzer = only(
  (path) => inSwitch.test(path),
  parsedFile({
    id: "opam/installed",
    revision: 1,
    matches: [{ basename: "opam" }],
    sign,
    parse: readOpamFields,
    read: describe,
  }),
);

/** `<name>.<version>/opam` of a repository, and `opam` or `<name>.opam` of a project that states its version. */
export const opamDescription: FileAnalyzer = only(
  (path) => !inSwitch.test(path),
  parsedFile({
    id: "opam/description",
    revision: 1,
    evidence: "declared",
    matches: [{ basename: "opam" }, { suffix: ".opam" }],
    parse: readOpamFields,
    *read(fields, file): Generator<Observation> {
      // Any file may be called so; one that opam reads says for which opam it is.
      if (fields.has("opam-version")) yield* describe(fields, file);
    },
  }),
);

/** `<name>.opam.locked`, which `opam lock` writes: every dependency with its version. */
export const opamLock: FileAnalyzer = parsedFile({
  id: "opam/lock",
  revision: 1,
  evidence: "declared",
  matches: [{ suffix: ".opam.locked" }, { basename: "opam.locked" }],
  sign,
  parse: readOpamFields,
  *read(fields): Generator<Observation> {
    for (const { name, exact, line, flags } of dependenciesOfField(fields, "depends"))
      if (exact !== undefined)
        yield {
          kind: "package",
          package: { name, version: exact, ...(flags.some(isForDevelopment) ? { scope: "dev" } : {}) },
          line,
        };
  },
});

function isForDevelopment(flag: string): boolean {
  return flag === "with-test" || flag === "with-doc" || flag === "with-dev-setup" || flag === "dev";
}

/** The package that a file describes: its fields, else the name of its directory, else of the file. */
function* describe(fields: OpamFields, file: AnalyzedFile): Generator<Observation> {
  const [basename = "", directory = ""] = file.path.split("/").reverse();
  const placed = splitPackage(directory);
  const name =
    textsOfField(fields, "name")[0] ?? (basename === "opam" ? placed?.name : basename.slice(0, -".opam".length));
  const version = textsOfField(fields, "version")[0] ?? (basename === "opam" ? placed?.version : undefined);
  if (name === undefined || name === "" || version === undefined) return;
  const licenses = textsOfField(fields, "license");
  const [supplier] = textsOfField(fields, "maintainer");
  const dependsOn = dependenciesOfField(fields, "depends")
    .filter(({ flags }) => !flags.some(isForDevelopment))
    .map((dependency) => dependency.name);
  const found: FoundPackage = {
    name,
    version,
    ...(licenses.length === 0 ? {} : { licenses }),
    ...(supplier === undefined ? {} : { supplier }),
    ...(dependsOn.length === 0 ? {} : { dependsOn: [...new Set(dependsOn)] }),
    ...(basename === "opam" ? {} : { relationship: "root" }),
  };
  yield { kind: "package", package: found };
}

/** The same analyzer, silent about files in other places. */
function only(accepts: (path: string) => boolean, analyzer: FileAnalyzer): FileAnalyzer {
  return {
    ...analyzer,
    async *analyze(file, options) {
      if (accepts(file.path)) yield* analyzer.analyze(file, options);
    },
  };
}
