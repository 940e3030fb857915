/** What a root bucket of the database speaks of. */
export interface Bucket {
  readonly name: string;
  /** As look-up keys spell it. */
  readonly namespace: string;
  /** Of distributions advisories state fixed versions, of libraries ranges. */
  readonly kind: "os" | "library";
}

interface Distribution {
  readonly bucket: RegExp;
  /** From the bucket's release to the namespace. */
  readonly namespace: (release: string) => string;
}

/** https://github.com/aquasecurity/trivy-db, pkg/vulnsrc: the names of each source's buckets. */
const distributions: readonly Distribution[] = [
  { bucket: /^alpine (\d+\.\d+)$/, namespace: (release) => `Alpine:v${release}` },
  { bucket: /^alpine (edge)$/, namespace: () => "Alpine:edge" },
  { bucket: /^debian (\d+)$/, namespace: (release) => `Debian:${release}` },
  { bucket: /^ubuntu (\d\d\.\d\d)$/, namespace: (release) => `Ubuntu:${withSupport(release)}` },
  { bucket: /^ubuntu (\d\d\.\d\d)-ESM$/, namespace: (release) => `Ubuntu:Pro:${withSupport(release)}` },
  { bucket: /^alma (\d+)$/, namespace: (release) => `AlmaLinux:${release}` },
  { bucket: /^rocky (\d+)$/, namespace: (release) => `Rocky Linux:${release}` },
  { bucket: /^Oracle Linux (\d+)$/, namespace: (release) => `Oracle Linux:${release}` },
  { bucket: /^amazon linux (\d+)$/, namespace: (release) => `Amazon Linux:${release}` },
  { bucket: /^(?:Azure Linux|CBL-Mariner) (\d+)\.0$/, namespace: (release) => `Azure Linux:${release}` },
  { bucket: /^Photon OS (\d+\.\d+)$/, namespace: (release) => `Photon OS:${release}` },
  { bucket: /^openSUSE (Leap(?: Micro)? \d+\.\d+|Tumbleweed)$/, namespace: (product) => `openSUSE:${product}` },
  { bucket: /^SUSE Linux Enterprise (Micro \d+\.\d+)$/, namespace: (product) => `SUSE:Linux Enterprise ${product}` },
  { bucket: /^SUSE Linux Enterprise (\d+(?:[.-](?:SP)?\d+)?)$/, namespace: suseServer },
  { bucket: /^(wolfi)$/, namespace: () => "Wolfi" },
  { bucket: /^(chainguard)$/, namespace: () => "Chainguard" },
  { bucket: /^(minimos)$/, namespace: () => "MinimOS" },
  { bucket: /^(echo)$/, namespace: () => "Echo" },
  { bucket: /^(archlinux)$/, namespace: () => "Arch Linux" },
  { bucket: /^(bottlerocket)$/, namespace: () => "Bottlerocket" },
];

/** Buckets of libraries are called `<word>::<source>`. */
const libraries: ReadonlyMap<string, string> = new Map([
  ["bitnami", "Bitnami"],
  ["cargo", "crates.io"],
  ["cocoapods", "CocoaPods"],
  ["composer", "Packagist"],
  ["conan", "ConanCenter"],
  ["erlang", "Hex"],
  ["go", "Go"],
  ["julia", "Julia"],
  ["k8s", "Kubernetes"],
  ["maven", "Maven"],
  ["npm", "npm"],
  ["nuget", "NuGet"],
  ["pip", "PyPI"],
  ["pub", "Pub"],
  ["rubygems", "RubyGems"],
  ["swift", "SwiftURL"],
]);

/** The one bucket that holds all releases of its distribution, told apart by CPE indexes. */
export const redHatBucket = "Red Hat";

/** What a root bucket speaks of; undefined for internal ones and for distributions that nobody looks up. */
export function describeBucket(name: string): Bucket | undefined {
  const separator = name.indexOf("::");
  if (separator > 0) {
    const namespace = libraries.get(name.slice(0, separator));
    return namespace === undefined ? undefined : { name, namespace, kind: "library" };
  }
  for (const { bucket, namespace } of distributions) {
    const release = bucket.exec(name)?.[1];
    if (release !== undefined) return { name, namespace: namespace(release), kind: "os" };
  }
  return undefined;
}

/** Long-term support: April of even years. */
function withSupport(release: string): string {
  const [year = "", month] = release.split(".");
  return month === "04" && Number(year) % 2 === 0 ? `${release}:LTS` : release;
}

/** `15.5` and `15-SP5` are the same release. */
function suseServer(release: string): string {
  const [major = "", pack = "0"] = release.split(/[.-](?:SP)?/, 2);
  const name = Number(major) >= 16 ? release : pack === "0" ? major : `${major} SP${pack}`;
  return `SUSE:Linux Enterprise Server ${name}`;
}

/** Spellings under which a package of a namespace may stand in its bucket. */
export function bucketNames({ kind, namespace }: Bucket, name: string): readonly string[] {
  if (kind === "os" || ["Go", "CocoaPods", "Julia"].includes(namespace)) return [name];
  const lower = name.toLowerCase();
  // PEP 503 makes one sign of three; the database keeps dots.
  if (namespace === "PyPI" && lower.includes("-")) return [lower, lower.replaceAll("-", ".")];
  if (namespace === "SwiftURL") return [lower.replace(/^https:\/\//, "").replace(/\.git$/, "")];
  return [lower];
}

/** How look-up keys spell a name of a bucket. */
export function keyName({ namespace }: Bucket, name: string): string {
  return namespace === "PyPI" ? name.toLowerCase().replaceAll(/[-_.]+/g, "-") : name;
}
