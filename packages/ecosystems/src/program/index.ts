import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { cpeKeys } from "../shared/names/cpe-keys.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { fuzzyVersions } from "../shared/versions/fuzzy-versions.ts";
import { programText } from "./program.ts";
import { miseConfig, nodeVersionFile, toolVersions } from "./tool-files.ts";

/** Programs that no package manager installed, known by the text inside of them. */
export const program: Ecosystem = defineEcosystem({
  id: "program",
  analyzers: [programText, toolVersions, miseConfig, nodeVersionFile],
  versions: fuzzyVersions,
  purl: ({ name, version }) => formatPurl({ type: "generic", name, version }),
  // Bitnami's advisories name upstream software by the same plain names, but only what Bitnami packages itself.
  advisoryKeys: ({ name, version, cpes }) => [
    { namespace: "Bitnami", name, version, selective: true },
    ...cpeKeys(cpes, version),
  ],
});
