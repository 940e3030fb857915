import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { formatPurl, parseJson, shape } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { listOf, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const receiptShape = shape.fields({
  source: shape.fields({ tap: shape.text }),
  runtime_dependencies: shape.orNull(shape.list(shape.texts("full_name"))),
});

/** `…/Cellar/<name>/<version>/…`: the place says what it is. */
function placeOf(
  path: string,
  root: "Cellar" | "Caskroom",
): { readonly name: string; readonly version: string } | undefined {
  const parts = path.split("/");
  const at = parts.lastIndexOf(root);
  const [name, version] = at === -1 || at + 3 >= parts.length ? [] : parts.slice(at + 1, at + 3);
  return name === undefined || name === "" || version === undefined || version === "" ? undefined : { name, version };
}

/** The receipt that installing a formula or a cask leaves. */
const receipt: FileAnalyzer = {
  kind: "file",
  id: "homebrew/receipt",
  revision: 3,
  matches: [{ basename: "INSTALL_RECEIPT.json" }],
  maxBytes: 4 * 1024 * 1024,
  async *analyze(file): AsyncGenerator<Observation> {
    const placed = placeOf(file.path, "Cellar");
    const caskName = /(?:^|\/)Caskroom\/([^/]+)\/\.metadata\/INSTALL_RECEIPT\.json$/.exec(file.path)?.[1];
    if (placed === undefined && caskName === undefined) return;
    const text = await file.text();
    const document = readValuesOrReport(file, text, "json", parseJson);
    if ("problem" in document) yield document.problem;
    const content = "value" in document ? document.value : undefined;
    yield* reportWrongParts(file, content, receiptShape);
    const found = placed ?? caskOf(caskName, textOf(ownValue(ownValue(content, "source"), "version")));
    if (found === undefined) {
      if ("value" in document) yield malformedFile(file, "the receipt states no version");
      return;
    }
    const tap = textOf(ownValue(ownValue(content, "source"), "tap"));
    const dependsOn = listOf(ownValue(content, "runtime_dependencies")).flatMap(
      (dependency) => textOf(ownValue(dependency, "full_name"))?.split("/").at(-1) ?? [],
    );
    yield {
      kind: "package",
      package: {
        ...found,
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
        ...(tap === undefined ? {} : { facts: { tap } }),
      },
    };
  },
};

/** Receipts of casks lie beside their versions and state which one is installed. */
function caskOf(
  name: string | undefined,
  version: string | undefined,
): { readonly name: string; readonly version: string } | undefined {
  return name === undefined || version === undefined ? undefined : { name, version };
}

/** Files that casks leave in their room. */
const cask: FileAnalyzer = {
  kind: "file",
  id: "homebrew/cask",
  revision: 2,
  matches: [{ basename: "source.properties" }, { suffix: ".wrapper.sh" }],
  async *analyze(file): AsyncGenerator<Observation> {
    const found = placeOf(file.path, "Caskroom");
    if (found !== undefined) yield { kind: "package", package: found };
  },
};

/** Homebrew, on Linux too. Nobody publishes advisories for formulae; versions have no order of their own. */
export const homebrew: Ecosystem = defineEcosystem({
  id: "homebrew",
  analyzers: [receipt, cask],
  purl: (pkg) =>
    formatPurl({ type: "brew", name: pkg.name, version: pkg.version, qualifiers: { tap: pkg.facts?.["tap"] } }),
  lookupGap: () => ({ code: "no-advisories", message: "Nobody publishes advisories for Homebrew packages" }),
});
