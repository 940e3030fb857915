import list from "spdx-license-list";
import { everyLicenseId } from "../spdx/license-list.ts";
import { families } from "./license-families.ts";
import { nameKey, nameWords } from "./words.ts";

/**
 * Names that say which licence is meant without being its SPDX id or name: short names of Debian and Fedora, trove
 * classifiers, names of the project that wrote the licence, misspellings that registries hold. Values are SPDX expressions,
 * `LicenseRef-scancode-…` (the ids that the field uses for what SPDX does not list), or "" for words that name no licence.
 */
const names: readonly (readonly [expression: string, ...names: string[]])[] = [
  ["", "unknown", "none", "noassertion", "no assertion", "osi approved", "other", "n/a", "null", "undefined", "tbd"],
  [
    "",
    "proprietary",
    "commercial",
    "no copyright",
    "see file",
    "unspecified",
    "non standard",
    "custom",
    "all rights reserved",
  ],
  ["0BSD", "zero clause bsd", "bsd zero clause", "bsd 0", "free public license 1.0.0"],
  ["Apache-2.0", "al 2", "apl 2", "asl 2", "asf 2", "apache public 2", "apache software 2"],
  ["Apache-2.0", "apache", "asl", "apl", "apache software", "apache style", "apache public", "asf"],
  ["Apache-1.1", "asl 1.1"],
  ["AFL-2.1", "academic free"],
  ["Aladdin", "aladdin free public", "afpl"],
  ["APSL-2.0", "apple public source"],
  ["Artistic-1.0-Perl", "artistic perl", "perl artistic", "artistic 1 perl"],
  ["Artistic-1.0-Perl", "artistic"],
  [
    "Artistic-1.0-Perl OR GPL-1.0-or-later",
    "perl",
    "perl 5",
    "same as perl",
    "perl 5 artistic",
    "same terms as perl itself",
  ],
  ["Beerware", "beer", "beer ware", "beerware"],
  ["BSD-3-Clause", "edl 1", "eclipse distribution 1", "edl", "eclipse distribution"],
  ["BSD-3-Clause", "go", "opencv"],
  ["BSL-1.0", "boost", "boost software", "bsl"],
  ["bzip2-1.0.6", "bzip 2", "bzip"],
  ["CC-PDDC", "creative commons public domain"],
  ["CC0-1.0", "cc 0", "creative commons 0", "creative commons zero", "creative commons cc 0"],
  [
    "CC0-1.0",
    "cc 0 1 universal",
    "creative commons cc 0 1 universal",
    "cc 0 universal",
    "creative commons zero 1 universal",
  ],
  ["CECILL-B", "cecill b"],
  ["CECILL-C", "cecill c"],
  ["CNRI-Python", "cnri python", "python cnri python"],
  ["Condor-1.1", "condor 1.1"],
  ["curl", "curl"],
  ["FTL", "freetype", "freetype project"],
  ["HPND", "hpnd", "cup parser generator copyright notice and disclaimer"],
  ["ICU", "icu", "unicode icu", "icu unicode"],
  ["IJG", "ijg", "independent jpeg group"],
  ["ISC", "iscl", "isc", "isc style", "isd", "ist"],
  ["JSON", "json"],
  ["Libpng", "libpng"],
  ["libpng-2.0", "libpng 2"],
  [
    "MIT",
    "expat",
    "mit expat",
    "expat mit",
    "mit style",
    "mit like",
    "mit 2",
    "mit x",
    "x mit",
    "mit isc style",
    "x.net mit",
  ],
  [
    "MIT",
    "bouncy castle",
    "bouncy",
    "jquery",
    "mitisc",
    "massachusetts institute of technology mit",
    "mit open source",
  ],
  ["MIT-0", "mit 0", "mit no attribution", "mit no attribution 0"],
  ["MITNFA", "mitnfa", "mit no false attribs"],
  ["MPL-2.0", "mozilla public", "mozilla", "mpl"],
  ["NetCDF", "netcdf", "netcdf c library", "mit style netcdf c library"],
  [
    "NCSA",
    "ncsa",
    "ncsa open source",
    "university of illinois ncsa open source",
    "university of illinois open source",
    "uiuc",
  ],
  ["NPL-1.1", "netscape", "netscape public"],
  ["OFL-1.1", "sil open font", "open font", "ofl", "sil ofl"],
  ["OLDAP-2.8", "openldap", "openldap public"],
  ["OpenSSL", "openssl"],
  ["PHP-3.01", "php"],
  ["PostgreSQL", "postgresql", "postgres"],
  ["PSF-2.0", "psf", "psfl", "python software foundation", "python software foundation 2", "psf 2", "psfl 2"],
  ["Python-2.0", "python", "jython software", "python 2"],
  ["QPL-1.0", "qt public", "qpl"],
  ["Ruby", "ruby", "ruby s"],
  ["SAX-PD", "sax", "sax pd"],
  ["SMLNJ", "smlnj", "standardml nj", "standard ml of new jersey"],
  ["TCL", "tcl", "tcl tk", "tcl style"],
  ["TMate", "tmate open source with dual licensing option"],
  ["UnixCrypt", "unixcrypt"],
  ["Unlicense", "unlicense", "un", "unlicence", "unlicnse", "unliscense", "public domain unlicense"],
  ["UPL-1.0", "upl", "universal permissive"],
  ["Vim", "vim"],
  ["VSL-1.0", "vovida", "vovida software"],
  ["W3C", "w3c", "w3c software", "w3c software notice and"],
  [
    "WTFPL",
    "wtf",
    "wtfpl",
    "wtfpl 2",
    "wtfgpl",
    "dwtfyw",
    "dwtfywpl",
    "dwtfywt",
    "do what the fuck you want to",
    "do what the fuck you want to public",
  ],
  ["X11", "x 11", "x"],
  ["Zlib", "zlib", "zlib libpng"],
  ["zlib-acknowledgement", "zlib libpng with acknowledgement", "nunit"],
  ["GPL-2.0-or-later WITH WxWindows-exception-3.1", "wxwindows", "wxwindows library"],
  ["GPL-2.0-or-later WITH Classpath-exception-2.0", "libgcj"],
  ["Apache-1.1", "mockrunner", "mockrunner based on apache software 1.1"],
  ["GPL-2.0-only WITH Classpath-exception-2.0", "gpl 2 with exceptions", "gpl 2 with ce", "gpl 2 ce"],
  ["LicenseRef-ort-google-maps-tos", "google maps platform of service", "google maps platform terms of service"],
  [
    "LicenseRef-ort-oracle-futc",
    "oracle free use and conditions futc",
    "oracle free use terms and conditions futc",
    "oracle free use terms and conditions",
  ],
  ["LicenseRef-scancode-josl-1.0", "jabber open source", "jabber open source 1"],
  ["LicenseRef-scancode-public-domain-disclaimer", "public domain", "publicdomain", "pd", "public domain dedication"],
  ["LicenseRef-scancode-android-sdk-license", "android software development kit", "android sdk"],
  ["LicenseRef-scancode-amazon-sl", "amazon software"],
  ["LicenseRef-scancode-commons-clause", "commons clause"],
  ["LicenseRef-scancode-dbad", "dbad", "don't be a dick public"],
  ["LicenseRef-scancode-free-unknown", "freely distributable", "dfsg approved", "redistributable"],
  [
    "LicenseRef-scancode-indiana-extreme",
    "indiana university extreme lab software",
    "indiana university extreme lab software 1.1.1",
  ],
  ["LicenseRef-scancode-jdom", "jdom", "similar to apache but with acknowledgment clause removed"],
  [
    "LicenseRef-scancode-proprietary-license",
    "freeware",
    "free for educational use",
    "free for home use",
    "free for non commercial use",
    "free to use but restricted",
  ],
];

