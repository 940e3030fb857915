import { readSbomDocument } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile, readOrReport } from "../shared/reading/malformed-file.ts";
import { packagesOf } from "./components.ts";

/** Endings that tools give to documents of these formats, and nobody else to other files. */
const suffixes = [
  ".cdx",
  ".cdx.json",
  ".cdx.xml",
  ".cyclonedx.json",
  ".cyclonedx.xml",
  ".sbom.json",
  ".spdx",
  ".spdx.json",
  ".spdx.rdf",
  ".spdx.yaml",
  ".spdx.yml",
  ".syft.json",
];

/** Names that say which format is inside; `bom.json` may be many things. */
const named = /\.(?:cdx|cyclonedx|spdx|syft)(?:\.\w+)?$|(?:^|\/)\.spdx\.[^/]+$/;

/**
 * Bills of materials beside what they describe: below `*.dist-info/sboms` (PEP 770), `var/lib/db/sbom` (apko),
 * `opt/bitnami`, `opt/docker/sbom` (hardened images: `.spdx.<name>.json`), `usr/share/sbom`, `layers/sbom` (buildpacks) and wherever else a file is named like one.
 */
export const sbomFile: FileAnalyzer = {
  kind: "file",
  id: "embedded-sbom/file",
  revision: 6,
  matches: [
    ...suffixes.map((suffix) => ({ suffix })),
    { stem: ".spdx." },
    ...["bom.json", "bom.xml", "sbom.json", "sbom.xml"].map((basename) => ({ basename })),
  ],
  maxBytes: 128 * 1024 * 1024,
  async *analyze(file) {
    const text = await file.text();
    const read = readOrReport(file, () => readSbomDocument(text));
    if ("problem" in read) return yield read.problem;
    for (const problem of read.value?.problems ?? []) yield malformedFile(file, problem);
    if (read.value !== undefined) yield* packagesOf(read.value);
    else if (named.test(file.path))
      yield { ...malformedFile(file, "has the name of a bill of materials, but is none"), effect: "none" };
  },
};
