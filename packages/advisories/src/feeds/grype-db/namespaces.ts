/** An operating system of the database. */
export interface OperatingSystem {
  readonly name: string;
  readonly major: string;
  readonly minor: string;
  readonly label: string;
  readonly channel: string;
}

/** The namespaces that look-up keys have for an operating system; none for those that are not supported. */
export function namespacesOfSystem({ name, major, minor, label, channel }: OperatingSystem): readonly string[] {
  switch (name) {
    case "alpine":
      return label === "edge" ? ["Alpine:edge"] : minor === "" ? [] : [`Alpine:v${major}.${minor}`];
    case "debian":
      return major === "" ? [] : [`Debian:${major}`];
    case "ubuntu":
      return ubuntu(major, minor, channel);
    case "rhel":
      // Channels other than the main one follow releases of their own.
      return channel === "" && major !== "" ? redHat(major) : [];
    case "sles":
      return major === ""
        ? []
        : [`SUSE:Linux Enterprise Server ${major}${minor === "" || minor === "0" ? "" : ` SP${minor}`}`];
    case "photon":
      return major === "" ? [] : [`Photon OS:${major}.${minor === "" ? "0" : minor}`];
    case "mariner":
    case "azurelinux":
      return major === "" ? [] : [`Azure Linux:${major}`];
    default:
      return plain(name, major);
  }
}

const byMajor: ReadonlyMap<string, string> = new Map([
  ["almalinux", "AlmaLinux"],
  ["amzn", "Amazon Linux"],
  ["fedora", "Fedora"],
  ["ol", "Oracle Linux"],
  ["rocky", "Rocky Linux"],
  ["rockylinux", "Rocky Linux"],
]);

const rolling: ReadonlyMap<string, string> = new Map([
  ["archlinux", "Arch Linux"],
  ["chainguard", "Chainguard"],
  ["echo", "Echo"],
  ["minimos", "MinimOS"],
  ["wolfi", "Wolfi"],
]);

function plain(name: string, major: string): readonly string[] {
  const base = byMajor.get(name);
  if (base !== undefined) return major === "" ? [] : [`${base}:${major}`];
  const single = rolling.get(name);
  return single === undefined ? [] : [single];
}

/** The namespace of a release of Ubuntu. The database drops leading zeros: 22.04 is 22 and 4. */
function ubuntu(major: string, minor: string, channel: string): readonly string[] {
  if (major === "" || channel !== "") return [];
  const release = `${major}.${(minor === "" ? "4" : minor).padStart(2, "0")}`;
  const lts = release.endsWith(".04") && Number(major) % 2 === 0 ? ":LTS" : "";
  return [`Ubuntu:${release}${lts}`];
}

/** The namespaces of a release of Red Hat: the products that a plain installation has. */
function redHat(major: string): readonly string[] {
  const variants =
    Number(major) < 8 ? ["server", "client", "workstation", "computenode"] : ["baseos", "appstream", "crb"];
  return variants.map((variant) => `Red Hat:enterprise_linux:${major}::${variant}`);
}

/** Package types of libraries: syft's names, and those of the ecosystems. */
const libraries: ReadonlyMap<string, string> = new Map([
  ["bitnami", "Bitnami"],
  ["conan", "ConanCenter"],
  ["dart-pub", "Pub"],
  ["dotnet", "NuGet"],
  ["gem", "RubyGems"],
  ["github-action", "GitHub Actions"],
  ["go-module", "Go"],
  ["hackage", "Hackage"],
  ["hex", "Hex"],
  ["java-archive", "Maven"],
  ["npm", "npm"],
  ["php-composer", "Packagist"],
  ["pub", "Pub"],
  ["python", "PyPI"],
  ["rust-crate", "crates.io"],
  ["swift", "SwiftURL"],
]);

/** The namespace of a library's package type. */
export function namespaceOfType(type: string): string | undefined {
  return libraries.get(type.toLowerCase());
}
