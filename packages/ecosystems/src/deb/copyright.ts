import { stanzas } from "@plimsoll/formats";

/**
 * The licences that a Debian copyright file names, SPDX ids where they have one, in the order of the text. Reads the
 * machine-readable form (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/) and, in free text, `License:`
 * lines and references to `/usr/share/common-licenses` (Debian Policy §12.5).
 */
export function parseCopyright(text: string): readonly string[] {
  const stated = /^Format(?:-Specification)?:/im.test(text.slice(0, 2_000)) ? machineReadable(text) : freeText(text);
  return [...new Set(stated.map(splitAlternatives).filter(isNoProse).flat().map(toSpdx))];
}

/** Only the first line of a `License` field names it; its text follows. */
function machineReadable(text: string): readonly string[] {
  return [...stanzas(text)].flatMap(({ fields }) => fields.get("license")?.split("\n", 1) ?? []);
}

function freeText(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const [, stated] = /^\s{0,8}Licen[cs]e\s{0,3}:\s{0,8}(\S.{0,199})$/i.exec(line) ?? [];
    const referred = Array.from(line.matchAll(/\/usr\/share\/common-licenses\/([\w.+-]+)/g), ([, name = ""]) => name);
    return stated === undefined ? referred : [stated, ...referred];
  });
}

/** `GPL-1+ or Artistic, and BSD` names three; an exception belongs to the licence before it. */
function splitAlternatives(text: string): readonly string[] {
  return text
    .split(/,| (?:and\/or|and|or) |\|/i)
    .map((name) =>
      name
        .trim()
        .replace(/^(?:and|or)\s+/i, "")
        .replace(/[.,;:]+$/, ""),
    )
    .filter((name) => name !== "");
}

/** Some authors write a sentence where a name belongs: "I hereby disclaim the copyright on this code and place it …". */
function isNoProse(names: readonly string[]): boolean {
  return names.every((name) => name.split(/\s+/).length <= 6);
}

/** Short names of the machine-readable form whose SPDX ids differ by more than the version. */
const spdxIds: ReadonlyMap<string, string> = new Map([
  ["apache-2", "Apache-2.0"],
  ["apache-2.0", "Apache-2.0"],
  // The licence of Perl, as `/usr/share/common-licenses/Artistic` has it.
  ["artistic", "Artistic-1.0-Perl"],
  ["artistic-2", "Artistic-2.0"],
  ["bsd-2-clause", "BSD-2-Clause"],
  ["bsd-3-clause", "BSD-3-Clause"],
  ["bsd-4-clause", "BSD-4-Clause"],
  ["bsl-1", "BSL-1.0"],
  ["cc0", "CC0-1.0"],
  ["cc0-1.0", "CC0-1.0"],
  ["expat", "MIT"],
  ["isc", "ISC"],
  ["mit", "MIT"],
  ["mpl-1.1", "MPL-1.1"],
  ["mpl-2", "MPL-2.0"],
  ["mpl-2.0", "MPL-2.0"],
  ["psf-2", "PSF-2.0"],
  ["zlib", "Zlib"],
]);

/** `GPL-2+`, `GPLv2+`, `LGPL-2.1` → SPDX; other texts as they are. */
function toSpdx(name: string): string {
  const [, family, version, later] = /^(GPL|LGPL|AGPL|GFDL)[- ]?v?(\d(?:\.\d)?)(?:\.0)?(\+)?$/i.exec(name) ?? [];
  if (family === undefined || version === undefined) return spdxIds.get(name.toLowerCase()) ?? name;
  return `${family.toUpperCase()}-${version.includes(".") ? version : `${version}.0`}-${later === undefined ? "only" : "or-later"}`;
}
