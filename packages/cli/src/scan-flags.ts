import { Option } from "commander";
import type { Command } from "commander";
import type { FixStatus, Platform, ScannerId, Severity } from "@plimsoll/model";
import type { CategoryLists } from "./option-values.ts";
import * as values from "./option-values.ts";
import { everyScanner } from "plimsoll";
import { withCiOptions } from "./ci-facts.ts";
import { withComplianceOptions } from "./compliance.ts";
import type { ComplianceFlags } from "./compliance.ts";
import { withDatabaseKeyOption } from "./database-keys.ts";
import type { DatabaseKeyFlags } from "./database-keys.ts";
import type { RegistryFlags } from "./registry-flags.ts";
import { formatNames } from "./report-format.ts";
import type { OutputFlags } from "./report-format.ts";
import type { SecretFlags } from "./secret-rules.ts";
import { colorWord } from "./terminal-look.ts";
import { underHeading } from "./under-heading.ts";

/** Options of every scanning command, as commander parses them. */
export interface ScanFlags extends SecretFlags, OutputFlags, ComplianceFlags, DatabaseKeyFlags {
  readonly scanners: readonly ScannerId[];
  readonly db?: string;
  readonly maxDbAge?: number;
  readonly javaDb?: string;
  readonly severity?: readonly Severity[];
  readonly ignoreUnfixed?: boolean;
  readonly ignoreStatus?: readonly FixStatus[];
  readonly ignorefile?: readonly string[];
  /** Whether ignore files in the working directory apply without being named. */
  readonly ignore: boolean;
  readonly vex?: readonly string[];
  readonly baseline?: string;
  readonly ignorePaths?: readonly string[];
  readonly ignoredLicenses?: readonly string[];
  readonly licenseConfidenceLevel?: number;
  readonly licenseCategories?: CategoryLists;
  readonly licenseFull?: boolean;
  readonly pkgTypes?: readonly ("os" | "library")[];
  readonly ownedPackages?: "distribution" | "both";
  readonly exitCode?: number;
  readonly unrated?: values.Unrated;
  readonly exitOnEol?: number;
  readonly server?: string;
  readonly serverToken?: string;
  readonly offline?: boolean;
  readonly progress: boolean;
  readonly timeout?: number;
  readonly cacheDir?: string;
  readonly cache: boolean;
}

/** Options of `image` about attestations. */
export interface AttestedFlags {
  readonly attestedBy?: readonly string[];
  readonly attestations?: string;
  readonly note?: string;
  readonly trustRoot?: string;
}

/** Options of `image` alone. */
export interface ImageFlags extends ScanFlags, RegistryFlags, AttestedFlags {
  readonly input?: string;
  readonly tag?: string;
  readonly platform?: Platform;
  readonly baseImage?: string;
  readonly declared?: boolean;
  readonly requested?: boolean;
}

const requestedHelp =
  "guess versions from the ranges of manifests, too: each is one that the range names or begins with";

/** Adds the option of `fs` and `image` alone. */
export function withRequestedOption(command: Command): Command {
  return command.option("--requested", requestedHelp);
}

/** Adds the options of `image` alone. */
export function withImageOptions(command: Command): Command {
  command
    .option("--input <file>", "image archive or layout directory; - reads the archive from stdin")
    .option("--tag <tag>", "which image, when an archive holds several")
    .option("--platform <platform>", "os/architecture[/variant] of a multi-platform image", values.platform)
    .option(
      "--base-image <ref>",
      "the image it was built from, whose findings are told apart from those of your own layers",
    )
    .option("--declared", "read lock files in the image, too, whose packages need not be installed");
  return withRequestedOption(command);
}

/** Adds the options of `image` about attestations. */
export function withAttestedOptions(command: Command): Command {
  underHeading(command, "Attestations:", () =>
    command
      .option(
        "--attested-by <file>",
        "use SBOM and VEX attestations of the image by this signer: a public key, or an AttestationAuthority; may be repeated",
        values.repeated,
      )
      .option(
        "--attestations <place>",
        "with --attested-by: registry (beside the image), a directory, or the URL of a Grafeas server (default: registry)",
      )
      .option("--note <name>", "with --attested-by, for Grafeas: projects/PROJECT/notes/NOTE")
      .option("--trust-root <file>", "with --attested-by, keyless: sigstore's trusted_root.json"),
  );
  return command;
}

/** Adds the options of every command that writes a report. */
export function withOutputOptions(command: Command): Command {
  underHeading(command, "Reports:", () =>
    command
      .option(
        "-f, --format <format>",
        `one of ${formatNames.join(", ")}; a version of the standard may follow, as in cyclonedx@1.5, and a file, as in json=report.json; may be repeated (default: table)`,
        values.repeated,
      )
      .option("-o, --output <file>", "write the report to a file; may be repeated", values.repeated)
      .option("--template <text>", "with --format template: the template, or @ and the path of its file")
      .option("--show-suppressed", "list suppressed findings, with the reasons")
      .option(
        "--color <when>",
        "auto, always or never (default: auto, which FORCE_COLOR and NO_COLOR change)",
        colorWord,
      ),
  );
  return withCiOptions(command);
}

