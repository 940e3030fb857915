import { parseToml, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, ownValue, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { isToken, mavenPackage } from "./coordinates.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const versionShape = shape.either(shape.text, shape.texts("ref", "strictly", "require", "prefer"));
const catalogShape = shape.fields({
  libraries: shape.entries(
    shape.either(
      shape.text,
      shape.fields({ module: shape.text, group: shape.text, name: shape.text, version: versionShape }),
    ),
  ),
  versions: shape.entries(versionShape),
});

/** `gradle/libs.versions.toml` (docs.gradle.org, "Version Catalogs"): the libraries a build may name, not its plugins. */
export const gradleCatalog: FileAnalyzer = parsedFile({
  id: "maven/gradle-catalog",
  revision: 3,
  evidence: "declared",
  matches: [{ suffix: ".versions.toml" }],
  parse: parseToml,
  *read(document, file): Generator<Observation> {
    yield* reportWrongParts(file, document, catalogShape);
    for (const [, library] of entriesOf(document["libraries"])) {
      const [group, artifact, inline] = coordinatesOf(library);
      if (!isToken(group) || !isToken(artifact)) continue;
      const version = oneVersion(inline) ?? versionOf(recordOf(library)["version"], document["versions"]);
      yield {
        kind: "package",
        package: mavenPackage({ group, artifact, version: version ?? "" }, { relationship: "direct" }),
      };
    }
  },
});

function coordinatesOf(library: unknown): readonly (string | undefined)[] {
  if (typeof library === "string") return library.split(":");
  const { module, group, name } = recordOf(library);
  return typeof module === "string" ? module.split(":").slice(0, 2) : [textOf(group), textOf(name)];
}

/** A plain version, a reference, or a rich version: what must or should be, and within a range of those what is liked. */
function versionOf(version: unknown, versions: unknown): string | undefined {
  if (typeof version === "string") return oneVersion(version);
  const reference = textOf(recordOf(version)["ref"]);
  if (reference !== undefined) return versionOf(ownValue(versions, reference), undefined);
  const { strictly, require, prefer } = recordOf(version);
  return oneVersion(textOf(strictly) ?? textOf(require)) ?? oneVersion(textOf(prefer));
}

/** No range (`[1.0, 2.0[`), prefix (`1.+`) or word for the newest (`latest.release`): what those come to shows when Gradle runs. */
function oneVersion(text: string | undefined): string | undefined {
  return text === undefined || /^[[\](]|\+$|^latest\./.test(text.trim()) ? undefined : text;
}
