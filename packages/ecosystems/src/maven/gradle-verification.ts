import { xmlSteps, xmlChild, xmlChildren } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { isToken, mavenPackage } from "./coordinates.ts";

/** The document, the list of components, and those in it; what is in these, artifacts and their checksums, is not asked for. */
const depthOfComponents = 3;

/** `gradle/verification-metadata.xml`: every artifact the build may download, with checksums. */
export const gradleVerification: FileAnalyzer = parsedFile({
  id: "maven/gradle-verification",
  revision: 4,
  evidence: "declared",
  matches: [{ basename: "verification-metadata.xml" }],
  language: "xml",
  readsByEntries: true,
  steps: (text) => xmlSteps(text, { keptDepth: depthOfComponents }),
  *read({ root, problem }, file): Generator<Observation> {
    if (problem !== undefined) yield malformedFile(file, problem);
    if (root.name !== "verification-metadata")
      return yield malformedFile(file, `<${root.name.slice(0, 80)}> where <verification-metadata> was expected`);
    for (const component of xmlChildren(xmlChild(root, "components"), "component")) {
      const group = component.attributes.get("group");
      const artifact = component.attributes.get("name");
      const version = component.attributes.get("version");
      if (!isToken(group) || !isToken(artifact) || !isToken(version)) continue;
      yield { kind: "package", package: mavenPackage({ group, artifact, version }), line: component.line };
    }
  },
});
