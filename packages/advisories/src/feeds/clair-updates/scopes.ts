import { textField } from "@plimsoll/formats";
import { isRedHatDistribution, redHatNamespace } from "../shared/red-hat-namespace.ts";
import { objectField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

/** Where a statement holds, and how it is to be read. */
export interface Scope {
  readonly namespace: string;
  /** Name of the source that its severities get. */
  readonly rater: string;
  /** What it means there that a package is fixed in version 0. */
  readonly fixedInZero: "never affected" | "not fixed" | "a version";
  /** How ranges are written: a fixed version alone, `introduced=…&fixed=…`, or bounds as numbers. */
  readonly ranges: "fixed" | "query" | "numbers";
  /** Whether its packages may belong to modules, so that a statement without one is about the plain build. */
  readonly modular?: true;
}

interface Distribution extends Omit<Scope, "namespace" | "rater" | "ranges"> {
  readonly version: RegExp;
  readonly namespace: (release: string) => string;
  /** Which packages look-ups name; statements about the others are never found. */
  readonly names: "SOURCE" | "BINARY" | "both";
}

/** Distributions that Clair's updaters speak of, by their `did`: the release is the first group of `version`. */
const distributions: ReadonlyMap<string, Distribution> = new Map([
  ["alpine", { version: /^(\d+\.\d+|edge)/, namespace: alpine, names: "SOURCE", fixedInZero: "never affected" }],
  [
    "amzn",
    {
      version: /^(\d+)/,
      namespace: (release) => `Amazon Linux:${/^201\d$/.test(release) ? "1" : release}`,
      names: "BINARY",
      fixedInZero: "a version",
    },
  ],
  [
    "debian",
    {
      version: /^(\d+)/,
      namespace: (release) => `Debian:${release}`,
      names: "SOURCE",
      fixedInZero: "never affected",
    },
  ],
  [
    "ol",
    { version: /^(\d+)/, namespace: (release) => `Oracle Linux:${release}`, names: "BINARY", fixedInZero: "a version" },
  ],
  [
    "opensuse-leap",
    {
      version: /^(\d+\.\d+)/,
      namespace: (release) => `openSUSE:Leap ${release}`,
      names: "both",
      fixedInZero: "a version",
    },
  ],
  [
    "photon",
    {
      version: /^(\d+\.\d+)/,
      namespace: (release) => `Photon OS:${release}`,
      names: "SOURCE",
      fixedInZero: "a version",
    },
  ],
  ["ubuntu", { version: /^(\d\d\.\d\d)/, namespace: ubuntu, names: "SOURCE", fixedInZero: "not fixed" }],
] satisfies [string, Distribution][]);

/** Repositories of libraries that Clair has matchers for, by their names in lower case. */
const libraries: ReadonlyMap<string, Pick<Scope, "namespace" | "ranges">> = new Map([
  ["go", { namespace: "Go", ranges: "numbers" }],
  ["maven", { namespace: "Maven", ranges: "query" }],
  ["npm", { namespace: "npm", ranges: "numbers" }],
  ["pypi", { namespace: "PyPI", ranges: "query" }],
  ["rubygems", { namespace: "RubyGems", ranges: "query" }],
]);

/** Where a vulnerability of Clair holds; a text: why nobody would find it there. */
export function scopeOf(vulnerability: JsonObject): Scope | string {
  const distribution = objectField(vulnerability, "distribution");
  const repository = objectField(vulnerability, "repository");
  const kind = textField(objectField(vulnerability, "package"), "kind");
  // An empty one is written where Go's struct had no value.
  const id = textField(distribution, "did");
  if (id !== undefined) return ofDistribution(id, distribution, kind);
  const name = textField(repository, "name");
  if (name === undefined) return "it names neither distribution nor repository";
  if (textField(repository, "key") === "rhel-cpe-repository") return ofRedHat(name, kind);
  const library = libraries.get(name.toLowerCase());
  if (library === undefined) return "nothing is looked up for its repository";
  return { ...library, rater: "osv", fixedInZero: "a version" };
}

function ofDistribution(id: string, distribution: JsonObject | undefined, kind: string | undefined): Scope | string {
  // Its updater reads one file for each major release, and the statements do not say which service pack's package they mean.
  if (id === "sles") return "statements about sles are of all service packs together, which are looked up one by one";
  const known = distributions.get(id);
  if (known === undefined) return "nothing is looked up for its distribution";
  const release = known.version.exec(textField(distribution, "version_id") ?? textField(distribution, "version") ?? "");
  if (release?.[1] === undefined) return `a release of ${id} that is not known`;
  const unnamed = otherNames(id, known.names, kind);
  if (unnamed !== undefined) return unnamed;
  const { fixedInZero } = known;
  return { namespace: known.namespace(release[1]), rater: id, fixedInZero, ranges: "fixed" };
}

/** Why a statement about a package of this kind is never found; undefined when it is, or when the kind is not stated. */
function otherNames(id: string, names: Distribution["names"], kind: string | undefined): string | undefined {
  if (names === "both" || kind === undefined || kind.toUpperCase() === names) return undefined;
  return `packages of ${id} are looked up by their ${names.toLowerCase()} names, and it names others`;
}

function ofRedHat(cpe: string, kind: string | undefined): Scope | string {
  const namespace = redHatNamespace(cpe);
  if (namespace === undefined || !isRedHatDistribution(namespace))
    return "a product of Red Hat that is no distribution";
  // What is affected without a fix is named by its source alone.
  const unnamed = otherNames("Red Hat", "BINARY", kind);
  if (unnamed !== undefined) return unnamed;
  return {
    namespace,
    rater: "redhat",
    fixedInZero: "a version",
    ranges: "fixed",
    modular: true,
  };
}

function alpine(release: string): string {
  return release === "edge" ? "Alpine:edge" : `Alpine:v${release}`;
}

/** The namespace of a release of Ubuntu. Releases of April in even years have long-term support, which the namespace says. */
function ubuntu(release: string): string {
  const [year, month] = release.split(".");
  return `Ubuntu:${release}${month === "04" && Number(year) % 2 === 0 ? ":LTS" : ""}`;
}
