import { parsePurl } from "@plimsoll/formats";
import type { PurlParts } from "@plimsoll/formats";
import type { Artifact, Vulnerability, Package, TriageRun } from "@plimsoll/model";
import type { PurlPattern } from "../../purl-match.ts";

/** The artifact and the packages, as products of VEX statements are compared with them. */
export interface RunContext {
  readonly artifact: Artifact | undefined;
  /** Whether the artifact itself has this name or digest. */
  isNamed(text: string): boolean;
  /** Whether the artifact itself is the image that a purl names. */
  isImage(pattern: PurlPattern): boolean;
  /** Whether the package of a finding lies within a package that the pattern names: as a dependency, or in the lock file of that project. */
  isWithin(pattern: PurlPattern, finding: Vulnerability): boolean;
}

/** The context of one run. */
export function runContext({ artifact, packages }: TriageRun): RunContext {
  const byId = new Map(packages.map((pkg) => [pkg.id, pkg]));
  const holders = new Map<string, readonly Package[]>();
  const reach = new Map<string, ReadonlySet<string>>();
  return {
    artifact,
    isNamed: (text) => artifact !== undefined && (text === artifact.name || isDigestOf(artifact, text)),
    isImage: (pattern) => artifact !== undefined && namesImage(pattern.text, artifact),
    isWithin: (pattern, finding) => {
      const target = byId.get(finding.package.id);
      return holdersOf(pattern).some(
        (holder) =>
          holder.id !== finding.package.id &&
          (reachOf(holder).has(finding.package.id) || sharesProject(holder, target)),
      );
    },
  };

  function holdersOf(pattern: PurlPattern): readonly Package[] {
    const known = holders.get(pattern.text);
    if (known !== undefined) return known;
    const found = packages.filter((pkg) => samePackage(pattern.text, pkg));
    holders.set(pattern.text, found);
    return found;
  }

  function reachOf(holder: Package): ReadonlySet<string> {
    const known = reach.get(holder.id);
    if (known !== undefined) return known;
    const found = new Set(holder.dependencies ?? []);
    for (const id of found) for (const next of byId.get(id)?.dependencies ?? []) found.add(next);
    reach.set(holder.id, found);
    return found;
  }
}

/** A lock file belongs to the project whose root it names. */
function sharesProject(holder: Package, target: Package | undefined): boolean {
  if (holder.relationship !== "root" || target === undefined) return false;
  const paths = new Set(holder.locations.map(({ path }) => path));
  return target.locations.every(({ path }) => paths.has(path));
}

function samePackage(text: string, pkg: Package): boolean {
  const wanted = parsePurl(text);
  const actual = parsePurl(pkg.purl);
  return (
    wanted !== undefined &&
    actual !== undefined &&
    wanted.type === actual.type &&
    (wanted.namespace ?? "") === (actual.namespace ?? "") &&
    wanted.name === actual.name &&
    (wanted.version === undefined || wanted.version === "" || wanted.version === actual.version)
  );
}

/** `pkg:oci/name@sha256:…?repository_url=registry/name&tag=…`, https://github.com/package-url/purl-spec: each part only where stated. */
function namesImage(text: string, artifact: Artifact): boolean {
  const wanted = parsePurl(text);
  if (wanted === undefined || (wanted.type !== "oci" && wanted.type !== "docker")) return false;
  const references = [artifact.name, ...(artifact.tags ?? [])].map(splitReference);
  if (wanted.version?.startsWith("sha256:") === true && !isDigestOf(artifact, wanted.version)) return false;
  return references.some((reference) => fitsReference(wanted, reference));
}

/** Whether the artifact goes by this digest: its own, or that of an index that leads to it. */
function isDigestOf({ digest, indexDigests = [] }: Artifact, text: string): boolean {
  return text === digest || indexDigests.some((each) => each === text);
}

interface Reference {
  readonly repository: string;
  readonly tag: string | undefined;
}

function fitsReference(wanted: PurlParts, { repository, tag }: Reference): boolean {
  const { repository_url: url, tag: wantedTag = dockerTag(wanted) } = wanted.qualifiers ?? {};
  const name = [wanted.namespace, wanted.name]
    .filter((part) => part !== undefined && part !== "")
    .join("/")
    .toLowerCase();
  const isNamed = repository === name || repository.endsWith(`/${name}`);
  const isThere =
    url === undefined || [url, `${url}/${name}`].map(withoutDefaults).includes(withoutDefaults(repository));
  return isNamed && isThere && (wantedTag === undefined || wantedTag === tag);
}

/** The docker type states its tag as the version. */
function dockerTag({ type, version }: PurlParts): string | undefined {
  return type === "docker" && version !== undefined && !version.startsWith("sha256:") ? version : undefined;
}

function splitReference(text: string): Reference {
  const [named = ""] = text.split("@");
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  return colon === -1
    ? { repository: named.toLowerCase(), tag: undefined }
    : { repository: named.slice(0, colon).toLowerCase(), tag: named.slice(colon + 1) };
}

function withoutDefaults(repository: string): string {
  return repository
    .toLowerCase()
    .replace(/^(?:index\.)?docker\.io\//, "")
    .replace(/^library\//, "");
}
