/**
 * What hands used to other tools type, and what says it here. Names that mean the same in both are not listed:
 * they work. Sources: the manuals of the tools, which their `--help` prints.
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
  // gitleaks
  ["--source", "give the directory itself: `plimsoll fs DIR --scanners secret`"],
  ["--report-path", "use --output FILE"],
  ["--report-format", "use --format"],
  ["--redact", "leave it out: secrets are always masked"],
  ["--no-git", "leave it out: files are read, and no history of a repository"],
  ["--log-opts", "leave it out: files are read, and no history of a repository"],
  ["--baseline-path", "use --baseline"],
  ["--gitleaks-ignore-path", "use --ignorefile"],
  // kube-hunter
  ["--remote", "give the host itself: `plimsoll probe HOST`"],
  ["--cidr", "give the range itself: `plimsoll probe RANGE --i-own-this`"],
  ["--active", "leave it out: nothing is exploited"],
]);

const sbomOfImage =
  "use `plimsoll image IMAGE --format cyclonedx` for an SBOM, without --format for its vulnerabilities";
const secretsOfTree = "use `plimsoll fs DIR --scanners secret`";

/** By the words behind `plimsoll`. */
const commands: ReadonlyMap<string, string> = new Map([
  // Trivy
  ["i", "use `plimsoll image`"],
  ["repo", "clone it, then `plimsoll fs DIR`"],
  ["repository", "clone it, then `plimsoll fs DIR`"],
  ["version", "use `plimsoll --version`"],
  ["clean", "nothing needs it: entries of the cache go by content, and the old ones make room"],
  ["server", "`plimsoll serve` is the service"],
  ["client", "a scan runs in one process; --db names a database that many can share"],
  ["kubernetes", "clusters are not asked; examples/triage-gate decides about one image"],
  ["k8s", "clusters are not asked; examples/triage-gate decides about one image"],
  ["vm", "disk images are not read: mount it, then `plimsoll rootfs DIR`"],
  // Grype and Syft
  ["scan", sbomOfImage],
  ["packages", sbomOfImage],
  ["login", "use `docker login`, or --username and --password"],
  ["registry", "use `docker login`, or --username and --password"],
  ["db status", "use `plimsoll db info`"],
  ["db check", "use `plimsoll db info`, and `plimsoll db update` fetches what is new"],
  ["db list", "use `plimsoll db info`"],
  ["db delete", "remove the file that `plimsoll db info` names"],
  // gitleaks
  ["detect", secretsOfTree],
  ["protect", secretsOfTree],
  ["dir", secretsOfTree],
  ["git", `${secretsOfTree}: files are read, and no history of a repository`],
  // OPA, Conftest, gator
  ["eval", "use `plimsoll rego eval`"],
  ["check", "use `plimsoll rego check`"],
  ["deps", "use `plimsoll rego deps`"],
  [
    "test",
    "use `plimsoll rego test`, `plimsoll policy test`, or `plimsoll config FILE --config-check DIR` for Conftest's",
  ],
  ["expand", "use `plimsoll policy expand`"],
  ["bench", "use `plimsoll policy bench`"],
  // cosign; gator's suites
  ["sign", "use `plimsoll attest sign`"],
  ["verify", "use `plimsoll attest verify` for signatures, `plimsoll policy verify` for suites"],
  // kube-bench, kubeaudit
  ["run", "use `plimsoll cis run`"],
  ["all", "use `plimsoll audit`"],
  ["autofix", "use `plimsoll audit fix`"],
]);

/** What to write instead of an option that plimsoll does not have. */
export function adviceForFlag(flag: string): string | undefined {
  return flags.get(flag);
}

/** What to write instead of a command that plimsoll does not have, by the words behind `plimsoll`: `scan`, `db status`. */
export function adviceForCommand(command: string): string | undefined {
  return commands.get(command);
}

/**
 * An error of the command line. Where the mistake is another tool's word, its word here takes the place of guesses at the spelling.
 * A first word that is like no command may be an image. `path`: the words before the mistake.
 */
export function advised(error: string, path: string): string {
  const [line, kind, name = ""] = /^error: unknown (option|command) '([^'\n]+)'/.exec(error) ?? [];
  const mayBeImage = path === "plimsoll" && !error.includes("Did you mean");
  const image = mayBeImage ? `to scan an image of this name: \`plimsoll image ${name}\`` : undefined;
  const advice =
    kind === "option"
      ? adviceForFlag(name)
      : kind === "command"
        ? (adviceForCommand(`${path} ${name}`.slice("plimsoll ".length)) ?? image)
        : undefined;
  return line === undefined || advice === undefined ? error : `${line}; ${advice}\n`;
}
