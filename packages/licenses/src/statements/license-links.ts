import list from "spdx-license-list";
import { licensePages } from "./license-pages.ts";
import { licenseId } from "../spdx/license-list.ts";

/** Longer links are no links to a licence. */
const maxLink = 500;

/** One spelling for what leads to the same page: no scheme, `www.`, archive prefix, trailing slash or file ending, in lower case. */
export function linkKey(link: string): string {
  return link
    .trim()
    .toLowerCase()
    .replace(/^(?:https?:\/\/)+/, "")
    .replace(/^web\.archive\.org\/web\/\d+[a-z_*]{0,4}\//, "")
    .replace(/^(?:https?:\/\/)?(?:www\.)?/, "")
    .replace(/[/.,;>\]]{1,5}$/, "")
    .replace(/\.(?:html?|txt|php|pdf|md|en)$/, "")
    .replace(/^opensource\.org\/licenses\//, "opensource.org/license/")
    .replace(/\/+$/, "");
}

let byKey: ReadonlyMap<string, string> | undefined;

/**
 * The SPDX id of the licence that a page is about: the pages of the SPDX list, and the addresses of the Open Source
 * Initiative, SPDX, GNU, Creative Commons, Apache, Mozilla and Eclipse, which say the licence themselves. Undefined for any
 * other page: what a link to somebody's LICENSE file leads to cannot be known from the link.
 */
export function licenseOfLink(link: string): string | undefined {
  if (link.length > maxLink) return undefined;
  const key = linkKey(link);
  const known = (byKey ??= everyPage());
  const page = key.replace(/[?#].*$/, "");
  return bySite(key) ?? known.get(key) ?? bySite(page) ?? known.get(page);
}

function everyPage(): ReadonlyMap<string, string> {
  const pages = new Map<string, string>();
  const add = (page: string, id: string): void => {
    const before = pages.get(page);
    if (before === undefined || rank(id) < rank(before)) pages.set(page, id);
  };
  for (const [id, ...keys] of licensePages) for (const key of keys) add(key, id);
  for (const [id, { url }] of Object.entries(list)) if (typeof url === "string") add(linkKey(url), id);
  // Lines of a file move; what the file is about does not.
  for (const [page, id] of Array.from(pages)) {
    const file = page.replace(/[?#].*$/, "");
    if (file.includes("/") && !pages.has(file)) pages.set(file, id);
  }
  return pages;
}

/** Of licences that share a page, the plainest: no fallback, no variant; of a GNU licence, the version alone. */
function rank(id: string): number {
  return (
    id.length +
    (licenseId(id) === undefined ? 1_000 : 0) +
    (/-or-later$|\+$/.test(id) ? 100 : 0) +
    (licenseId(`${id}-only`) === undefined ? 0 : 200)
  );
}

const gnuNames: Readonly<Record<string, string>> = { gpl: "GPL", lgpl: "LGPL", agpl: "AGPL", fdl: "GFDL" };
/** Before 2007 the plain pages were about version 2; what links today lead to is the newest. */
const gnuNewest: Readonly<Record<string, string>> = {
  gpl: "GPL-1.0-or-later",
  lgpl: "LGPL-2.0-or-later",
  agpl: "AGPL-3.0-only",
  fdl: "GFDL-1.1-or-later",
};

/** Mnemonics of the Open Source Initiative's older pages that are no SPDX ids. */
const initiative: Readonly<Record<string, string>> = {
  "mit-license": "MIT",
  "bsd-license": "BSD-2-Clause",
  "bsd-3-clause": "BSD-3-Clause",
  "gpl-license": "GPL-2.0-only",
  "lgpl-license": "LGPL-2.1-only",
  "apache2.0": "Apache-2.0",
  "apache-2-0": "Apache-2.0",
  "isc-license": "ISC",
  "zlib-license": "Zlib",
  "artistic-license": "Artistic-1.0",
  "artistic-license-2.0": "Artistic-2.0",
  "mozilla1.0": "MPL-1.0",
  "mozilla1.1": "MPL-1.1",
  cpl1: "CPL-1.0",
  "cpl1.0": "CPL-1.0",
  "eclipse-1.0": "EPL-1.0",
  cddl1: "CDDL-1.0",
  "ms-pl": "MS-PL",
  "ms-rl": "MS-RL",
  attribution: "AAL",
  bsdpluspatent: "BSD-2-Clause-Patent",
  "nosl3.0": "NPOSL-3.0",
  upl: "UPL-1.0",
  "python-2.0": "Python-2.0",
  pythonpl: "CNRI-Python",
  pythonsoftfoundation: "PSF-2.0",
  "opl-2.1": "OSET-PL-2.1",
  "boost-license": "BSL-1.0",
  ibmpl: "IPL-1.0",
  jabberpl: "LicenseRef-scancode-josl-1.0",
  "nasa1.3": "NASA-1.3",
  "osl-3.0": "OSL-3.0",
  w3c: "W3C",
  zpl: "ZPL-2.0",
  sunpublic: "SPL-1.0",
  sissl: "SISSL",
  sleepycat: "Sleepycat",
  "ntp-license": "NTP",
  unlicense: "Unlicense",
  "agpl-v3": "AGPL-3.0-only",
};

function bySite(key: string): string | undefined {
  const [, initiativeName] = /^opensource\.org\/license\/(?:alphabetical\/)?([\w.+-]{1,60})$/.exec(key) ?? [];
  if (initiativeName !== undefined) return initiative[initiativeName] ?? versioned(initiativeName);
  const [, spdxName] = /^spdx\.org\/licenses\/([\w.+-]{1,60}?)(?:\.json)?(?:#.*)?$/.exec(key) ?? [];
  if (spdxName !== undefined) return licenseId(spdxName);
  const [, nuget] = /^licenses\.nuget\.org\/([\w.+-]{1,60})$/.exec(key) ?? [];
  if (nuget !== undefined) return licenseId(nuget);
  const [, chooser] = /^choosealicense\.com\/licenses\/([\w.+-]{1,60})$/.exec(key) ?? [];
  if (chooser !== undefined) return versioned(chooser);
  return gnuPage(key) ?? commonsPage(key) ?? ownPage(key);
}

function versioned(name: string): string | undefined {
  const id =
    licenseId(name) ??
    licenseId(name.replace(/-v(?=\d)/, "-")) ??
    licenseId(name.replace(/(\d)-(\d)$/, "$1.$2")) ??
    licenseId(`${name}.0`) ??
    licenseId(`${name}-1.0`);
  return id === undefined ? undefined : (licenseId(`${id}-only`) ?? id);
}

function gnuPage(key: string): string | undefined {
  const [, name = "", version, later] =
    /^(?:gnu\.org|fsf\.org)\/(?:licenses|copyleft)\/(?:old-licenses\/)?(gpl|lgpl|agpl|fdl)(?:-(\d\.\d))?(?:-standalone|-faq|\.\w{2})?(\+)?$/.exec(
      key,
    ) ?? [];
  const id = gnuNames[name];
  if (id === undefined) return undefined;
  return version === undefined
    ? gnuNewest[name]
    : licenseId(`${id}-${version}-${later === undefined ? "only" : "or-later"}`);
}

function commonsPage(key: string): string | undefined {
  if (/^creativecommons\.org\/publicdomain\/zero\/1\.0(?:\/|$)/.test(key)) return "CC0-1.0";
  if (/^creativecommons\.org\/publicdomain\/mark\/1\.0(?:\/|$)/.test(key)) return licenseId("CC-PDM-1.0");
  if (/^creativecommons\.org\/licenses\/publicdomain(?:\/|$)/.test(key)) return "CC-PDDC";
  const [, elements, version, place] =
    /^creativecommons\.org\/licenses\/([a-z-]{2,20})\/(\d\.\d)(?:\/([a-z]{2,3}))?(?:\/[\w.-]{0,40}){0,3}(?:#.*)?$/.exec(
      key,
    ) ?? [];
  if (elements === undefined || version === undefined) return undefined;
  // Version 1.0 put the elements in another order.
  const ordered = ["by", "nc", "nd", "sa"].filter((element) => elements.split("-").includes(element)).join("-");
  return (
    (place === undefined ? undefined : licenseId(`CC-${ordered}-${version}-${place}`)) ??
    licenseId(`CC-${ordered}-${version}`)
  );
}

const own: readonly (readonly [page: RegExp, id: string])[] = [
  [/^apache\.org\/licenses\/?license-(2\.0|1\.1|1\.0)$/, "Apache-$1"],
  [/^(?:apache\.org\/licenses|apache\.org\/licenses\/license)$/, "Apache-2.0"],
  [/^mozilla\.org\/(?:en-us\/)?mpl\/(\d\.\d)(?:\/.*)?$/, "MPL-$1"],
  [/^mozilla\.org\/(?:en-us\/)?mpl\/mpl-(\d\.\d)$/, "MPL-$1"],
  [/^eclipse\.org\/(?:org\/documents|legal)\/epl-v(\d)-?(\d)$/, "EPL-$1.$2"],
  [/^eclipse\.org\/(?:org\/documents|legal)\/epl-(\d\.\d)(?:\/.*)?$/, "EPL-$1"],
  [/^eclipse\.org\/(?:org\/documents|legal)\/edl-v10$/, "BSD-3-Clause"],
  [/^opendatacommons\.org\/licenses\/odbl(?:\/1[-.]0)?$/, "ODbL-1.0"],
  [/^(?:[\w-]+\.)?mit-license\.org$/, "MIT"],
  [/^unlicense\.org(?:\/unlicense)?$/, "Unlicense"],
  [/^(?:wtfpl\.net|wtfpl\.org|sam\.zoy\.org\/wtfpl)(?:\/.*)?$/, "WTFPL"],
  [/^boost\.org\/license_1_0$/, "BSL-1.0"],
  [/^zlib\.net\/zlib_license$/, "Zlib"],
  [/^en\.wikipedia\.org\/wiki\/zlib_license$/, "Zlib"],
  [/^en\.wikipedia\.org\/wiki\/(mit|isc)_license$/, "$1"],
  [/^en\.wikipedia\.org\/wiki\/(wtfpl|beerware|unlicense)$/, "$1"],
  [/^en\.wikipedia\.org\/wiki\/boost_software_license$/, "BSL-1.0"],
  [/^curl\.(?:se|haxx\.se)\/docs\/copyright$/, "curl"],
  [/^openldap\.org\/license$/, "OLDAP-2.8"],
  [/^(?:ftp\.)?info-zip\.org\/(?:pub\/infozip\/)?license$/, "Info-ZIP"],
  [/^asm\.(?:ow2\.(?:io|org)|objectweb\.org)\/license$/, "BSD-3-Clause"],
  [/^antlr\.org\/license$/, "BSD-3-Clause"],
  [/^projects\.eclipse\.org\/license\/secondary-gpl-2\.0-cp$/, "GPL-2.0-with-classpath-exception"],
  // What packages of .NET link to.
  [/^github\.com\/dotnet\/(?:core-setup|corefx|runtime|standard|roslyn|coreclr)\/blob\/[\w.-]+\/license$/, "MIT"],
  [
    /^(?:raw\.githubusercontent\.com\/aspnet\/\w+\/[\w.-]+|github\.com\/aspnet\/\w+\/blob\/[\w.-]+)\/license$/,
    "Apache-2.0",
  ],
  [
    /^(?:raw\.githubusercontent\.com\/jamesnk\/newtonsoft\.json\/[\w.-]+|github\.com\/jamesnk\/newtonsoft\.json\/blob\/[\w.-]+)\/license$/,
    "MIT",
  ],
  [/^jquery\.(?:org|com)\/license$/, "MIT"],
  // The notices of VTK's sources, and of CMake's before 2016, lead there.
  [
    /^(?:kitware\.com\/copyright|vtk\.org\/(?:copyright|licensing)|cmake\.org\/(?:html\/copyright|licensing))$/,
    "BSD-3-Clause",
  ],
  [/^forge\.gouv\.qc\.ca\/licence\/liliq-p$/, "LiLiQ-P-1.1"],
  [/^forge\.gouv\.qc\.ca\/licence\/liliq-r$/, "LiLiQ-R-1.1"],
  [/^forge\.gouv\.qc\.ca\/licence\/liliq-r\+$/, "LiLiQ-Rplus-1.1"],
  [/^github\.com\/adversary-org\/wtfnmf(?:\/.*)?$/, "WTFNMFPL"],
  [/^scripts\.sil\.org\/ofl$/, "OFL-1.1"],
  [/^isc\.org\/(?:isc-license-1\.0|downloads\/software-support-policy\/isc-license)$/, "ISC"],
  [/^(?:eu-datagrid\.org|eu-datagrid\.web\.cern\.ch\/eu-datagrid)\/license$/, "EUDatagrid"],
  [/^repository\.jboss\.org\/licenses\/apache-2\.0$/, "Apache-2.0"],
];

function ownPage(key: string): string | undefined {
  for (const [page, id] of own) if (page.test(key)) return licenseId(key.replace(page, id));
  return undefined;
}

/** Pages about several licences, or about ones that SPDX does not list. */
const expressions: ReadonlyMap<string, string> = new Map([
  ["scala-lang.org/license", "Apache-2.0 AND BSD-3-Clause AND MIT"],
  ["scala-lang.org/downloads/license", "Apache-2.0 AND BSD-3-Clause AND MIT"],
  ["scala-lang.org/node/146", "Apache-2.0 AND BSD-3-Clause AND MIT"],
  ["go.microsoft.com/fwlink/?linkid=329770", "LicenseRef-scancode-ms-net-library-2019-06"],
  ["go.microsoft.com/fwlink/?linkid=529443", "LicenseRef-scancode-ms-net-library-2019-06"],
  ["microsoft.com/web/webpi/eula/net_library_eula_enu", "LicenseRef-scancode-ms-net-library-2019-06"],
  ["repoze.org/license", "LicenseRef-scancode-repoze"],
]);

/** `licenseOfLink` with the pages that lead to more than one licence, or to one that SPDX does not list. */
export function expressionOfLink(link: string): string | undefined {
  return link.length > maxLink ? undefined : (expressions.get(linkKey(link)) ?? licenseOfLink(link));
}
