import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { sbomFile } from "./sbom-file.ts";
import { nativeImageSbom } from "./native-image.ts";

/**
 * Packages that documents inside of an image speak of. They are told for the ecosystem that their package URL names;
 * those of worlds that nobody reads here stay in this one, and no advisories speak of them.
 */
export const embeddedSbom: Ecosystem = defineEcosystem({
  id: "embedded-sbom",
  analyzers: [sbomFile, nativeImageSbom],
  purl: ({ name, version, facts }) => facts?.["purl"] ?? formatPurl({ type: "generic", name, version }),
});
