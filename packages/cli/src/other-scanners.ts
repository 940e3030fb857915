/**
 * What hands used to Trivy, Grype and Syft type, and what says it here. Names that mean the same in both are not listed:
 * they work. Sources: the manuals of the three, which their `--help` prints.
 */

const flags: ReadonlyMap<string, string> = new Map([
  // Trivy
  ["--security-checks", "use --scanners"],
  ["--vuln-type", "use --pkg-types"],
  ["--skip-dirs", "use --ignore-paths 'DIR/**'"],
  ["--skip-files", "use --ignore-paths FILE"],
  ["--skip-db-update", "use --offline"],
  ["--skip-java-db-update", "leave it out: only --java-db uses such a database"],
  ["--offline-scan", "use --offline"],
  ["--download-db-only", "use `plimsoll db update`"],
  ["--download-java-db-only", "leave it out: --java-db fetches what it names"],
  ["--db-repository", "use --db oci://REPOSITORY"],
  ["--java-db-repository", "use --java-db oci://REPOSITORY"],
  ["--ignore-policy", "use --ignorefile, whose rules are data"],
  ["--include-dev-deps", "leave it out: they are listed, and marked"],
  ["--image-src", "use a prefix of the image: docker: podman: registry:"],
  ["--registry-token", "use --username and --password, or what `docker login` left"],
  ["--removed-pkgs", "leave it out: only what is in the image is listed"],
  ["--clear-cache", "leave it out: entries go by content; --no-cache reads every layer anew"],
  ["--cache-backend", "use --cache-dir; programs can give a cache of their own"],
  ["--detection-priority", "leave it out: what is not certain is told in the report's diagnostics"],
  ["--vuln-severity-source", "leave it out: `plimsoll explain` tells where a severity comes from"],
  ["--debug", "leave it out: the report's diagnostics and `plimsoll explain` tell how it came about"],
  ["--parallel", "leave it out: layers are read side by side as the machine allows"],
  // Grype
  ["--fail-on", "use --exit-code 1 with --severity, such as --severity CRITICAL,HIGH"],
  ["--only-fixed", "use --ignore-unfixed"],
  ["--only-notfixed", "use --ignore-status fixed"],
  ["--ignore-states", "use --ignore-status"],
  ["--by-cve", "leave it out: findings are told by their CVE where they have one"],
  ["--add-cpes-if-none", "leave it out: programs without another identity have their CPE"],
  ["--file", "use --output FILE"],
  ["--sort-by", "leave it out: the order is always the same, the worst first in tables"],
  ["--show-details", "use `plimsoll explain REPORT ID`"],
  // Grype and Syft
  ["--scope", "leave it out: packages of the image as it runs are listed, each with its layer"],
  ["--exclude", "use --ignore-paths"],
  ["--name", "leave it out: the artifact is named as it was given"],
  ["--from", "use a prefix of the image: docker: podman: registry: oci-dir: oci-archive: docker-archive:"],
  // Syft
  ["--source-name", "leave it out: the artifact is named as it was given"],
  ["--source-version", "leave it out: the artifact is named as it was given"],
  ["--select-catalogers", "leave it out: every analyzer runs; --declared adds lock files of images"],
  ["--override-default-catalogers", "leave it out: every analyzer runs; --declared adds lock files of images"],
  ["--base-path", "give the directory itself: `plimsoll rootfs DIR`"],
]);

const commands: ReadonlyMap<string, string> = new Map([
  ["i", "use `plimsoll image`"],
  ["scan", "use `plimsoll image IMAGE --format cyclonedx`"],
  ["packages", "use `plimsoll image IMAGE --format cyclonedx`"],
  ["repo", "clone it, then `plimsoll fs DIR`"],
  ["repository", "clone it, then `plimsoll fs DIR`"],
  ["version", "use `plimsoll --version`"],
  ["clean", "nothing needs it: entries of the cache go by content, and the old ones make room"],
  ["login", "use `docker login`, or --username and --password"],
  ["registry", "use `docker login`, or --username and --password"],
  ["server", "`plimsoll serve` is the service"],
  ["client", "a scan runs in one process; --db names a database that many can share"],
  ["kubernetes", "clusters are not asked; examples/triage-gate decides about one image"],
  ["k8s", "clusters are not asked; examples/triage-gate decides about one image"],
  ["vm", "disk images are not read: mount it, then `plimsoll rootfs DIR`"],
  ["status", "use `plimsoll db info`"],
  ["check", "use `plimsoll db info`, and `plimsoll db update` fetches what is new"],
  ["list", "use `plimsoll db info`"],
  ["delete", "remove the file that `plimsoll db info` names"],
]);

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

/** What to write instead of an option that plimsoll does not have. */
export function adviceForFlag(flag: string): string | undefined {
  return flags.get(flag);
}

/** What to write instead of a command that plimsoll does not have. */
export function adviceForCommand(command: string): string | undefined {
  return commands.get(command);
}

/** What to write instead of a reference with another scanner's prefix. */
export function adviceForReference(reference: string): string | undefined {
  const [, scheme = "", rest = ""] = /^([a-z-]+):(.+)/.exec(reference) ?? [];
  const isTag = /^[\w.-]+$/.test(rest) && !/^\.+$|\.(?:json|xml|spdx|sif)$/.test(rest);
  const advice = plainSchemes.get(scheme) ?? (isTag ? undefined : ambiguousSchemes.get(scheme));
  return advice?.replaceAll("REST", () => rest);
}
