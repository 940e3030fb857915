import { distroOfPurl, isSameDistro, parsePurl } from "@plimsoll/formats";
import type { PurlParts } from "@plimsoll/formats";
import { packageOf } from "@plimsoll/model";
import type { Finding, PackageRef } from "@plimsoll/model";

/** A package URL used as a pattern: parts that it leaves out match anything. */
export interface PurlPattern {
  readonly text: string;
  readonly parts: PurlParts;
  /** Whether it names a package. */
  names(pkg: Pick<PackageRef, "purl" | "version">): boolean;
  /** Whether it names the package of a finding, or its source package, under which advisories were looked up. */
  matches(finding: Finding): boolean;
}

/**
 * Compiles a package URL into a pattern; undefined when the text is none. Type, namespace and name must be equal; version and each
 * qualifier only where the pattern states them. A pattern may also name the source package under which the advisory was looked up,
 * because publishers of advisories use those names.
 */
export function purlPattern(text: string): PurlPattern | undefined {
  const parts = parsePurl(text);
  if (parts === undefined) return undefined;
  const source = withoutSourceMark(parts);
  const names: PurlPattern["names"] = ({ purl, version }) => {
    const actual = partsOf(purl);
    return actual !== undefined && fits(parts, actual, actual.name, [actual.version, version]);
  };
  return {
    text,
    parts,
    names,
    matches: (finding) => {
      const pkg = packageOf(finding);
      if (pkg === undefined) return false;
      if (names(pkg)) return true;
      const actual = partsOf(pkg.purl);
      if (actual === undefined || finding.kind !== "vulnerability") return false;
      const { key, comparedVersion } = finding.explanation;
      return fits(source, actual, key.name, [comparedVersion]);
    },
  };
}

/** Whether a package with these parts, which goes by a name and by versions, is what a pattern asks for. */
function fits(wanted: PurlParts, actual: PurlParts, name: string, versions: readonly (string | undefined)[]): boolean {
  return (
    actual.type === wanted.type &&
    actual.namespace === wanted.namespace &&
    name === wanted.name &&
    (wanted.version === undefined || versions.includes(wanted.version)) &&
    qualifiersFit(wanted, actual)
  );
}

function qualifiersFit({ qualifiers = {} }: PurlParts, actual: PurlParts): boolean {
  return Object.entries(qualifiers).every(
    ([name, value]) =>
      actual.qualifiers?.[name] === value ||
      // A release has several spellings: a codename, a number, a number with more digits.
      (name === "distro" && isOfDistro({ ...actual, qualifiers: { distro: value } }, actual)),
  );
}

function isOfDistro(wanted: PurlParts, actual: PurlParts): boolean {
  const [one, other] = [distroOfPurl(wanted), distroOfPurl(actual)];
  return one !== undefined && other !== undefined && isSameDistro(one, other);
}

/** `arch=source` says that the source package is meant; no installed package has that architecture. */
function withoutSourceMark(wanted: PurlParts): PurlParts {
  const { arch, ...rest } = wanted.qualifiers ?? {};
  return arch === "source" || arch === "src" ? { ...wanted, qualifiers: rest } : wanted;
}

const parsed = new Map<string, PurlParts | undefined>();
const maxMemoized = 4096;

/** The same purl is asked about once for every rule. */
function partsOf(purl: string): PurlParts | undefined {
  if (parsed.has(purl)) return parsed.get(purl);
  const parts = parsePurl(purl);
  if (parsed.size >= maxMemoized) parsed.clear();
  parsed.set(purl, parts);
  return parts;
}
