import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { condaEnvironment, condaExplicit, condaLock } from "./declared.ts";
import { condaMeta } from "./meta.ts";
import { condaPixi } from "./pixi.ts";

/** Conda packages. No database has advisories for them; Python distributions among them are found by their own metadata. */
export const conda: Ecosystem = defineEcosystem({
  id: "conda",
  foreignDirectories: [{ name: "pkgs", beside: ["conda-meta"] }],
  analyzers: [condaMeta, condaEnvironment, condaLock, condaExplicit, condaPixi],
  purl: ({ name, version, facts }) =>
    formatPurl({
      type: "conda",
      name,
      version,
      qualifiers: { build: facts?.["build"], channel: facts?.["channel"], subdir: facts?.["subdir"] },
    }),
});
