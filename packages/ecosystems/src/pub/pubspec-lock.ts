import { parseYaml, shape, yamlKeyLinesSteps, yamlSteps } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, isRecord, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongYaml } from "../shared/reading/wrong-parts.ts";

/** Also what only the analyzer of SDKs reads. */
const lockShape = shape.fields({
  packages: shape.entries(
    shape.fields({
      dependency: shape.text,
      source: shape.text,
      version: shape.text,
      description: shape.either(shape.text, shape.texts("url")),
    }),
  ),
  sdks: shape.entries(shape.text),
});

/** `pubspec.lock` (dart.dev/tools/pub/glossary#lockfile). */
export const pubspecLock: FileAnalyzer = parsedFile({
  id: "pub/pubspec-lock",
  revision: 4,
  evidence: "declared",
  matches: [{ basename: "pubspec.lock" }],
  sign: /^(?:packages|sdks?):[ \t]*(?:\{|\r?$)/m,
  language: "yaml",
  *steps(text) {
    const [document] = yield* yamlSteps(text);
    return { document, lines: yield* yamlKeyLinesSteps(text, "packages") };
  },
  *read({ document, lines }, file): Generator<Observation> {
    if (!isRecord(document)) return yield malformedFile(file, "not a mapping");
    yield* reportWrongYaml(file, document, lockShape);
    for (const [name, value] of entriesOf(document["packages"])) {
      const found = lockedPackage(name, recordOf(value));
      const line = lines.get(name);
      if (found !== undefined) yield { kind: "package", package: found, ...(line === undefined ? {} : { line }) };
    }
  },
});

function lockedPackage(name: string, entry: Readonly<Record<string, unknown>>): FoundPackage | undefined {
  const { dependency, source, version, description } = entry;
  const stated = textOf(version);
  if (stated === undefined) return undefined;
  const kind = textOf(dependency) ?? "";
  const origin = textOf(source) ?? "hosted";
  const url = textOf(recordOf(description)["url"]);
  const facts = { ...(origin === "hosted" ? {} : { source: origin }), ...(isPublic(url) ? {} : { url: url ?? "" }) };
  return {
    name,
    version: stated,
    relationship: kind.startsWith("direct") ? "direct" : "indirect",
    ...(kind === "direct dev" ? { scope: "dev" } : {}),
    ...originOf(origin),
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  };
}

/** What comes with the SDK has its version and is on no registry. */
function originOf(source: string): Pick<FoundPackage, "origin"> {
  if (source === "path" || source === "sdk") return { origin: "path" };
  return source === "git" ? { origin: "repository" } : {};
}

/** Mirrors of the public repository have the same packages. */
function isPublic(url: string | undefined): boolean {
  return url === undefined || /^https?:\/\/(?:pub\.dev|pub\.dartlang\.org|pub\.flutter-io\.cn)\/?$/.test(url);
}

/** `pubspec.yaml` of a package that is unpacked here. */
export const pubspec: FileAnalyzer = parsedFile({
  id: "pub/pubspec",
  revision: 4,
  matches: [{ basename: "pubspec.yaml" }],
  language: "yaml",
  parse: (text) => parseYaml(text)[0],
  *read(document, file): Generator<Observation> {
    if (!isRecord(document)) return yield malformedFile(file, "not a mapping");
    const [name, version] = [textOf(document["name"]), textOf(document["version"])];
    // A package that is never published needs no version.
    const needsNone = (document["version"] ?? "") === "";
    if (name === undefined || (version === undefined && !needsNone))
      return yield malformedFile(file, "states no name or version as text");
    if (version !== undefined) yield { kind: "package", package: { name, version, origin: "manifest" } };
  },
});
