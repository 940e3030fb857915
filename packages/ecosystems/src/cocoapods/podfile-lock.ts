import { shape, yamlSteps } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { isRecord, listOf, ownValue, recordOf, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { reportWrongYaml } from "../shared/reading/wrong-parts.ts";

const lockShape = shape.fields({
  PODS: shape.list(shape.either(shape.text, shape.entries(shape.list(shape.text)))),
  DEPENDENCIES: shape.list(shape.text),
  "SPEC CHECKSUMS": shape.entries(shape.text),
  "EXTERNAL SOURCES": shape.entries(shape.entries(shape.anything)),
});

/** `Podfile.lock` of CocoaPods: pods and the parts of pods ("subspecs") that were installed. */
export const podfileLock: FileAnalyzer = parsedFile({
  id: "cocoapods/podfile-lock",
  revision: 4,
  evidence: "declared",
  matches: [{ basename: "Podfile.lock" }],
  sign: /^(?:PODS|DEPENDENCIES|SPEC CHECKSUMS|PODFILE CHECKSUM|COCOAPODS):/m,
  language: "yaml",
  steps: (text) => yamlSteps(text),
  *read([document], file): Generator<Observation> {
    if (!isRecord(document)) return yield malformedFile(file, "not a mapping");
    yield* reportWrongYaml(file, document, lockShape);
    const direct = new Set(textsOf(document["DEPENDENCIES"]).map((text) => text.split(" ", 1)[0]));
    for (const pod of listOf(document["PODS"])) {
      // `- Name (1.0)` or `- Name (1.0): [dependencies]`.
      const [stated, dependencies] = isRecord(pod) ? (Object.entries(pod)[0] ?? [""]) : [textOf(pod) ?? ""];
      const [, name, version] = /^([^\s(]+) \(([^\s()]+)\)$/.exec(stated) ?? [];
      if (name === undefined || version === undefined) {
        yield malformedFile(file, `${JSON.stringify(pod).slice(0, 80)} is no pod with a version`);
        continue;
      }
      const sha1 = textOf(ownValue(document["SPEC CHECKSUMS"], name.split("/", 1)[0] ?? ""));
      const dependsOn = textsOf(dependencies).flatMap((text) => text.split(" ", 1)[0] ?? []);
      yield {
        kind: "package",
        package: {
          name,
          version,
          relationship: direct.has(name) ? "direct" : "indirect",
          ...(dependsOn.length === 0 ? {} : { dependsOn }),
          ...originOf(ownValue(document["EXTERNAL SOURCES"], name.split("/", 1)[0] ?? "")),
          // It is the checksum of the podspec, not of the code.
          ...(sha1 === undefined ? {} : { facts: { podspec: sha1 } }),
        },
      };
    }
  },
});

/** `EXTERNAL SOURCES` has the pods that the Podfile takes from elsewhere than a repository of specs. */
function originOf(source: unknown): Pick<FoundPackage, "origin"> {
  const fields = Object.keys(recordOf(source));
  if (fields.length === 0) return {};
  if (fields.includes(":path")) return { origin: "path" };
  return { origin: fields.some((field) => [":git", ":hg", ":svn"].includes(field)) ? "repository" : "archive" };
}
