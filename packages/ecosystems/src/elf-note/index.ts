import type { Ecosystem } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { formatPurl } from "../shared/names/purl.ts";
import { elfPackageNote } from "./package-note.ts";

/**
 * Packages that programs name in an ELF note. Where a package database lists them too, advisories are looked up for that entry; a note
 * alone names no source package, so no advisories can be looked up.
 */
export const elfNote: Ecosystem = defineEcosystem({
  id: "elf-note",
  analyzers: [elfPackageNote],
  purl: ({ name, version, architecture, facts }) => {
    const { type = "generic", os, osVersion } = facts ?? {};
    const distro = os === undefined ? undefined : `${os}${osVersion === undefined ? "" : `-${osVersion}`}`;
    return formatPurl({
      type: /^[a-z][a-z0-9.-]*$/i.test(type) ? type : "generic",
      namespace: os,
      name,
      version,
      qualifiers: { arch: architecture, distro },
    });
  },
});
