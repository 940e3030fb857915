import { xmlSteps, xmlChild, xmlText } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";

/** `*.nuspec` in a package folder (learn.microsoft.com/nuget/reference/nuspec): the package is unpacked here. */
export const nuspec: FileAnalyzer = parsedFile({
  id: "nuget/nuspec",
  revision: 2,
  matches: [{ suffix: ".nuspec" }],
  steps: (text) => xmlSteps(text),
  *read({ root, problem }, file): Generator<Observation> {
    if (problem !== undefined) yield malformedFile(file, problem);
    const metadata = xmlChild(root, "metadata");
    const name = xmlText(metadata, "id");
    const version = xmlText(metadata, "version");
    if (name === undefined || version === undefined || /[$]/.test(name + version)) return;
    const license = xmlText(metadata, "license");
    const supplier = xmlText(metadata, "authors");
    yield {
      kind: "package",
      package: {
        name,
        version,
        ...(license === undefined ? {} : { licenses: [license] }),
        ...(supplier === undefined ? {} : { supplier }),
      },
    };
  },
});
