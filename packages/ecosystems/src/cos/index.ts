import { formatPurl, parseJson, shape } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { distroQualifier, unknownDistro, unsupportedDistro } from "../shared/distro/distro-support.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { distroAnalyzers } from "../shared/distro/os-release.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { portageVersions } from "../shared/versions/portage-versions.ts";
import { listOf, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const infoShape = shape.fields({ installedPackages: shape.list(shape.texts("category", "ebuild_version")) });

const packageInfo: FileAnalyzer = parsedFile({
  id: "cos/package-info",
  revision: 2,
  matches: [{ path: "etc/cos-package-info.json" }],
  parse: parseJson,
  *read(document, file): Generator<Observation> {
    yield* reportWrongParts(file, document, infoShape);
    // `buildTimePackages` were only needed to build the image.
    for (const [at, entry] of listOf(ownValue(document, "installedPackages")).entries()) {
      const name = textOf(ownValue(entry, "name"));
      const version = textOf(ownValue(entry, "version"));
      const category = textOf(ownValue(entry, "category"));
      const ebuild = textOf(ownValue(entry, "ebuild_version"));
      if (name === undefined || version === undefined)
        yield malformedFile(file, `package ${at} has no ${name === undefined ? "name" : "version"}`);
      else
        yield {
          kind: "package",
          package: {
            name,
            version,
            facts: {
              ...(category === undefined ? {} : { category }),
              ...(ebuild === undefined ? {} : { ebuildversion: ebuild }),
            },
          },
        };
    }
  },
});

/** Container-Optimized OS of Google, built with portage and numbered by its own milestones. Nobody publishes advisories by package. */
export const cos: Ecosystem = {
  id: "cos",
  class: "os",
  analyzers: [packageInfo, ...distroAnalyzers],
  versions: portageVersions,
  purl: (pkg, distro) =>
    formatPurl({ type: "cos", name: pkg.name, version: pkg.version, qualifiers: { distro: distroQualifier(distro) } }),
  advisoryKeys: () => [],
  lookupGap: (_, distro) => (distro === undefined ? unknownDistro : unsupportedDistro(distro)),
};