/** Adds the options that every scanning command has. `usual`: the default scanners. */
export function withScanOptions(command: Command, usual: readonly ScannerId[]): Command {
  const known = everyScanner.map(({ id }) => id);
  command
    .addOption(
      new Option("--scanners <list>", `what to look for: ${known.join(", ")}`).argParser(scannerList).default(
        usual.filter((id) => known.includes(id)),
        usual.filter((id) => known.includes(id)).join(","),
      ),
    )
    .option("--offline", "use no network at all")
    .option("--timeout <duration>", "give up after this long, such as 5m", values.duration)
    .option("--cache-dir <dir>", "directory of layer results and the default database")
    .option("--no-cache", "read every layer anew")
    .option("--no-progress", "show no progress")
    .option("-q, --quiet", "print nothing but the report and errors");
  withFilterOptions(command);
  underHeading(command, "Exit code:", () =>
    command
      .option("--exit-code <n>", "exit code when findings are left after the filters", values.exitCode)
      .option("--unrated <how>", values.unratedHelp, values.unrated)
      .option("--exit-on-eol <n>", "exit code when the distribution is past its end of life", values.exitCode),
  );
  withAdvisoryOptions(command);
  withSecretOptions(command);
  withLicenseOptions(command);
  withOutputOptions(command);
  underHeading(command, "Reports:", () =>
    command
      .option("--list-all-pkgs", "list packages without vulnerabilities too")
      .option("--dependency-tree", "show which packages depend on vulnerable ones"),
  );
  return withComplianceOptions(command);
}

function withFilterOptions(command: Command): void {
  underHeading(command, "What is listed:", () =>
    command
      .option("-s, --severity <list>", "only these, such as CRITICAL,HIGH", values.severityList)
      .option("--ignore-unfixed", "leave out vulnerabilities without a fixed version")
      .option("--ignore-status <list>", "leave out these, such as will_not_fix,end_of_life", values.statusList)
      .option(
        "--ignore-paths <glob>",
        "leave out findings that are only under these paths, such as opt/vendor/**; may be repeated",
        values.repeated,
      )
      .option(
        "--ignorefile <file>",
        "rules to leave findings out: .plimsollignore.yaml, .trivyignore, osv-scanner.toml, .grype.yaml, .gitleaksignore; may be repeated",
        values.repeated,
      )
      .option("--no-ignore", "read no ignore files of the working directory that are not named")
      .option(
        "--vex <file>",
        "an OpenVEX, CycloneDX or CSAF document that says what does not apply; may be repeated",
        values.repeated,
      )
      .option(
        "--baseline <report>",
        "show only what is new since an earlier result: a report of --format json, or gitleaks' JSON",
      )
      .option("--pkg-types <list>", "only packages of these kinds: os, library", values.packageTypeList)
      .option(
        "--owned-packages <by>",
        "language packages inside packages of the distribution: by the advisories of the distribution, or by both",
        values.ownedPackages,
      ),
  );
}

function withAdvisoryOptions(command: Command): void {
  underHeading(command, "Advisories:", () =>
    withDatabaseKeyOption(
      command.option(
        "--db <location>",
        "advisory database: a file (Trivy's and Grype's too), oci://… or https://… with the API of osv.dev (default: the one of the cache directory)",
      ),
    )
      .option(
        "--max-db-age <duration>",
        "make the coverage partial when the database is older, such as 48h (default: 30d; above 7d it is told)",
        values.duration,
      )
      .option(
        "--java-db <location>",
        "Trivy's Java database, to name Java archives by their SHA-1: trivy-java.db, its archive, or oci://… (default: none)",
      )
      .option(
        "--server <url>",
        "a service (`plimsoll serve`) whose advisories and results of layers are used, and which watches an image from then on",
      )
      .option("--server-token <file>", "token for the service"),
  );
}

function withSecretOptions(command: Command): void {
  underHeading(command, "Secrets:", () =>
    command
      .option("--secret-config <file>", "rules about secrets: Trivy's trivy-secret.yaml, or gitleaks' gitleaks.toml")
      .option(
        "--secret-all-paths",
        "look for secrets also in lock files, minified bundles, vendored code and test trees",
      )
      .option(
        "--secret-archives",
        "look for secrets in archives, too, one level down: .zip, .jar, .whl, .tar.gz, .gz …",
      )
      .option(
        "--fingerprint-key <file>",
        "file with a key: fingerprints of secrets then depend on the secrets themselves, and survive any edit around",
      ),
  );
}

function withLicenseOptions(command: Command): void {
  underHeading(command, "Licences, with --scanners license:", () =>
    command
      .option("--ignored-licenses <list>", "leave these out, such as MIT,ISC", values.textList)
      .option(
        "--license-categories <category=list>",
        "the licences of a category, in place of its usual ones, such as forbidden=SSPL-1.0,AGPL-3.0-only; may be repeated",
        values.categoryLists,
      )
      .option(
        "--license-confidence-level <n>",
        "leave out texts that are less like their licence, 0.8 to 1 (default: 0.9)",
        values.licenseConfidence,
      )
      .option("--license-full", "look in every text file, such as headers of sources"),
  );
}

/** `vuln,secret`, each once. */
function scannerList(text: string): readonly ScannerId[] {
  const known = everyScanner.map(({ id }) => id);
  return [...new Set(values.someOf("--scanners", text.toLowerCase(), known))];
}
