import { formatPurl } from "./purl.ts";

/** What a document says of a package that has no package URL. */
export interface PurlHints {
  /** Its id in the document. */
  readonly ref: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly supplier: string | undefined;
  readonly downloadLocation: string | undefined;
  /** Other external references, by their types. */
  readonly references: readonly { readonly type: string; readonly locator: string }[];
}

/** The most characters of a text that is looked at. */
const maxHint = 2_048;

/**
 * The package URL that other statements lead to: references to package managers (SPDX 2.3, Annex F.3), where it is downloaded from,
 * who supplies it, what ids and names of known writers hold. Undefined when nothing tells the packaging world. It is a guess.
 */
function inferPurl(hints: PurlHints): string | undefined {
  if (hints.name === "" || hints.name.length > maxHint) return undefined;
  return byReference(hints) ?? byDownload(hints) ?? byName(hints) ?? byWriter(hints) ?? bySupplier(hints);
}

/**
 * The package URL for a package without one: the one that its other references lead to, else one of type `generic` where name and
 * version are stated, unless the package has a CPE name.
 */
export function guessedPurl(hints: PurlHints, hasCpe: boolean): string | undefined {
  const inferred = inferPurl(hints);
  if (inferred !== undefined || hasCpe) return inferred;
  const { name, version } = hints;
  return name === "" || name.length > maxHint || version === undefined || /^(?:NOASSERTION|NONE)?$/.test(version)
    ? undefined
    : formatPurl({ type: "generic", name, version });
}

type Reader = (match: readonly string[]) => string;

const maven: Reader = ([group = "", name = "", version]) =>
  formatPurl({ type: "maven", namespace: group, name, version });
const npm: Reader = ([name = "", version]) => ofType("npm", name, version);

/** The package URL by a reference of the category PACKAGE-MANAGER. */
function byReference({ references, version }: PurlHints): string | undefined {
  for (const { type, locator } of references) {
    if (locator.length > maxHint) continue;
    const kind = type.slice(type.lastIndexOf("/") + 1);
    const text = locator.trim();
    if (kind === "maven-central") {
      const [, group, name, own] = /^([\w.-]+):([\w.-]+)(?::([^:\s]+))?$/.exec(text) ?? [];
      if (group !== undefined && name !== undefined) return maven([group, name, own ?? version ?? ""]);
    }
    if (kind === "npm") {
      const [, name, own] = /^((?:@[\w.-]+\/)?[\w.-]+)(?:@(\S+))?$/.exec(text) ?? [];
      if (name !== undefined) return npm([name, own ?? version ?? ""]);
    }
    if (kind === "nuget") {
      const [, name, own] = /^([\w.-]+)(?:\/(\S+))?$/.exec(text) ?? [];
      if (name !== undefined) return ofType("nuget", name, own ?? version);
    }
  }
  return undefined;
}

/** Addresses of files of registries: a pattern, and what its groups mean. */
const downloads: readonly (readonly [RegExp, (groups: readonly string[], version: string | undefined) => string])[] = [
  [
    /^https?:\/\/(?:repo1?\.maven\.org|repo\.maven\.apache\.org|maven-central[\w.-]*\.googleapis\.com)\/maven2\/([\w./-]+)\/([\w.-]+)\/([\w.+-]+)\/[^/]+$/,
    ([group = "", name = "", own = ""]) => maven([group.replaceAll("/", "."), name, own]),
  ],
  [
    /^https?:\/\/registry\.(?:npmjs\.org|yarnpkg\.com)\/((?:@[\w.-]+\/)?[\w.-]+)\/-\/[\w.-]+?-(\d[\w.+-]*)\.tgz$/,
    (groups) => npm(groups),
  ],
  [
    /^https?:\/\/(?:www\.npmjs\.com\/package|registry\.npmjs\.org)\/((?:@[\w.-]+\/)?[\w.-]+)(?:\/v\/([\w.+-]+))?\/?$/,
    ([name = "", own], version) => npm([name, own ?? version ?? ""]),
  ],
  [
    /^https?:\/\/pypi\.(?:org|python\.org)\/(?:project|pypi)\/([\w.-]+)(?:\/([\w.!+]+))?\/?$/,
    ([name = "", own], version) => ofType("pypi", name, own ?? version),
  ],
  [
    /^https?:\/\/(?:static\.)?crates\.io\/(?:api\/v1\/)?crates\/([\w-]+)(?:\/([\w.+-]+?))?(?:\/download)?$/,
    ([name = "", own], version) => ofType("cargo", name, own ?? version),
  ],
  [
    /^https?:\/\/rubygems\.org\/(?:gems|downloads)\/([\w-]+?)(?:-(\d[\w.]*)\.gem|\/versions\/([\w.]+))?$/,
    ([name = "", file, page], version) => ofType("gem", name, file ?? page ?? version),
  ],
  [
    /^https?:\/\/(?:www\.)?nuget\.org\/(?:api\/v2\/package|packages)\/([\w.-]+)(?:\/([\w.+-]+))?\/?$/,
    ([name = "", own], version) => ofType("nuget", name, own ?? version),
  ],
  [
    /^https?:\/\/(?:proxy\.golang\.org|pkg\.go\.dev)\/([\w.~/-]+?)(?:\/@v\/|@)(v[\w.+-]+?)(?:\.zip|\.mod)?$/,
    ([name = "", own = ""]) => ofType("golang", name, own),
  ],
  [
    /^https?:\/\/(?:repo\.)?packagist\.org\/packages\/([\w.-]+\/[\w.-]+)$/,
    ([name = ""], version) => ofType("composer", name, version),
  ],
];

