import { existsSync } from "node:fs";
import { basename } from "node:path";
import { isProblem, unratedLeftOut } from "@plimsoll/model";
import type {
  AdvisoryStore,
  CallOptions,
  ImageSource,
  Inventory,
  Report,
  ScanListener,
  ScannerId,
  TriageRule,
} from "@plimsoll/model";
import { packageFormats } from "@plimsoll/report";
import { baseline, ignoreFile, vexDocument } from "@plimsoll/triage";
import {
  defaultStorePath,
  findingsOf,
  identifyArtifacts,
  inventoryReport,
  openAdvisoriesFor,
  openJavaIndex,
  expectNamedAdvisories,
  scanInventory,
} from "plimsoll";
import type { AttestedEvidence } from "plimsoll";
import type { ScanInventoryOptions } from "plimsoll/node";
import type { CheckFlags } from "./check-flags.ts";
import { exitCodes, UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { askedCompliance } from "./compliance.ts";
import { databaseKeysOf } from "./database-keys.ts";
import type { OwnChecks } from "./own-checks.ts";
import { progress } from "./progress.ts";
import { readText } from "./read-text.ts";
import type { RegistryFlags } from "./registry-flags.ts";
import { remoteService } from "./remote-service.ts";
import type { RemoteService } from "./remote-service.ts";
import { chooseOutputs, leftOutSentences, writeReports } from "./report-format.ts";
import type { ReportOutput } from "./report-format.ts";
import type { AttestedFlags, ScanFlags } from "./scan-flags.ts";
import { isPlainFile } from "./settings.ts";

/** Takes the inventory of the artifact that a command scans. */
export type TakeInventory = (
  options: CallOptions & { readonly onEvent: ScanListener | undefined; readonly scanners: readonly ScannerId[] },
) => Promise<Inventory>;

/** Rules that lie in the working directory hold without being named, as with Trivy. */
const usualIgnoreFiles = [".plimsollignore.yaml", ".trivyignore", ".trivyignore.yaml", ".gitleaksignore"];

/**
 * Scans one artifact and writes its reports; returns the exit code.
 * @param sources What the inventory is taken from: what is not there is told before a database that is not there.
 */
export async function scanArtifact(
  take: TakeInventory,
  given: ScanFlags & CheckFlags & RegistryFlags & AttestedFlags,
  terminal: Terminal,
  sources: readonly Pick<ImageSource, "expect">[] = [],
): Promise<number> {
  const compliance = askedCompliance(given);
  const flags = compliance === undefined ? given : { ...given, scanners: compliance.scanners };
  const outputs = compliance === undefined ? await chooseOutputs(flags, terminal) : [];
  const rules = readTriageRules(flags, terminal);
  const own = await ownChecksOf(flags, terminal);
  const signal =
    flags.timeout === undefined ? terminal.signal : AbortSignal.any([terminal.signal, timeLimit(flags.timeout)]);
  const scanners = flags.scanners.filter((id) => id !== "vuln" || !needsNone(outputs, flags));
  const service = serviceOf(flags);
  const dbKeys = databaseKeysOf(flags);
  for (const source of sources) await source.expect?.();
  const early =
    service !== undefined || !scanners.includes("vuln")
      ? undefined
      : await expectNamedAdvisories({ ...flags, dbKeys, signal });
  const { cacheDir, offline } = flags;
  const javaArchives =
    flags.javaDb === undefined
      ? undefined
      : await openJavaIndex(flags.javaDb, { cacheDir, offline, keys: dbKeys, signal });
  let fetched: AdvisoryStore | undefined;
  const drawn = progress(terminal, flags.progress && flags.quiet !== true);
  try {
    const unattested = await take({ signal, onEvent: drawn.onEvent, scanners });
    const { inventory: found, triage: attestedRules } = await attestedOf(unattested, given, terminal, signal);
    const taken = own === undefined ? found : { ...found, diagnostics: [...found.diagnostics, ...own.diagnostics] };
    const inventory = javaArchives === undefined ? taken : await identifyArtifacts(taken, javaArchives, { signal });
    const advisories =
      early ??
      (service !== undefined && scanners.includes("vuln")
        ? await service.advisoriesFor(inventory, { signal })
        : await advisoriesFor(inventory, scanners, { ...flags, dbKeys, signal, onFetch: drawn.fetching }));
    // Images are watched from then on. A directory, or what a document lists, is somebody's for this moment.
    if (inventory.artifact.kind === "container-image") await service?.keep(inventory, { signal });
    fetched = early === undefined ? advisories : undefined;
    drawn.advisories(advisories?.sources.reduce((sum, { records }) => sum + records, 0) ?? 0);
    const report =
      scanners.length === 0
        ? inventoryReport(inventory)
        : await scanInventory(inventory, {
            ...scanOptionsOf(flags, terminal),
            scanners,
            advisories,
            signal,
            onEvent: drawn.onEvent,
            triage: [...rules, ...attestedRules],
            // Only what was looked at can be met.
            configChecks: {
              ...(compliance === undefined ? {} : { includePasses: true }),
              ...(own === undefined ? {} : { checks: own.checks }),
            },
          });
    drawn.end();
    const complied = await compliance?.write([report], terminal);
    await writeReports(report, outputs, terminal);
    if (flags.quiet !== true) tellProblems(report, outputs, terminal);
    tellHidden(report, flags, terminal);
    return complied ?? exitCodeOf(report, flags, terminal);
  } finally {
    drawn.end();
    await early?.close?.();
    await javaArchives?.close?.();
    await fetched?.close?.();
  }
}

/** What the flags alone say of a scan: filters, licences, the age of a database. */
function scanOptionsOf(flags: ScanFlags, terminal: Terminal): Omit<ScanInventoryOptions<ScannerId>, "scanners"> {
  return {
    severities: flags.severity,
    ignoreUnfixed: flags.ignoreUnfixed,
    ignoreStatuses: flags.ignoreStatus,
    ignorePaths: flags.ignorePaths,
    licenses: {
      ignored: flags.ignoredLicenses,
      categories: flags.licenseCategories,
      confidence: flags.licenseConfidenceLevel,
    },
    packageTypes: flags.pkgTypes,
    ownedPackages: flags.ownedPackages,
    now: terminal.now(),
    maxDbAge: flags.maxDbAge,
  };
}

/** With what is attested about an image by somebody who is trusted; nothing of it is loaded where nobody is. */
async function attestedOf(
  inventory: Inventory,
  flags: AttestedFlags & RegistryFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<AttestedEvidence> {
  if (flags.attestedBy !== undefined) {
    const { evidenceBy } = await import("./attested-by.ts");
    return evidenceBy(inventory, { ...flags, attestedBy: flags.attestedBy }, terminal, signal);
  }
  if (flags.attestations !== undefined || flags.trustRoot !== undefined)
    throw new UsageError("--attestations and --trust-root need --attested-by");
  return { inventory, triage: [] };
}

/** Our checks with those that were named; undefined where none are, so that nothing of them is loaded. */
async function ownChecksOf(
  flags: ScanFlags & CheckFlags & RegistryFlags,
  terminal: Terminal,
): Promise<OwnChecks | undefined> {
  if (flags.configCheck === undefined) {
    const others = {
      "--config-data": flags.configData,
      "--check-namespaces": flags.checkNamespaces,
      "--config-file-schemas": flags.configFileSchemas,
    };
    for (const [name, value] of Object.entries(others))
      if (value !== undefined) throw new UsageError(`${name} needs --config-check`);
    return undefined;
  }
  if (!flags.scanners.includes("misconfig")) throw new UsageError("--config-check needs --scanners misconfig");
  const { withOwnChecks } = await import("./own-checks.ts");
  return withOwnChecks(flags, terminal);
}

/** The service of `--server`; undefined: the scan runs locally. */
export function serviceOf({
  server,
  serverToken,
  dbKey,
}: Pick<ScanFlags, "server" | "serverToken" | "dbKey">): RemoteService | undefined {
  if (server === undefined) return undefined;
  if (dbKey !== undefined) throw new UsageError("--db-key cannot be used with --server: the database is the server's");
  if (!URL.canParse(server) || !/^https?:/.test(server))
    throw new UsageError(`--server: "${server}" is no http address`);
  return remoteService(server, serverToken === undefined ? undefined : readText(serverToken).trim());
}

function timeLimit(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  const message = `The scan took longer than ${milliseconds / 1000} s and was stopped; --timeout allows more`;
  setTimeout(() => controller.abort(new Error(message)), milliseconds).unref();
  return controller.signal;
}

function readTriageRules(flags: ScanFlags, terminal: Terminal): readonly TriageRule[] {
  const ignoreFiles = flags.ignorefile ?? foundIgnoreFiles(flags);
  const now = terminal.now();
  return [
    ...ignoreFiles.map((file) => ignoreFile(readText(file), { name: file, now })),
    ...(flags.baseline === undefined ? [] : [baseline(readText(flags.baseline), { name: flags.baseline })]),
    ...(flags.vex ?? []).map((file) => vexDocument(readText(file), { name: basename(file) })),
  ];
}

/** Ignore files in the working directory that apply without being named. */
export function foundIgnoreFiles({ ignorefile, ignore }: Pick<ScanFlags, "ignorefile" | "ignore">): readonly string[] {
  return ignorefile === undefined && ignore ? usualIgnoreFiles.filter(isPlainFile) : [];
}

/** Prints how many findings were suppressed by ignore files that nobody named, even with `--quiet`, as the last line. */
export function tellHidden(report: Report, flags: Pick<ScanFlags, "ignorefile" | "ignore">, terminal: Terminal): void {
  const files = foundIgnoreFiles(flags);
  const hidden = report.suppressed?.filter(({ by }) => by === "ignorefile").length ?? 0;
  if (files.length > 0 && hidden > 0)
    terminal.stderr.write(
      `${hidden} ${hidden === 1 ? "finding is" : "findings are"} left out by ${files.join(" and ")}, found in the working directory; --no-ignore keeps what they hide\n`,
    );
}

/** An SBOM needs no advisories; one that is there is used. Every other report needs some. */
function needsNone(outputs: readonly ReportOutput[], { db, cacheDir }: ScanFlags): boolean {
  const wantsPackages = outputs.length > 0 && outputs.every(({ format }) => packageFormats.has(format));
  return db === undefined && wantsPackages && !existsSync(defaultStorePath(cacheDir));
}

async function advisoriesFor(
  inventory: Inventory,
  scanners: readonly ScannerId[],
  options: NonNullable<Parameters<typeof openAdvisoriesFor>[1]>,
): Promise<AdvisoryStore | undefined> {
  return !scanners.includes("vuln") ? undefined : openAdvisoriesFor(inventory, options);
}

/** Prints on stderr the coverage gaps of a report and what its formats leave out. */
export function tellProblems(report: Report, outputs: readonly ReportOutput[], terminal: Terminal): void {
  for (const sentence of leftOutSentences(report, outputs)) terminal.stderr.write(`warning: ${sentence}\n`);
  // The table says it itself, in its last lines.
  const saysUnrated = outputs.every(({ format }) => format === "table");
  const worthTelling = report.diagnostics.filter(
    ({ effect, code }) =>
      effect === "incomplete" ||
      code === "triage" ||
      code === "untrusted-attestation" ||
      (code === "unrated-findings" && !saysUnrated),
  );
  for (const { message, location } of worthTelling.slice(0, 10)) {
    const place =
      location === undefined || location.path === "" || message.startsWith(location.path) ? "" : `${location.path}: `;
    terminal.stderr.write(`warning: ${place}${message}\n`);
  }
  if (worthTelling.length > 10)
    terminal.stderr.write(`warning: … and ${worthTelling.length - 10} more; --format json lists them all\n`);
}

function exitCodeOf(report: Report, flags: ScanFlags, terminal: Terminal): number {
  const endOfLife = report.artifact.distro?.endOfLife;
  if (flags.exitOnEol !== undefined && endOfLife !== undefined && endOfLife < terminal.now().slice(0, 10))
    return flags.exitOnEol;
  return exitCodeOfFindings(report, flags);
}

/** The exit code for the findings of a report; `--unrated` decides about those without a severity. */
export function exitCodeOfFindings(
  report: Report,
  { exitCode, unrated = "report" }: Pick<ScanFlags, "exitCode" | "unrated">,
): number {
  if (unrated === "fail" && unratedLeftOut(report).some(isProblem)) return exitCode ?? exitCodes.failed;
  const counts = findingsOf(report).some(
    (finding) => isProblem(finding) && (unrated !== "ignore" || finding.severity !== "UNKNOWN"),
  );
  return exitCode !== undefined && counts ? exitCode : exitCodes.done;
}
