import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { description, renvLock, sourceDescription } from "./description.ts";
import { cranVersions } from "./versions.ts";

/** R packages of CRAN and Bioconductor. */
export const cran: Ecosystem = defineEcosystem({
  id: "cran",
  analyzers: [description, sourceDescription, renvLock],
  foreignDirectories: [{ name: "renv/library" }, { name: "packrat/lib" }],
  versions: cranVersions,
  purl: ({ name, version, facts }) =>
    formatPurl({ type: facts?.["repository"] === "Bioconductor" ? "bioconductor" : "cran", name, version }),
  advisoryKeys: ({ name, version, facts }) =>
    facts?.["priority"] === "base" ? [] : [{ namespace: facts?.["repository"] ?? "CRAN", name, version }],
});
