import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { sbomFile } from "./sbom-file.ts";
import { nativeImageSbom } from "./native-image.ts";

/**
 * Packages named by SBOMs inside of an image. They are reported for the ecosystem of their package URL; those of ecosystems that are
 * not supported stay in this one, and have no advisories.
 */
export const embeddedSbom: Ecosystem = defineEcosystem({
  id: "embedded-sbom",
  analyzers: [sbomFile, nativeImageSbom],
  purl: ({ name, version, facts }) => facts?.["purl"] ?? formatPurl({ type: "generic", name, version }),
});
