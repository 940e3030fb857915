import { distroOfPurl, isSameDistro, parsePurl } from "@plimsoll/formats";
import type { PurlParts } from "@plimsoll/formats";
import { packageOf } from "@plimsoll/model";
import type { Finding } from "@plimsoll/model";

/** A package URL used as a pattern: parts that it leaves out match anything. */
export interface PurlPattern {
  readonly text: string;
  readonly type: string;
  /**
   * How it matches a package: as the package itself, or as its source package, under which advisories were looked up; undefined when it
   * does not match.
   */
  matches(finding: Finding): "package" | "source" | undefined;
}

/**
 * Compiles a package URL into a pattern; undefined when the text is none. Type, namespace and name must be equal; version and each
 * qualifier only where the pattern states them. A pattern may also name the source package under which the advisory was looked up,
 * because publishers of advisories use those names.
 */
export function purlPattern(text: string): PurlPattern | undefined {
  const wanted = parsePurl(text);
  if (wanted === undefined) return undefined;
  return {
    text,
    type: wanted.type,
    matches: (finding) => {
      const pkg = packageOf(finding);
      const actual = pkg === undefined ? undefined : partsOf(pkg.purl);
      if (
        pkg === undefined ||
        actual === undefined ||
        actual.type !== wanted.type ||
        (actual.namespace ?? "") !== (wanted.namespace ?? "")
      ) {
        return undefined;
      }
      if (
        actual.name === wanted.name &&
        versionFits(wanted, [actual.version, pkg.version]) &&
        qualifiersFit(wanted, actual)
      ) {
        return "package";
      }
      if (finding.kind !== "vulnerability") return undefined;
      const { key, comparedVersion } = finding.explanation;
      const isSource = key.name === wanted.name && versionFits(wanted, [comparedVersion]);
      return isSource && qualifiersFit(withoutSourceMark(wanted), actual) ? "source" : undefined;
    },
  };
}

function versionFits({ version }: PurlParts, candidates: readonly (string | undefined)[]): boolean {
  return version === undefined || version === "" || candidates.includes(version);
}

function qualifiersFit({ qualifiers = {} }: PurlParts, actual: PurlParts): boolean {
  return Object.entries(qualifiers).every(
    ([name, value]) =>
      value === undefined ||
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
