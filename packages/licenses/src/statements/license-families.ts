import { licenseId } from "../spdx/license-list.ts";

/**
 * Licences with versions, by the words that name them. `loose` is what a name without a version is taken for: by the
 * licence's own words where it speaks of that (GPL-2.0 §9), else the version that was meant when there was only one.
 */
interface Family {
  /** Begin of the SPDX ids: `EPL` of `EPL-2.0`. */
  readonly id: string;
  readonly names: readonly string[];
  readonly loose?: string;
}

const gnu = ["AGPL", "LGPL", "GPL", "GFDL"] as const;

export const families: readonly Family[] = [
  {
    id: "AGPL",
    names: ["agpl", "apgl", "affero gpl", "affero general public", "affero public"],
    loose: "3.0-or-later",
  },
  {
    id: "LGPL",
    names: [
      "lgpl",
      "lpgl",
      "lglp",
      "lgp",
      "lesser gpl",
      "lesser general public",
      "lesser public",
      "library general public",
      "library gpl",
      "library or lesser general public",
      "library lesser general public",
      "general lesser public",
      "lesser general public library",
    ],
    loose: "2.0-or-later",
  },
  {
    id: "GPL",
    names: ["gpl", "glp", "general public", "general public library", "gnu public", "gnu", "gun"],
    loose: "1.0-or-later",
  },
  { id: "GFDL", names: ["gfdl", "fdl", "free documentation"], loose: "1.1-or-later" },
  { id: "AFL", names: ["afl", "academic free"], loose: "2.1" },
  {
    id: "Apache",
    names: [
      "apache",
      "asl",
      "apl",
      "al",
      "asf",
      "apache software",
      "apache public",
      "apache asl",
      "apache software foundation",
    ],
    loose: "2.0",
  },
  { id: "APSL", names: ["apsl", "apple public source"], loose: "2.0" },
  { id: "Artistic", names: ["artistic", "perl artistic"] },
  { id: "BSL", names: ["bsl", "boost", "boost software"], loose: "1.0" },
  { id: "BlueOak", names: ["blueoak", "blue oak", "blue oak model"], loose: "1.0.0" },
  { id: "BUSL", names: ["busl", "business source"], loose: "1.1" },
  {
    id: "CDDL",
    names: ["cddl", "common development and distribution", "common development distribution"],
    loose: "1.0",
  },
  { id: "CECILL", names: ["cecill", "cea cnrs inria logiciel libre", "cecill free software agreement"], loose: "2.0" },
  { id: "CERN-OHL", names: ["cern ohl", "cern open hardware", "cern open hardware licence"] },
  { id: "CPAL", names: ["cpal", "common public attribution"], loose: "1.0" },
  { id: "CPL", names: ["cpl", "common public"], loose: "1.0" },
  { id: "CPOL", names: ["cpol", "code project open"], loose: "1.02" },
  { id: "ECL", names: ["ecl", "educational community"], loose: "2.0" },
  { id: "EFL", names: ["efl", "eiffel forum", "eiffel"], loose: "2.0" },
  { id: "EPL", names: ["epl", "eclipse public", "eclipse", "eclipse publish"], loose: "1.0" },
  { id: "EUPL", names: ["eupl", "european union public", "eu public"], loose: "1.0" },
  { id: "IPL", names: ["ipl", "ibm public"], loose: "1.0" },
  { id: "LPPL", names: ["lppl", "latex project public"], loose: "1.3c" },
  { id: "LPL", names: ["lucent public"], loose: "1.02" },
  { id: "MPL", names: ["mpl", "mozilla public", "mozilla"], loose: "2.0" },
  { id: "MulanPSL", names: ["mulan psl", "mulanpsl", "mulan permissive software"], loose: "2.0" },
  { id: "NPL", names: ["npl", "netscape public"], loose: "1.1" },
  {
    id: "ODbL",
    names: ["odbl", "open database", "odc open database", "open data commons open database"],
    loose: "1.0",
  },
  { id: "ODC-By", names: ["odc by", "open data commons attribution"], loose: "1.0" },
  { id: "OFL", names: ["ofl", "sil open font", "open font", "sil ofl"], loose: "1.1" },
  { id: "OLDAP", names: ["oldap", "openldap", "openldap public", "open ldap public"], loose: "2.8" },
  { id: "OSL", names: ["osl", "open software"], loose: "3.0" },
  { id: "OSET-PL", names: ["oset public", "oset pl"] },
  { id: "PHP", names: ["php"], loose: "3.01" },
  { id: "PSF", names: ["psf", "psfl", "python software foundation"], loose: "2.0" },
  { id: "Python", names: ["python"], loose: "2.0" },
  { id: "QPL", names: ["qpl", "qt public", "q public"], loose: "1.0" },
  { id: "RPL", names: ["rpl", "reciprocal public"] },
  {
    id: "SISSL",
    names: ["sissl", "sun industry standards source", "sun standards", "sun industry standards"],
    loose: "",
  },
  { id: "SPL", names: ["spl", "sun public"], loose: "1.0" },
  { id: "SSPL", names: ["sspl", "server side public"], loose: "1.0" },
  { id: "Unicode", names: ["unicode"], loose: "3.0" },
  { id: "UPL", names: ["upl", "universal permissive"], loose: "1.0" },
  { id: "VSL", names: ["vsl", "vovida", "vovida software"], loose: "1.0" },
  { id: "Zend", names: ["zend", "zend engine"], loose: "2.0" },
  { id: "ZPL", names: ["zpl", "zope", "zope public"], loose: "2.1" },
  { id: "MIT", names: ["mit"], loose: "" },
  { id: "ISC", names: ["isc", "iscl"], loose: "" },
  { id: "WTFPL", names: ["wtfpl"], loose: "" },
  { id: "Zlib", names: ["zlib", "zlib libpng"], loose: "" },
  { id: "Unlicense", names: ["unlicense"], loose: "" },
];

/**
 * The SPDX id of a family at a version: `("EPL", "2")` is `EPL-2.0`. A GNU licence without `only` or `+` means that version
 * only, as the list's own deprecated ids do. Undefined when the list has no such version.
 */
export function versionOfFamily(id: string, version: string | undefined, orLater: boolean): string | undefined {
  const family = families.find((candidate) => candidate.id === id);
  if (version === undefined) {
    if (family?.loose === undefined) return undefined;
    return licenseId(family.loose === "" ? id : `${id}-${family.loose}`);
  }
  const spellings = [version, `${version}.0`, `${version}.0.0`, version.replace(/^(\d)(\d)$/, "$1.$2")];
  const suffixes = gnu.some((family) => family === id) ? [orLater ? "-or-later" : "-only"] : [""];
  for (const suffix of suffixes)
    for (const spelling of spellings) {
      const found = licenseId(`${id}-${spelling}${suffix}`);
      if (found !== undefined) return found;
    }
  // Of MIT, ISC and WTFPL there is only one, whatever version a statement says.
  return family?.loose === "" ? licenseId(id) : undefined;
}
