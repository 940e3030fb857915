import { parseYaml } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, recordOf, textOf } from "../shared/reading/untrusted.ts";

/**
 * Packages that come with an SDK, with the lowest version of it that `pubspec.lock` asks for: the file itself gives them all the
 * version 0.0.0.
 */
export const pubSdkRequested: FileAnalyzer = parsedFile({
  id: "pub/requested",
  revision: 1,
  evidence: "requested",
  matches: [{ basename: "pubspec.lock" }],
  language: "yaml",
  parse: (text) => recordOf(parseYaml(text)[0]),
  *read(document): Generator<Observation> {
    const sdks = recordOf(document["sdks"]);
    for (const [name, value] of entriesOf(document["packages"])) {
      const entry = recordOf(value);
      const sdk = textOf(entry["description"]);
      if (entry["source"] !== "sdk" || sdk === undefined || !Object.hasOwn(sdks, sdk)) continue;
      const requirement = textOf(sdks[sdk]) ?? "";
      const [, version] = /^(?:\^|>=)?\s{0,8}(\d+\.\d+\.\d+[\w.+-]*)/.exec(requirement) ?? [];
      if (version === undefined) continue;
      const kind = textOf(entry["dependency"]) ?? "";
      yield {
        kind: "package",
        package: {
          name,
          version,
          relationship: kind.startsWith("direct") ? "direct" : "indirect",
          ...(kind === "direct dev" ? { scope: "dev" } : {}),
          facts: { source: "sdk", requirement },
        },
      };
    }
  },
});
