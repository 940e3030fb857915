import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { cartonSnapshot } from "./carton-snapshot.ts";
import { cpanfile, cpanfileRequested } from "./cpanfile.ts";
import { cpanInstalled, cpanMeta } from "./meta.ts";

/** Perl distributions of CPAN. No open database has advisories for them. */
export const cpan: Ecosystem = defineEcosystem({
  id: "cpan",
  foreignDirectories: [{ name: ".cpanm/work" }, { name: ".cpan/build" }],
  analyzers: [cpanInstalled, cpanMeta, cartonSnapshot, cpanfile, cpanfileRequested],
  purl: ({ name, version, facts }) =>
    formatPurl({ type: "cpan", name, version, qualifiers: { author: facts?.["author"] } }),
});
