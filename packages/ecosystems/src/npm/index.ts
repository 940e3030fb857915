import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { settleSealed, withSeal } from "../shared/names/sealed-libraries.ts";
import { npmArchives } from "./archives.ts";
import { bunBinaryLock, bunLock } from "./bun-lock.ts";
import { denoLock } from "./deno.ts";
import { npmInstalled } from "./installed.ts";
import { npmPackageLock } from "./package-lock.ts";
import { pnpmLock } from "./pnpm-lock.ts";
import { denoImports, denoRequested, npmRequested } from "./requested.ts";
import { npmAdvisoryVersions, npmVersions } from "./versions.ts";
import { yarnLock } from "./yarn-lock.ts";

/** JavaScript packages of the npm registry, however installed. */
export const npm: Ecosystem = defineEcosystem({
  id: "npm",
  analyzers: [
    npmInstalled,
    npmArchives,
    npmPackageLock,
    yarnLock,
    pnpmLock,
    bunLock,
    bunBinaryLock,
    denoLock,
    npmRequested,
    denoImports,
    denoRequested,
  ],
  foreignDirectories: [{ name: "node_modules" }, { name: "bower_components" }, { name: "jspm_packages" }],
  versions: npmVersions,
  purl: ({ name, version }) => formatPurl({ type: "npm", ...splitScope(name), version }),
  // A private package is nobody's but its owner's: a public one of the same name is another.
  advisoryKeys: ({ name, version, facts }) =>
    facts?.["private"] === "true"
      ? []
      : withSeal([{ namespace: "npm", name, version }], /^@seal-security\//, /-sp\d+$/),
  applicability: { settles: settleSealed, schemeFor: () => npmAdvisoryVersions },
});

function splitScope(name: string): { readonly namespace?: string; readonly name: string } {
  const cut = name.startsWith("@") ? name.indexOf("/") : -1;
  return cut === -1 ? { name } : { namespace: name.slice(0, cut), name: name.slice(cut + 1) };
}
