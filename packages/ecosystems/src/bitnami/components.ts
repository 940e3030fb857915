import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { parseJson, parsePurl, shape } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { entriesOf, isRecord, listOf, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const spdxShape = shape.fields({
  packages: shape.list(
    shape.fields({
      licenseDeclared: shape.text,
      externalRefs: shape.list(shape.texts("referenceType", "referenceLocator")),
    }),
  ),
});
const componentsShape = shape.entries(shape.texts("version", "arch", "distro"));

const shared = { kind: "file", revision: 2, maxBytes: 64 * 1024 * 1024 } as const;

/**
 * `.spdx-<component>.spdx` below `opt/bitnami`, which each component brings along. Components and those that they bundle are taken;
 * what else they contain is found by other ecosystems.
 */
export const bitnamiSpdx: FileAnalyzer = {
  ...shared,
  id: "bitnami/spdx",
  matches: [{ suffix: ".spdx" }],
  async *analyze(file) {
    if (!/(?:^|\/)opt\/bitnami\/(?:.*\/)?\.spdx-[^/]+\.spdx$/.test(file.path)) return;
    const text = await file.text();
    const read = readValuesOrReport(file, text, "json", parseJson);
    if ("problem" in read) return yield read.problem;
    if (!isRecord(read.value)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, read.value, spdxShape);
    for (const item of listOf(read.value["packages"])) {
      const found = componentOf(recordOf(item));
      if (found !== undefined) yield { kind: "package", package: found };
    }
  },
};

function componentOf(item: Readonly<Record<string, unknown>>): FoundPackage | undefined {
  const references = listOf(item["externalRefs"]).map(recordOf);
  for (const reference of references) {
    const purl = parsePurl(textOf(reference["referenceLocator"]) ?? "");
    if (purl?.type !== "bitnami" || purl.version === undefined) continue;
    const license = textOf(item["licenseDeclared"]);
    const cpes = references.flatMap(({ referenceType, referenceLocator }) =>
      referenceType === "cpe23Type" ? (textOf(referenceLocator) ?? []) : [],
    );
    return component(purl.name, purl.version, purl.qualifiers?.["arch"], purl.qualifiers?.["distro"], {
      ...(license === undefined || license === "NOASSERTION" || license === "NONE" ? {} : { licenses: [license] }),
      ...(cpes.length === 0 ? {} : { cpes }),
    });
  }
  return undefined;
}

/** `.bitnami_components.json`, which older images have instead. */
export const bitnamiComponents: FileAnalyzer = {
  ...shared,
  id: "bitnami/components",
  matches: [{ basename: ".bitnami_components.json" }],
  async *analyze(file) {
    const text = await file.text();
    const read = readValuesOrReport(file, text, "json", parseJson);
    if ("problem" in read) return yield read.problem;
    if (!isRecord(read.value)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, read.value, componentsShape);
    for (const [name, value] of entriesOf(read.value)) {
      const entry = recordOf(value);
      const version = textOf(entry["version"]);
      if (version === undefined) continue;
      yield { kind: "package", package: component(name, version, textOf(entry["arch"]), textOf(entry["distro"]), {}) };
    }
  },
};

function component(
  name: string,
  version: string,
  arch: string | undefined,
  distro: string | undefined,
  more: Partial<FoundPackage>,
): FoundPackage {
  return {
    name,
    version,
    ...(arch === undefined ? {} : { architecture: arch }),
    ...more,
    ...(distro === undefined ? {} : { facts: { distro } }),
  };
}
