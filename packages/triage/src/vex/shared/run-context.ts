import type { PurlParts } from "@plimsoll/formats";
import type { Artifact, Vulnerability, Package, TriageRun } from "@plimsoll/model";
import type { PurlPattern } from "../../purl-match.ts";

/** The artifact and the packages, as products of VEX statements are compared with them. */
export interface RunContext {
  readonly artifact: Artifact | undefined;
  /** Whether the artifact itself has this name or digest. */
  isNamed(text: string): boolean;
  /** Whether a purl names the artifact by the purl that its SBOM states. */
  isSubject(pattern: PurlPattern): boolean;
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
    isSubject: (pattern) =>
      artifact?.purl !== undefined && pattern.names({ purl: artifact.purl, version: artifact.version ?? "" }),
    isImage: ({ parts }) => artifact !== undefined && namesImage(parts, artifact),
    isWithin: (pattern, finding) => {
      const target = byId.get(finding.package.id);
      return holdersOf(pattern).some(
        (holder) => reachOf(holder).has(finding.package.id) || sharesProject(holder, target),
      );
    },
  };

  function holdersOf(pattern: PurlPattern): readonly Package[] {
    const known = holders.get(pattern.text);
    if (known !== undefined) return known;
    const found = packages.filter((pkg) => pattern.names(pkg));
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
  return target.locations.length > 0 && target.locations.every(({ path }) => paths.has(path));
}

/** `pkg:oci/name@sha256:…?repository_url=registry/name&tag=…`, https://github.com/package-url/purl-spec: each part only where stated. */
function namesImage(wanted: PurlParts, artifact: Artifact): boolean {
  const { version } = wanted;
  if (!isForPlatform(wanted, artifact)) return false;
  // A tag has no colon in it, a digest has one.
  const isDigest = version?.includes(":") === true;
  if (isDigest && !isDigestOf(artifact, version)) return false;
  return [artifact.name, ...(artifact.tags ?? [])].some((name) =>
    fitsReference(wanted, isDigest ? undefined : version, splitReference(name)),
  );
}

/** Whether the artifact goes by this digest: its own, or that of an index that leads to it. */
function isDigestOf({ digest, indexDigests = [] }: Artifact, text: string): boolean {
  return text === digest || indexDigests.some((each) => each === text);
}

interface Reference {
  readonly repository: string;
  readonly tag: string | undefined;
}

/** The tag may stand as the version, as the type docker has it. */
function fitsReference(
  { type, namespace, name, qualifiers = {} }: PurlParts,
  version: string | undefined,
  { repository, tag }: Reference,
): boolean {
  const { repository_url: url, tag: wantedTag = version } = qualifiers;
  const path = (namespace === undefined ? name : `${namespace}/${name}`).toLowerCase();
  const isOneOf = (...wanted: readonly string[]): boolean =>
    wanted.map(withoutDefaults).includes(withoutDefaults(repository));
  return (
    (isOneOf(path) || repository.endsWith(`/${path}`)) &&
    (url === undefined || isOneOf(url, `${url}/${path}`)) &&
    (wantedTag === undefined ||
      wantedTag === tag ||
      // Versions of the type oci are in lower case, being digests; tags that stand there nevertheless are not.
      (type === "oci" && qualifiers["tag"] === undefined && wantedTag === tag?.toLowerCase()))
  );
}

/** `arch=amd64`, `arch=arm/v7`. */
function isForPlatform({ qualifiers = {} }: PurlParts, { platform }: Artifact): boolean {
  const { arch } = qualifiers;
  const actual = platform?.slice(platform.indexOf("/") + 1);
  return arch === undefined || actual === undefined || arch === actual || arch === actual.split("/")[0];
}

/** Of `registry:5000/team/app:1.2@sha256:…`. A colon before the last slash is that of a port. */
function splitReference(text: string): Reference {
  const [, repository = "", tag] = /^([^@]*?)(?::([^/:@]*))?(?:@.*)?$/.exec(text) ?? [];
  return { repository: repository.toLowerCase(), tag };
}

/** A repository in lower case, without what may be left out of it on Docker Hub. */
function withoutDefaults(repository: string): string {
  return repository
    .toLowerCase()
    .replace(/^(?:index\.)?docker\.io\//, "")
    .replace(/^library\//, "");
}
