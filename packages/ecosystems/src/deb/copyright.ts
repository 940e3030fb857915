import { copyrightParagraphs } from "@plimsoll/formats";

/**
 * The licences that a Debian copyright file names, SPDX ids where they have one, in the order of the text. Reads the
 * machine-readable form (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/) and, in free text, `License:`
 * lines and references to `/usr/share/common-licenses` (Debian Policy §12.5).
 */
export function parseCopyright(text: string): readonly string[] {
  const paragraphs = copyrightParagraphs(text);
  const stated = paragraphs === undefined ? freeText(text) : Array.from(paragraphs, ({ name }) => name);
  const named = stated.filter(isNoProse).map(splitAlternatives).filter(isShort).flat().map(toSpdx);
  return [...new Set(named.length > 0 ? named : knownTexts(text))];
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
        .replace(/(?<![.,;:])[.,;:]+$/, ""),
    )
    .filter((name) => name !== "");
}

/** Words of sentences that stand where a name belongs: the licence itself, or "I hereby disclaim the copyright on this code". */
const prose =
  /\b(?:permission|redistribution|permitted|provided|hereby|obtaining|disclaim|copyright(?:ed)?|this (?:software|code|program|file|library|package))\b/i;

function isNoProse(statement: string): boolean {
  return !prose.test(statement);
}

function isShort(names: readonly string[]): boolean {
  return names.every((name) => name.split(/\s+/).length <= 6);
}

/** Words that only the text of a licence has, in white space of any kind, most particular first: the first of a family counts. */
const texts: readonly (readonly [family: string, words: RegExp, id: string])[] = [
  ["bsd", /redistribution and use in source and binary forms.{0,1500}advertising materials mentioning/, "BSD-4-Clause"],
  ["bsd", /redistribution and use in source and binary forms.{0,1500}may (?:not )?be used to endorse/, "BSD-3-Clause"],
  ["bsd", /redistribution and use in source and binary forms/, "BSD-2-Clause"],
  ["mit", /permission is hereby granted, free of charge, to any person obtaining a copy/, "MIT"],
  [
    "isc",
    /permission to use, copy, modify, and(?:\/or)? distribute this software for any purpose with or without fee/,
    "ISC",
  ],
  ["apache", /licensed under the apache license, version 2\.0/, "Apache-2.0"],
  ["psf", /python software foundation license version 2/, "PSF-2.0"],
  ["zlib", /provided 'as-is', without any express or implied warranty.{0,600}must not be misrepresented/, "Zlib"],
];

const gnu =
  /gnu (lesser |library |affero )?general public license,? (?:as published by the free software foundation[;,] (?:either )?)?version (\d(?:\.\d)?)(.{0,80})/g;

/** Licences that a text names nowhere but quotes or describes. */
function knownTexts(text: string): readonly string[] {
  const plain = text
    .slice(0, 256 * 1024)
    .toLowerCase()
    .replaceAll(/\s+/g, " ");
  const families = new Set<string>();
  const quoted = texts.flatMap(([family, words, id]) => {
    if (families.has(family) || !words.test(plain)) return [];
    families.add(family);
    return [id];
  });
  const described = Array.from(plain.matchAll(gnu), ([, kind, version = "", rest = ""]) => {
    const family = kind === undefined ? "GPL" : kind.startsWith("a") ? "AGPL" : "LGPL";
    return toSpdx(`${family}-${version}${rest.includes("any later version") ? "+" : ""}`);
  });
  return [...quoted, ...described];
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
