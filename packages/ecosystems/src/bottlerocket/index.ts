import { formatPurl, parseJson, shape } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { distroQualifier } from "../shared/distro/distro-support.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { distroAnalyzers } from "../shared/distro/os-release.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { rpmVersions } from "../shared/versions/rpm-versions.ts";
import { listOf, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const inventoryShape = shape.fields({
  Content: shape.list(
    shape.fields({ Release: shape.text, Epoch: shape.scalar, Architecture: shape.text, Publisher: shape.text }),
  ),
});

const inventory: FileAnalyzer = parsedFile({
  id: "bottlerocket/inventory",
  revision: 2,
  matches: [{ path: "usr/share/bottlerocket/application-inventory.json" }],
  parse: parseJson,
  *read(document, file): Generator<Observation> {
    yield* reportWrongParts(file, document, inventoryShape);
    for (const [at, entry] of listOf(ownValue(document, "Content")).entries()) {
      const observation = readEntry(entry);
      yield observation ?? malformedFile(file, `entry ${at} has no name or no version`);
    }
  },
});

function readEntry(entry: unknown): Observation | undefined {
  const name = textOf(ownValue(entry, "Name"));
  const version = textOf(ownValue(entry, "Version"));
  if (name === undefined || version === undefined) return undefined;
  const release = textOf(ownValue(entry, "Release"));
  const epoch = String(ownValue(entry, "Epoch") ?? "");
  const architecture = textOf(ownValue(entry, "Architecture"));
  const supplier = textOf(ownValue(entry, "Publisher"));
  return {
    kind: "package",
    package: {
      name,
      version: `${/^[1-9]\d*$/.test(epoch) ? `${epoch}:` : ""}${version}${release === undefined ? "" : `-${release}`}`,
      ...(architecture === undefined ? {} : { architecture }),
      ...(supplier === undefined ? {} : { supplier }),
    },
  };
}

/** Bottlerocket, whose images list what they were built from in place of a package database. */
export const bottlerocket: Ecosystem = {
  id: "bottlerocket",
  class: "os",
  analyzers: [inventory, ...distroAnalyzers],
  // Its packages are built as rpm packages.
  versions: rpmVersions,
  purl: (pkg, distro) => {
    const [, epoch, version] = /^(?:(\d+):)?(.*)$/s.exec(pkg.version) ?? [];
    return formatPurl({
      type: "bottlerocket",
      name: pkg.name,
      version,
      qualifiers: { arch: pkg.architecture, distro: distroQualifier(distro), epoch },
    });
  },
  advisoryKeys: (pkg) => [{ namespace: "Bottlerocket", name: pkg.name, version: pkg.version }],
};
