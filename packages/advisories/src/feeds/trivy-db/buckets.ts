/** What a root bucket of the database is about. */
export interface Bucket {
  readonly name: string;
  /** Namespace as the keys of look-ups have it. */
  readonly namespace: string;
  /** For distributions (`os`) entries state fixed versions, for libraries ranges. */
  readonly kind: "os" | "library";
  /** Set: its source publishes fixes only, so an entry without a fix does not mean that every version is affected. */
  readonly fixesOnly?: true;
}

interface Distribution {
  readonly bucket: RegExp;
  /** Gives the namespace for the release in a bucket's name. */
  readonly namespace: (release: string) => string;
  readonly fixesOnly?: true;
}

/** https://github.com/aquasecurity/trivy-db, pkg/vulnsrc: the names of each source's buckets. */
const distributions: readonly Distribution[] = [
  { bucket: /^alpine (\d+\.\d+)$/, namespace: (release) => `Alpine:v${release}` },
  { bucket: /^alpine (edge)$/, namespace: () => "Alpine:edge" },
  { bucket: /^debian (\d+)$/, namespace: (release) => `Debian:${release}` },
  { bucket: /^ubuntu (\d\d\.\d\d)$/, namespace: (release) => `Ubuntu:${withSupport(release)}` },
  { bucket: /^ubuntu (\d\d\.\d\d)-ESM$/, namespace: (release) => `Ubuntu:Pro:${withSupport(release)}` },
  { bucket: /^alma (\d+)$/, namespace: (release) => `AlmaLinux:${release}`, fixesOnly: true },
  { bucket: /^rocky (\d+)$/, namespace: (release) => `Rocky Linux:${release}`, fixesOnly: true },
  { bucket: /^Oracle Linux (\d+)$/, namespace: (release) => `Oracle Linux:${release}`, fixesOnly: true },
  { bucket: /^amazon linux (\d+)$/, namespace: (release) => `Amazon Linux:${release}`, fixesOnly: true },
  { bucket: /^(?:Azure Linux|CBL-Mariner) (\d+)\.0$/, namespace: (release) => `Azure Linux:${release}` },
  { bucket: /^Photon OS (\d+\.\d+)$/, namespace: (release) => `Photon OS:${release}`, fixesOnly: true },
  {
    bucket: /^openSUSE (Leap(?: Micro)? \d+\.\d+|Tumbleweed)$/,
    namespace: (product) => `openSUSE:${product}`,
    fixesOnly: true,
  },
  {
    bucket: /^SUSE Linux Enterprise (Micro \d+\.\d+)$/,
    namespace: (product) => `SUSE:Linux Enterprise ${product}`,
    fixesOnly: true,
  },
  { bucket: /^SUSE Linux (Micro \d+\.\d+)$/, namespace: (product) => `SUSE:Linux ${product}`, fixesOnly: true },
  { bucket: /^SUSE Linux Enterprise (\d+(?:[.-](?:SP)?\d+)?)$/, namespace: suseServer, fixesOnly: true },
  { bucket: /^(wolfi)$/, namespace: () => "Wolfi", fixesOnly: true },
  { bucket: /^(chainguard)$/, namespace: () => "Chainguard", fixesOnly: true },
  { bucket: /^(cleanstart)$/, namespace: () => "CleanStart", fixesOnly: true },
  { bucket: /^(minimos)$/, namespace: () => "MinimOS", fixesOnly: true },
  { bucket: /^(echo)$/, namespace: () => "Echo" },
  { bucket: /^(archlinux)$/, namespace: () => "Arch Linux" },
  { bucket: /^(bottlerocket)$/, namespace: () => "Bottlerocket", fixesOnly: true },
  // Vendors that rebuild packages of distributions. OSV knows the first of them.
  { bucket: /^root\.io (alpine \d+\.\d+|debian \d+|ubuntu \d\d\.\d\d)$/, namespace: (base) => `Root:${rebuilt(base)}` },
  { bucket: /^seal ([a-z]+|Red Hat \d+)$/, namespace: (base) => `Seal:${rebuilt(base)}` },
  { bucket: /^rapidfort (\S.*)$/, namespace: (base) => `RapidFort:${rebuilt(base)}` },
];

/** `debian 12` → `Debian:12`, `Red Hat 9` → `Red Hat:9`; without a release, the distribution alone. */
function rebuilt(base: string): string {
  const [, name = base, release = ""] = /^(.*?)(?: (\d[\w.]*))?$/.exec(base) ?? [];
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  return release === "" ? capital : `${capital}:${release}`;
}

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

/** Vendors of rebuilt libraries by the word before their buckets: `seal npm::…`. */
const vendors: ReadonlyMap<string, string> = new Map([
  ["seal", "Seal:"],
  ["root.io", "Root:"],
]);

/** The one bucket that holds all releases of its distribution, told apart by CPE indexes. */
export const redHatBucket = "Red Hat";

/** What a root bucket is about; undefined for internal ones and for distributions that are not supported. */
export function describeBucket(name: string): Bucket | undefined {
  const separator = name.indexOf("::");
  if (separator > 0) {
    const [, vendor = "", word = ""] = /^(seal |root\.io )?(.+)$/.exec(name.slice(0, separator)) ?? [];
    const namespace = libraries.get(word);
    if (namespace === undefined) return undefined;
    return { name, namespace: `${vendors.get(vendor.trim()) ?? ""}${namespace}`, kind: "library" };
  }
  for (const { bucket, namespace, fixesOnly } of distributions) {
    const release = bucket.exec(name)?.[1];
    if (release !== undefined)
      return { name, namespace: namespace(release), kind: "os", ...(fixesOnly === undefined ? {} : { fixesOnly }) };
  }
  return undefined;
}

/** The namespace's release for one of Ubuntu: `22.04:LTS` for April of an even year, which has long-term support. */
function withSupport(release: string): string {
  const [year = "", month] = release.split(".");
  return month === "04" && Number(year) % 2 === 0 ? `${release}:LTS` : release;
}

/** The namespace of a release of SUSE's servers, which buckets spell `15.5` or `15-SP5`. */
function suseServer(release: string): string {
  const [major = "", pack = "0"] = release.split(/[.-](?:SP)?/, 2);
  const name = Number(major) >= 16 ? release : pack === "0" ? major : `${major} SP${pack}`;
  return `SUSE:Linux Enterprise Server ${name}`;
}

/** The spellings that a package name of a namespace may have in its bucket. */
export function bucketNames({ kind, namespace }: Bucket, name: string): readonly string[] {
  const base = namespace.replace(/^(?:Seal|Root):/, "");
  if (kind === "os" || ["Go", "CocoaPods", "Julia"].includes(base)) return [name];
  const lower = name.toLowerCase();
  // PEP 503 makes one sign of three; the database keeps dots.
  if (base === "PyPI" && lower.includes("-")) return [lower, lower.replaceAll("-", ".")];
  if (namespace === "SwiftURL") return [lower.replace(/^https:\/\//, "").replace(/\.git$/, "")];
  return [lower];
}

/** How look-up keys spell a name of a bucket. */
export function keyName({ namespace }: Bucket, name: string): string {
  return /^(?:(?:Seal|Root):)?PyPI$/.test(namespace) ? name.toLowerCase().replaceAll(/[-_.]+/g, "-") : name;
}
