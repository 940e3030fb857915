import { formatPurl, parseYaml, shape } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { ownValue, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { reportWrongYaml } from "../shared/reading/wrong-parts.ts";

const metadataShape = shape.fields({
  architectures: shape.either(shape.text, shape.list(shape.text)),
  license: shape.text,
});

/** The description that every installed snap carries: `snap/<name>/<revision>/meta/snap.yaml`. */
const metadata: FileAnalyzer = parsedFile({
  id: "snap/metadata",
  revision: 2,
  matches: [{ suffix: "/meta/snap.yaml" }],
  maxBytes: 4 * 1024 * 1024,
  parse: (text) => parseYaml(text),
  *read([document], file): Generator<Observation> {
    const name = textOf(ownValue(document, "name"));
    const version = textOf(ownValue(document, "version"));
    if (name === undefined || version === undefined) {
      yield malformedFile(file, `the snap has no ${name === undefined ? "name" : "version"}`);
      return;
    }
    yield* reportWrongYaml(file, document, metadataShape);
    const architectures = textsOf(ownValue(document, "architectures"));
    const license = textOf(ownValue(document, "license"));
    yield {
      kind: "package",
      package: {
        name,
        version,
        ...(architectures.length === 0 ? {} : { architecture: architectures.join(",") }),
        ...(license === undefined ? {} : { licenses: [license] }),
      },
    };
  },
});

/** Snaps that are there as files and mounted when the system starts: `snaps/core22_1380.snap`. What is in them is not read. */
const packed: FileAnalyzer = {
  kind: "file",
  id: "snap/packed",
  revision: 2,
  matches: [{ directory: "var/lib/snapd/snaps" }, { directory: "var/lib/snapd/seed/snaps" }],
  *analyze(file): Generator<Observation> {
    const [, name, revision] = /\/([a-z0-9-]+)_(x?\d+)\.snap$/.exec(file.path) ?? [];
    if (name === undefined || revision === undefined) return;
    yield {
      kind: "diagnostic",
      code: "unsupported-format",
      effect: "incomplete",
      message: `${file.path}: the snap ${name}, revision ${revision}, is packed: neither its version nor what is in it is known`,
      location: { path: file.path },
    };
  },
};

/** Snaps. Nobody publishes advisories for them; their versions are free text of the publisher. */
export const snap: Ecosystem = defineEcosystem({
  id: "snap",
  analyzers: [metadata, packed],
  purl: (pkg) =>
    formatPurl({ type: "snap", name: pkg.name, version: pkg.version, qualifiers: { arch: pkg.architecture } }),
  lookupGap: () => ({ code: "no-advisories", message: "Nobody publishes advisories for snaps" }),
});
