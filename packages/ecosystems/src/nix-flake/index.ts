import type { Ecosystem, FoundPackage } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { flakeLock } from "./lock.ts";

/** Inputs of Nix flakes: sources at a commit, not packages of a store. No open database has advisories for them. */
export const nixFlake: Ecosystem = defineEcosystem({ id: "nix-flake", analyzers: [flakeLock], purl: purlOf });

/** What lies with a forge that has a purl type is named by it, the rest as `generic` with the place it comes from. */
function purlOf({ name, version, facts }: FoundPackage): string {
  const [, owner, repository] = /^([^/]+)\/([^/]+)$/.exec(name) ?? [];
  if (facts?.["type"] === "github" && repository !== undefined)
    return formatPurl({
      type: "github",
      ...(owner === undefined ? {} : { namespace: owner }),
      name: repository,
      version,
    });
  const from = facts?.["from"];
  const isArchive = facts?.["type"] === "tarball" || facts?.["type"] === "file";
  return formatPurl({
    type: "generic",
    name,
    version,
    qualifiers: isArchive ? { download_url: from } : { vcs_url: from },
  });
}
