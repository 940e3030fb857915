import { parseJson, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { isRecord, listOf, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { repositoryName } from "./repository-name.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const stateShape = shape.fields({
  object: shape.fields({
    dependencies: shape.list(
      shape.fields({
        packageRef: shape.texts("location", "path"),
        state: shape.fields({
          name: shape.text,
          version: shape.text,
          checkoutState: shape.orNull(shape.texts("revision", "branch", "version")),
        }),
      }),
    ),
  }),
});

/**
 * `.build/workspace-state.json`, the Swift package manager's record of what is checked out beside it
 * (`WorkspaceState` of swift-package-manager, versions 1 to 7).
 */
export const workspaceState: FileAnalyzer = parsedFile({
  id: "swift/workspace-state",
  revision: 2,
  matches: [{ suffix: ".build/workspace-state.json" }],
  language: "json",
  parse: (text) => parseJson(text),
  *read(document, file): Generator<Observation> {
    if (!isRecord(document)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, document, stateShape);
    for (const item of listOf(recordOf(document["object"])["dependencies"])) {
      const { packageRef, state } = recordOf(item);
      const { location, path } = recordOf(packageRef);
      const { name, checkoutState, version } = recordOf(state);
      const { revision, branch, version: checkedOut } = recordOf(checkoutState);
      const repository = repositoryName(textOf(location) ?? textOf(path));
      // Edited and local packages are whatever they are.
      if (
        repository === undefined ||
        !["sourceControlCheckout", "registryDownload", "checkout"].includes(textOf(name) ?? "")
      )
        continue;
      const commit = textOf(revision);
      yield {
        kind: "package",
        package: {
          name: repository,
          version: textOf(checkedOut) ?? textOf(version) ?? textOf(branch) ?? commit ?? "",
          ...(commit === undefined ? {} : { facts: { revision: commit } }),
        },
      };
    }
  },
});
