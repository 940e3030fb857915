/** References and formats as other scanners name them, and what they are called here. Sources: the manuals that their `--help` prints. */

/** An image may be called so, too (`dir:3.2`), unless what follows is no tag. REST stands for what follows. */
const ambiguousSchemes: ReadonlyMap<string, string> = new Map([
  ["dir", "`plimsoll fs REST` reads a source tree, `plimsoll rootfs REST` an unpacked image"],
  ["file", "`plimsoll image REST` reads an archive, `plimsoll fs REST` a directory"],
  ["sbom", "use `plimsoll sbom REST`"],
  ["purl", "use `plimsoll sbom FILE`, with the packages in an SBOM"],
  ["singularity", "Singularity images are not read: unpack it, then `plimsoll rootfs DIR`"],
  ["containerd", "containerd is not asked: `ctr image export app.tar REST`, then `plimsoll image app.tar`"],
]);

/** Schemes of other scanners, and what to use here instead. No image has such a name. */
const plainSchemes: ReadonlyMap<string, string> = new Map([
  ["oci-registry", "use registry:REST"],
  ["docker-daemon", "use docker:REST"],
]);

/** Names that other tools have for formats of ours. */
export const formatAliases: ReadonlyMap<string, string> = new Map([
  ["md", "markdown"],
  ["cyclonedx-json", "cyclonedx"],
  ["spdx-tag-value", "spdx"],
  ["spdx-tv", "spdx"],
  ["github-json", "github"],
]);

/** Formats that only another tool writes. */
const foreignFormats: ReadonlyMap<string, string> = new Map([
  ["syft-json", "--format json is Plimsoll's own, --format cyclonedx is what most tools read"],
  ["syft-table", "use --format table --list-all-pkgs"],
  ["syft-text", "use --format table --list-all-pkgs"],
  ["purls", "use --format csv, or --format cyclonedx"],
  ["embedded-cyclonedx-vex-json", "use --format cyclonedx, which holds the vulnerabilities"],
  ["embedded-cyclonedx-vex-xml", "use --format cyclonedx-xml, which holds the vulnerabilities"],
  ["asff", "use --format sarif or --format template"],
]);

/** What to write instead of a format that plimsoll does not have. */
export function adviceForFormat(format: string): string | undefined {
  return foreignFormats.get(format);
}

/** What to write instead of a reference with another scanner's prefix. */
export function adviceForReference(reference: string): string | undefined {
  const [, scheme = "", rest = ""] = /^([a-z-]+):(.+)/.exec(reference) ?? [];
  const isTag = /^[\w.-]+$/.test(rest) && !/^\.+$|\.(?:json|xml|spdx|sif)$/.test(rest);
  const advice = plainSchemes.get(scheme) ?? (isTag ? undefined : ambiguousSchemes.get(scheme));
  return advice?.replaceAll("REST", () => rest);
}
