import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { storePaths, storeRegister } from "../shared/reading/store-paths.ts";
import type { PackageStore } from "../shared/reading/store-paths.ts";

/** Where Guix keeps packages (guix.gnu.org/manual/en/html_node/The-Store.html). */
const guixStore: PackageStore = { id: "guix", store: "gnu/store", register: "var/guix/db/db.sqlite" };

/** The Guix store. Its packages have no advisories of their own. */
export const guix: Ecosystem = defineEcosystem({
  id: "guix",
  class: "os",
  analyzers: [storeRegister(guixStore, 1), storePaths(guixStore, 1)],
  purl: (pkg) =>
    formatPurl({
      type: "guix",
      name: pkg.name,
      version: pkg.version,
      qualifiers: { output: pkg.facts?.["output"], outputhash: pkg.facts?.["outputhash"] },
    }),
  lookupGap: () => ({ code: "no-advisories", message: "Nobody publishes advisories for packages of the Guix store" }),
});
