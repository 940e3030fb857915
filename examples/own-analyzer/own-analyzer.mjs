// Teaches Plimsoll a packaging world of its own: a file it does not know, how its versions are ordered, and an advisory.
//
//   node own-analyzer.mjs
import { defineEcosystem, imageArchive, memoryStore, scanImage, versionScheme } from "plimsoll";
import { imageBytes } from "./image-bytes.mjs";

const plugins = defineEcosystem({
  id: "harbour-plugin",
  versions: versionScheme("semver"),
  advisoryKeys: (pkg) => [{ namespace: "Harbour", name: pkg.name, version: pkg.version }],
  analyzers: [
    {
      kind: "file",
      id: "harbour-plugin/list",
      revision: 1,
      matches: [{ path: "etc/harbour/plugins.txt" }],
      async *analyze(file) {
        for (const [index, line] of (await file.text()).split("\n").entries()) {
          const [name, version] = line.trim().split(/\s+/);
          if (name && version) yield { kind: "package", package: { name, version }, line: index + 1 };
        }
      },
    },
  ],
});

const advisories = memoryStore([
  {
    id: "HARBOUR-2026-1",
    source: "harbour",
    aliases: [],
    summary: "The crane plugin trusts every crate",
    severities: [{ system: "rating", value: "HIGH", source: "harbour" }],
    references: [],
    affected: [
      {
        advisory: "HARBOUR-2026-1",
        namespace: "Harbour",
        name: "crane",
        ranges: [{ introduced: "1.0.0", end: { kind: "fixed", version: "1.4.2" } }],
      },
    ],
  },
]);

const report = await scanImage(imageArchive(imageBytes()), { ecosystems: [plugins], advisories, cache: false });
for (const finding of report.vulnerabilities ?? [])
  console.log(
    `${finding.id} ${finding.severity} ${finding.package.name} ${finding.package.version} -> ${finding.fixedVersion}`,
  );
