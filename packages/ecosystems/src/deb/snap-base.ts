import { parseYaml, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { listOf, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { ubuntuPackage } from "./ubuntu-sources.ts";
import { reportWrongYaml } from "../shared/reading/wrong-parts.ts";

/** The packages that a base snap was built from: `- name[:arch]=version`. */
export const snapBase: FileAnalyzer = parsedFile({
  id: "deb/snap-base",
  revision: 2,
  matches: [{ suffix: "usr/share/snappy/dpkg.yaml" }],
  parse: (text) => parseYaml(text),
  *read([document], file): Generator<Observation> {
    yield* reportWrongYaml(file, document, shape.fields({ packages: shape.list(shape.anything) }));
    for (const item of listOf(ownValue(document, "packages"))) {
      const [, name, architecture, version] = /^([^:=\s]+)(?::([^=\s]+))?=(\S+)$/.exec(textOf(item) ?? "") ?? [];
      if (name === undefined || version === undefined)
        yield malformedFile(file, `${JSON.stringify(item)} is no package with a version`);
      else yield ubuntuPackage(name, version, architecture);
    }
  },
});
