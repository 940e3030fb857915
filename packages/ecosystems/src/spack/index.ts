import { formatPurl, parseJson, shape } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { isRecord, listOf, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const specificationShape = shape.fields({
  spec: shape.fields({
    nodes: shape.list(
      shape.fields({
        name: shape.text,
        version: shape.text,
        hash: shape.text,
        arch: shape.fields({ target: shape.either(shape.text, shape.texts("name")) }),
        external: shape.orNull(shape.entries(shape.anything)),
      }),
    ),
  }),
});

/** What an installation was made of: `<prefix>/.spack/spec.json`, the package first, then all that it needs. */
const specification: FileAnalyzer = parsedFile({
  id: "spack/specification",
  revision: 2,
  matches: [{ suffix: "/.spack/spec.json" }],
  parse: parseJson,
  *read(document, file): Generator<Observation> {
    yield* reportWrongParts(file, document, specificationShape);
    for (const [at, node] of listOf(ownValue(ownValue(document, "spec"), "nodes")).entries()) {
      // Provided by the system, not by Spack.
      if (isRecord(ownValue(node, "external"))) continue;
      const name = textOf(ownValue(node, "name"));
      const version = textOf(ownValue(node, "version"));
      if (name === undefined || version === undefined)
        yield malformedFile(file, `node ${at} has no ${name === undefined ? "name" : "version"}`);
      else yield { kind: "package", package: { name, version, ...detailsOf(node, name) } };
    }
  },
});

function detailsOf(
  node: unknown,
  name: string,
): { readonly key: string; readonly architecture?: string; readonly facts?: Readonly<Record<string, string>> } {
  const hash = textOf(ownValue(node, "hash"));
  const target = ownValue(ownValue(node, "arch"), "target");
  const architecture = textOf(target) ?? textOf(ownValue(target, "name"));
  return {
    key: hash ?? name,
    ...(architecture === undefined ? {} : { architecture }),
    ...(hash === undefined ? {} : { facts: { hash } }),
  };
}

/** Spack, the package manager of computing centres. Nobody publishes advisories for its packages. */
export const spack: Ecosystem = defineEcosystem({
  id: "spack",
  analyzers: [specification],
  purl: (pkg) => formatPurl({ type: "spack", name: pkg.name, version: pkg.version }),
  lookupGap: () => ({ code: "no-advisories", message: "Nobody publishes advisories for Spack packages" }),
});
