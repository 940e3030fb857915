import { parseJson, stanzas, shape } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { isRecord, listOf, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const manifestShape = shape.fields({
  overrides: shape.list(shape.texts("name", "version", "version-string", "version-semver", "version-date")),
});

/** `installed/vcpkg/status`: paragraphs as dpkg writes them, one per port and one per feature of a port. */
const status: FileAnalyzer = parsedFile({
  id: "vcpkg/status",
  revision: 4,
  matches: [{ suffix: "installed/vcpkg/status" }],
  parse: (text) => [...stanzas(text)],
  *read(paragraphs): Generator<Observation> {
    for (const { fields, line } of paragraphs) {
      const [name, version] = [fields.get("package"), fields.get("version")];
      // The last word tells; `not-installed` and `half-installed` are others.
      const isInstalled = /(?:^|\s)installed$/.test(fields.get("status") ?? "");
      if (name === undefined || version === undefined || fields.has("feature") || !isInstalled) continue;
      const port = fields.get("port-version");
      const architecture = fields.get("architecture");
      yield {
        kind: "package",
        package: {
          name,
          version,
          ...(architecture === undefined ? {} : { architecture }),
          ...(port === undefined ? {} : { facts: { "port-version": port } }),
        },
        line,
      };
    }
  },
});

/** `vcpkg.json`: what a project asks for; versions only where it overrides them. */
const manifest: FileAnalyzer = parsedFile({
  id: "vcpkg/manifest",
  revision: 3,
  evidence: "declared",
  matches: [{ basename: "vcpkg.json" }],
  sign: /"(?:name|builtin-baseline)"\s*:\s*"|"dependencies"\s*:\s*\[\s*["{\]]/,
  language: "json",
  parse: parseJson,
  *read(document, file): Generator<Observation> {
    if (!isRecord(document)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, document, manifestShape);
    for (const override of listOf(document["overrides"])) {
      const {
        name,
        version,
        "version-string": text,
        "version-semver": semver,
        "version-date": date,
      } = recordOf(override);
      const [port, stated] = [textOf(name), textOf(version) ?? textOf(semver) ?? textOf(date) ?? textOf(text)];
      if (port === undefined || stated === undefined) continue;
      yield { kind: "package", package: { name: port, version: stated, relationship: "direct" } };
    }
  },
});

/** C and C++ libraries of vcpkg. No advisory database names its ports. */
export const vcpkg: Ecosystem = defineEcosystem({
  id: "vcpkg",
  foreignDirectories: [
    { name: "ports", beside: [".vcpkg-root"] },
    { name: "buildtrees", beside: [".vcpkg-root"] },
  ],
  analyzers: [status, manifest],
  purl: ({ name, version, facts, architecture }) =>
    formatPurl({
      type: "generic",
      namespace: "vcpkg",
      name,
      version,
      qualifiers: { port_version: facts?.["port-version"], triplet: architecture },
    }),
  lookupGap: () => ({ code: "no-advisories", message: "No advisory source names vcpkg ports" }),
});
