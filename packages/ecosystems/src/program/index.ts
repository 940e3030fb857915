import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/purl.ts";
import { fuzzyVersions } from "../shared/fuzzy-versions.ts";
import { programText } from "./program.ts";

/** Programs that no package manager installed, known by the text inside of them. */
export const program: Ecosystem = defineEcosystem({
  id: "program",
  analyzers: [programText],
  versions: fuzzyVersions,
  purl: ({ name, version }) => formatPurl({ type: "generic", name, version }),
  // Bitnami's advisories name upstream software by the same plain names.
  advisoryKeys: ({ name, version }) => [{ namespace: "Bitnami", name, version }],
});
