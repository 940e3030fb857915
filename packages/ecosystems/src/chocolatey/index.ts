import { formatPurl, xmlSteps, xmlChild, xmlText } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";

/** The manifest that an installed package keeps: `ProgramData/chocolatey/lib/<id>/<id>.nuspec`. */
const manifest: FileAnalyzer = parsedFile({
  id: "chocolatey/manifest",
  revision: 2,
  matches: [{ suffix: ".nuspec" }],
  maxBytes: 4 * 1024 * 1024,
  steps: (text) => xmlSteps(text),
  *read({ root, problem }, file): Generator<Observation> {
    if (!/(?:^|\/)chocolatey\/lib\//i.test(file.path)) return;
    const metadata = xmlChild(root, "metadata");
    const name = xmlText(metadata, "id");
    const version = xmlText(metadata, "version");
    const supplier = xmlText(metadata, "authors");
    if (problem !== undefined) yield malformedFile(file, problem);
    if (name === undefined || version === undefined)
      yield malformedFile(file, `the package has no ${name === undefined ? "id" : "version"}`);
    else yield { kind: "package", package: { name, version, ...(supplier === undefined ? {} : { supplier }) } };
  },
});

/** Chocolatey, in images of Windows. Nobody publishes advisories for its packages. */
export const chocolatey: Ecosystem = defineEcosystem({
  id: "chocolatey",
  analyzers: [manifest],
  purl: (pkg) => formatPurl({ type: "chocolatey", name: pkg.name, version: pkg.version }),
  lookupGap: () => ({ code: "no-advisories", message: "Nobody publishes advisories for Chocolatey packages" }),
});