function byDownload({ downloadLocation, version }: PurlHints): string | undefined {
  const address = (downloadLocation ?? "").replace(/[?#].*$/s, "");
  if (address.length > maxHint) return undefined;
  for (const [pattern, read] of downloads) {
    const match = pattern.exec(address);
    if (match !== null) return read(match.slice(1), version);
  }
  return undefined;
}

/** The package URL by a name whose form only one ecosystem has: a group before a colon (Maven), a scope (npm), a module path with a host (Go). */
function byName({ name, version }: PurlHints): string | undefined {
  const [, scheme, rest] =
    /^(npm|pip|pypi|maven|go|rubygems|gem|nuget|composer|rust|cargo|pub|actions):(\S+)$/.exec(name) ?? [];
  if (scheme !== undefined && rest !== undefined) return ofType(typeOfWord.get(scheme) ?? "", rest, version);
  const [, group, artifact] = /^([a-z][\w-]*(?:\.[\w-]+)+):([\w.-]+)$/.exec(name) ?? [];
  if (group !== undefined && artifact !== undefined) return maven([group, artifact, version ?? ""]);
  if (/^@[a-z0-9~][\w.~-]*\/[\w.~-]+$/.test(name)) return npm([name, version ?? ""]);
  // Modules of Go have versions with a `v`.
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)+\/[\w./~-]+$/i.test(name) && /^v\d/.test(version ?? ""))
    return ofType("golang", name, version);
  return undefined;
}

/** The words that GitHub's export and Syft's ids use, and the types of package URLs. */
const typeOfWord: ReadonlyMap<string, string> = new Map([
  ["npm", "npm"],
  ["pip", "pypi"],
  ["pypi", "pypi"],
  ["python", "pypi"],
  ["maven", "maven"],
  ["java-archive", "maven"],
  ["go", "golang"],
  ["go-module", "golang"],
  ["rubygems", "gem"],
  ["gem", "gem"],
  ["nuget", "nuget"],
  ["dotnet", "nuget"],
  ["composer", "composer"],
  ["php-composer", "composer"],
  ["rust", "cargo"],
  ["cargo", "cargo"],
  ["rust-crate", "cargo"],
  ["pub", "pub"],
  ["dart-pub", "pub"],
  ["hex", "hex"],
  ["actions", "github"],
]);

/** The package URL by an id of the form that GitHub (`SPDXRef-npm-lodash-4.17.21`) or Syft (`SPDXRef-Package-python-requests-…`) writes. */
function byWriter({ ref, name, version }: PurlHints): string | undefined {
  const word = [...typeOfWord.keys()]
    .sort((a, b) => b.length - a.length)
    .find((candidate) => ref.startsWith(`SPDXRef-${candidate}-`) || ref.startsWith(`SPDXRef-Package-${candidate}-`));
  const type = word === undefined ? undefined : typeOfWord.get(word);
  return type === undefined ? undefined : ofType(type, name, version);
}

/** Distributions by who supplies their packages; the version has to look like one of theirs. */
const suppliers: readonly (readonly [RegExp, string, string, RegExp])[] = [
  [/\bubuntu\b|\bcanonical\b/i, "deb", "ubuntu", /^\d/],
  [/\bdebian\b/i, "deb", "debian", /^\d/],
  [/\bred hat\b/i, "rpm", "redhat", /^[^-]+-[^-]*\.(?:el|module)/],
  [/\bfedora\b/i, "rpm", "fedora", /\.fc\d/],
  [/\balpine\b/i, "apk", "alpine", /-r\d+$/],
  [/\bwolfi\b/i, "apk", "wolfi", /-r\d+$/],
  [/\bchainguard\b/i, "apk", "chainguard", /-r\d+$/],
];

function bySupplier({ name, version, supplier }: PurlHints): string | undefined {
  if (version === undefined || supplier === undefined || supplier.length > maxHint || !/^[a-z0-9][\w.+-]*$/i.test(name))
    return undefined;
  const known = suppliers.find(([pattern, , , shape]) => pattern.test(supplier) && shape.test(version));
  return known === undefined ? undefined : formatPurl({ type: known[1], namespace: known[2], name, version });
}

/** A package URL of a type whose names may have a namespace before a slash. */
function ofType(type: string, name: string, version: string | undefined): string {
  const parts = name.split(type === "maven" ? ":" : "/");
  const own = parts.pop() ?? name;
  return formatPurl({
    type,
    ...(parts.length === 0 ? {} : { namespace: parts.join("/") }),
    name: own,
    ...(version === undefined || version === "" ? {} : { version }),
  });
}
