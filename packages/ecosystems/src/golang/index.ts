import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { settleSealed, withSeal } from "../shared/names/sealed-libraries.ts";
import { goBinary } from "./binary.ts";
import { goDepLock } from "./dep-lock.ts";
import { linkageDoubt } from "./linkage.ts";
import { goModuleFiles, goVendorModules } from "./module-files.ts";
import { goVersions } from "./versions.ts";

/** Go modules, and the standard library as the module `stdlib`. */
export const golang: Ecosystem = defineEcosystem({
  id: "golang",
  analyzers: [goBinary, goModuleFiles, goVendorModules, goDepLock],
  foreignDirectories: [{ name: "pkg/mod" }],
  versions: goVersions,
  purl: ({ name, version }) => formatPurl({ type: "golang", ...splitPath(name), version }),
  // Paths are case-sensitive, yet some feeds write them in lower case.
  advisoryKeys: ({ name, version }) =>
    withSeal(
      [...new Set([name, name.toLowerCase()])].map((spelling) => ({ namespace: "Go", name: spelling, version })),
      /^sealsecurity\.io\//,
      /-sp\d+$/,
    ),
  applicability: { settles: settleSealed, doubts: linkageDoubt },
});

function splitPath(path: string): { readonly namespace?: string; readonly name: string } {
  const cut = path.lastIndexOf("/");
  return cut === -1 ? { name: path } : { namespace: path.slice(0, cut), name: path.slice(cut + 1) };
}
