import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { semver } from "../shared/versions/semver.ts";
import { juliaDepot, juliaProject } from "./depot.ts";
import { juliaManifest } from "./manifest.ts";

/** Julia packages. */
export const julia: Ecosystem = defineEcosystem({
  id: "julia",
  analyzers: [juliaDepot, juliaProject, juliaManifest],
  foreignDirectories: [{ name: ".julia/packages" }],
  versions: semver,
  purl: ({ name, version, facts }) =>
    formatPurl({
      type: "julia",
      name,
      version,
      qualifiers: { uuid: facts?.["uuid"], repository_url: facts?.["from"] },
    }),
  advisoryKeys: ({ name, version }) => [{ namespace: "Julia", name, version }],
});
