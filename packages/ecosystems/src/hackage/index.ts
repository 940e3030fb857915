import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { cabalFreeze, stackLock, stackProject } from "./freeze-files.ts";
import { ghcPackages } from "./package-database.ts";
import { hackageVersions } from "./versions.ts";

/** Haskell packages. */
export const hackage: Ecosystem = defineEcosystem({
  id: "hackage",
  analyzers: [ghcPackages, cabalFreeze, stackLock, stackProject],
  foreignDirectories: [{ name: "dist-newstyle/src" }, { name: ".stack-work/downloaded" }],
  versions: hackageVersions,
  advisoryKeys: ({ name, version }) => [{ namespace: "Hackage", name, version }],
});
