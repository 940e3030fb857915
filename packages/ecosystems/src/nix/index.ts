import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { storePaths, storeRegister } from "../shared/reading/store-paths.ts";
import type { PackageStore } from "../shared/reading/store-paths.ts";

/** Where Nix keeps packages. */
export const nixStore: PackageStore = { id: "nix", store: "nix/store", register: "nix/var/nix/db/db.sqlite" };

/** The Nix store. Its packages have no advisories of their own. */
export const nix: Ecosystem = defineEcosystem({
  id: "nix",
  class: "os",
  analyzers: [storeRegister(nixStore, 2), storePaths(nixStore, 1)],
  purl: (pkg) =>
    formatPurl({
      type: "nix",
      name: pkg.name,
      version: pkg.version,
      qualifiers: { output: pkg.facts?.["output"], outputhash: pkg.facts?.["outputhash"] },
    }),
  lookupGap: () => ({ code: "no-advisories", message: "Nobody publishes advisories for packages of the Nix store" }),
});
