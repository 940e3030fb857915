import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { drupalExtensions } from "./drupal.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { composerInstalled, composerLock } from "./packages.ts";
import { composerAdvisoryVersions, composerVersions } from "./versions.ts";

/** PHP packages of Packagist, as Composer installs them. */
export const composer: Ecosystem = defineEcosystem({
  id: "composer",
  analyzers: [composerInstalled, composerLock, drupalExtensions],
  foreignDirectories: [{ name: "vendor" }],
  versions: composerVersions,
  applicability: { schemeFor: () => composerAdvisoryVersions },
  purl: ({ name, version }) => formatPurl({ type: "composer", ...splitVendor(name), version: plainVersion(version) }),
  advisoryKeys: ({ name, version }) => [
    { namespace: "Packagist", name: name.toLowerCase(), version: plainVersion(version) },
    // OSV keeps what Drupal's own repository has apart.
    ...(name.startsWith("drupal/")
      ? [
          {
            namespace: "Packagist:https://packages.drupal.org/8",
            name: name.toLowerCase(),
            version: plainVersion(version),
          },
        ]
      : []),
  ],
});

function splitVendor(name: string): { readonly namespace?: string; readonly name: string } {
  const cut = name.indexOf("/");
  return cut === -1 ? { name } : { namespace: name.slice(0, cut), name: name.slice(cut + 1) };
}

/** Tags with and without `v` are one version. */
function plainVersion(version: string): string {
  return version.replace(/^[vV](?=\d)/, "");
}
