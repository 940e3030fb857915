import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { bitnamiComponents, bitnamiSpdx } from "./components.ts";
import { bitnamiVersions } from "./versions.ts";

/** Programs that Bitnami builds and puts below `opt/bitnami`. */
export const bitnami: Ecosystem = defineEcosystem({
  id: "bitnami",
  analyzers: [bitnamiSpdx, bitnamiComponents],
  versions: bitnamiVersions,
  purl: ({ name, version, architecture, facts }) =>
    formatPurl({ type: "bitnami", name, version, qualifiers: { arch: architecture, distro: facts?.["distro"] } }),
  advisoryKeys: ({ name, version }) => [{ namespace: "Bitnami", name, version }],
});