/** Trove classifiers that leave open which licence of a family is meant: https://pypi.org/classifiers/. */
const openClassifiers: ReadonlySet<string> = new Set(["bsd license", "public domain", "other/proprietary license"]);

/** True for a classifier that names a family rather than a licence. */
export function isOpenClassifier(name: string): boolean {
  return openClassifiers.has(name.toLowerCase());
}

let byKey: ReadonlyMap<string, string> | undefined;

/** The expression that a whole name stands for, "" for words that name no licence, undefined when the name is not known. */
export function knownName(key: string): string | undefined {
  return (byKey ??= everyName()).get(key);
}

function everyName(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const add = (key: string, id: string): void => {
    const before = found.get(key);
    // A name that several licences have (of those with and without a reserved font name, say) means the plainest.
    if (key !== "" && (before === undefined || id.length < before.length)) found.set(key, id);
  };
  const full = new Map<string, string>();
  for (const id of everyLicenseId()) {
    const key = nameKey(list[id]?.name ?? "");
    // Withdrawn and current ids share their names; one that needs no successor wins.
    if (key !== "" && !full.has(key)) full.set(key, id);
    add(nameKey(id), id);
  }
  for (const [key, id] of full) if (!found.has(key)) found.set(key, id);
  for (const [expression, ...aliases] of names) for (const alias of aliases) found.set(nameKey(alias), expression);
  return found;
}

let firstWords: ReadonlySet<string> | undefined;

/** Whether a name of a licence may begin with this word and the next: a quick no for most words of most texts. */
export function beginsName(word: string, next: string): boolean {
  firstWords ??= new Set([
    ...[...(byKey ??= everyName()).keys(), ...families.flatMap(({ names: spellings }) => spellings)].flatMap((key) =>
      key.split(" ", 1),
    ),
    "two",
    "three",
    "four",
    "simplified",
    "new",
    "modified",
    "revised",
    "original",
    "old",
    "creative",
    "cc",
    "bsd",
    "ucb",
    "berkeley",
    "gnu",
    "clear",
    "2",
    "3",
    "4",
  ]);
  const [first, second] = nameWords(word);
  return firstWords.has(first ?? nameWords(next)[0] ?? "") || (second !== undefined && firstWords.has(second));
}
