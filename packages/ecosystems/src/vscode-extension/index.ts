import { readValueStepsOrReport } from "../shared/reading/value-limit.ts";
import { shape, jsonDocumentSteps } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { semanticScheme } from "../shared/versions/semver.ts";
import { ownValue, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const extensionsShape = shape.list(
  shape.fields({
    identifier: shape.texts("id"),
    metadata: shape.orNull(shape.texts("targetPlatform", "publisherDisplayName")),
  }),
);

/**
 * `extensions.json`, in which Visual Studio Code, its server and what is made from it keep what is installed beside it.
 * The file of the same name in a project's `.vscode` recommends and is another.
 */
const installed: FileAnalyzer = {
  kind: "file",
  id: "vscode-extension/installed",
  revision: 2,
  matches: [{ suffix: "extensions/extensions.json" }],
  maxBytes: 16 * 1024 * 1024,
  async *analyze(file): AsyncGenerator<Observation> {
    const text = await file.text();
    const read = await readValueStepsOrReport(file, text, "json", jsonDocumentSteps);
    if ("problem" in read) return yield read.problem;
    const { value, lineOf } = read.value;
    if (!Array.isArray(value)) return yield malformedFile(file, "not a list");
    yield* reportWrongParts(file, value, extensionsShape, lineOf);
    const entries: readonly unknown[] = value;
    for (const entry of entries) {
      const name = textOf(ownValue(ownValue(entry, "identifier"), "id"));
      const version = textOf(ownValue(entry, "version"));
      const line = lineOf(entry);
      if (name === undefined || version === undefined || !/^[^.]+\../.test(name)) {
        yield malformedFile(file, "an entry names no extension and version", line);
        continue;
      }
      const metadata = ownValue(entry, "metadata");
      const platform = textOf(ownValue(metadata, "targetPlatform"));
      const supplier = textOf(ownValue(metadata, "publisherDisplayName"));
      const isUniversal = platform === undefined || platform === "undefined" || platform === "universal";
      yield {
        kind: "package",
        package: {
          name,
          version,
          ...(supplier === undefined ? {} : { supplier }),
          ...(isUniversal ? {} : { facts: { platform } }),
        },
        ...(line === undefined ? {} : { line }),
      };
    }
  },
};

/** Extensions of Visual Studio Code, named `publisher.name`, as in images of development containers. */
export const vscodeExtension: Ecosystem = defineEcosystem({
  id: "vscode-extension",
  analyzers: [installed],
  versions: semanticScheme("vscode-extension"),
  purl: ({ name, version, facts }) => {
    const cut = name.indexOf(".");
    return formatPurl({
      type: "vscode-extension",
      namespace: cut === -1 ? undefined : name.slice(0, cut),
      name: name.slice(cut + 1),
      version,
      qualifiers: { platform: facts?.["platform"] },
    });
  },
  // The marketplace takes names for the same whatever their case.
  advisoryKeys: ({ name, version }) =>
    [...new Set([name, name.toLowerCase()])].map((spelling) => ({ namespace: "VSCode", name: spelling, version })),
});
