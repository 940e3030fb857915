import { parseYaml, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, listOf, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { ubuntuPackage } from "./ubuntu-sources.ts";
import { reportWrongYaml } from "../shared/reading/wrong-parts.ts";

const packageNames = shape.list(shape.text);
const manifestShape = shape.fields({
  "primed-stage-packages": packageNames,
  parts: shape.entries(shape.fields({ "stage-packages": packageNames })),
  architectures: shape.list(shape.text),
});

/**
 * `snap/manifest.yaml`, in which Snapcraft writes what it put into a snap (documentation.ubuntu.com/snapcraft, "Manifest files"):
 * packages of Ubuntu as `name=version`, those that were primed where it tells, else those of all parts.
 */
export const snapManifest: FileAnalyzer = parsedFile({
  id: "deb/snap-manifest",
  revision: 2,
  matches: [{ suffix: "/snap/manifest.yaml" }, { path: "snap/manifest.yaml" }],
  maxBytes: 16 * 1024 * 1024,
  sign: /^(?:snapcraft-version|parts|primed-stage-packages|name):/m,
  parse: (text) => parseYaml(text),
  *read([document], file): Generator<Observation> {
    yield* reportWrongYaml(file, document, manifestShape);
    const primed = listOf(ownValue(document, "primed-stage-packages"));
    const staged = entriesOf(ownValue(document, "parts")).flatMap(([, part]) =>
      listOf(ownValue(part, "stage-packages")),
    );
    const architectures = listOf(ownValue(document, "architectures")).flatMap((item) => textOf(item) ?? []);
    for (const item of new Set(primed.length === 0 ? staged : primed)) {
      const [, name, architecture, version] = /^([^:=\s]+)(?::([^=\s]+))?=(\S+)$/.exec(textOf(item) ?? "") ?? [];
      if (name !== undefined && version !== undefined)
        yield ubuntuPackage(name, version, architecture ?? (architectures.length === 1 ? architectures[0] : undefined));
      else
        yield {
          ...malformedFile(file, `${JSON.stringify(item)?.slice(0, 200)} is no package with a version`),
          code: "unknown-version",
        };
    }
  },
});
