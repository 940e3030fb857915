import { FindingLimit, runChecksInTurns } from "@plimsoll/checks";
import type { Check, CheckFacts } from "@plimsoll/checks";
import { configReader, imageConfigDocument } from "@plimsoll/configs";
import type { ReadConfigsOptions } from "@plimsoll/configs";
import { located } from "@plimsoll/model";
import type {
  ConfigFile,
  CoverageGap,
  Diagnostic,
  Location,
  Misconfiguration,
  SuppressedFinding,
} from "@plimsoll/model";
import { withoutPaths } from "@plimsoll/triage";
import { maskValues } from "./mask-values.ts";

/** Options for checking configurations. */
export interface CheckConfigsOptions extends ReadConfigsOptions {
  /** Absent: every check of this package. */
  readonly checks?: readonly Check[] | undefined;
  readonly facts?: CheckFacts | undefined;
  /** Also report passed checks. */
  readonly includePasses?: boolean | undefined;
  /** The current day (`2026-11-29`), for the expiry of comments that ignore findings. Absent: none has expired. */
  readonly today?: string | undefined;
}

/** The findings in configurations, and diagnostics. */
export interface CheckedFiles {
  readonly findings: readonly Misconfiguration[];
  readonly setAside: readonly SuppressedFinding[];
  readonly diagnostics: readonly Diagnostic[];
  readonly gaps: readonly CoverageGap[];
}

/** The most findings of one check in all files of a scan; as many again under the paths of which nobody wants to see any. */
const maxScanFindings = 20_000;

/** So many files of a format that is not read are told one by one, the others by their number: collections of Ansible hold a thousand playbooks. */
const mostUnreadTold = 20;

/**
 * Checks files one by one, so that only one of them has to be in memory; `paths` are all paths of their tree, and `ignorePaths` the globs of
 * those whose findings are left out later.
 */
export class ConfigChecker {
  readonly #options: CheckConfigsOptions;
  readonly #reader: ReturnType<typeof configReader>;
  readonly #findings: Misconfiguration[] = [];
  readonly #setAside: SuppressedFinding[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #limit = new FindingLimit(maxScanFindings);
  /** Says which findings are under paths that are left out. They must not displace what will be shown. */
  readonly #pathRule: ReturnType<typeof withoutPaths>;
  /** Files of formats that are not read, by what is said of them: the last path, and the first diagnostic that is not told by itself. */
  readonly #unread: Map<string, { count: number; path: string | undefined; first: Diagnostic | undefined }> = new Map();
  /** The first file of which something was left out for the limit of the scan. */
  #firstCut: string | undefined;

  constructor(paths: Iterable<string>, options: CheckConfigsOptions = {}, ignorePaths: readonly string[] = []) {
    const { checks, facts, includePasses, today, ...reading } = options;
    this.#options = { checks, facts, includePasses, today };
    this.#reader = configReader(paths, reading);
    this.#pathRule = withoutPaths(ignorePaths);
  }

  /** Whether a file may be a configuration, by its name. */
  wants(path: string): boolean {
    return this.#reader.wants(path);
  }

  /** Checks one file. */
  async check({ path, text, layer, format, lineLayers = [] }: ConfigFile): Promise<void> {
    const read =
      format === undefined
        ? await this.#reader.readInTurns({ path, text })
        : { documents: [imageConfigDocument(path, text)], diagnostics: [] };
    const layers = new Map(lineLayers.map((each) => [each.line, each.layer]));
    for (const diagnostic of read.diagnostics) this.tell(diagnostic);
    if (read.documents.length === 0) return;
    const checked = await runChecksInTurns(read.documents, { ...this.#options, mask: maskValues });
    const placed = (location: Location): Location => {
      const made = layer ?? layers.get(location.line ?? 0);
      return made === undefined ? location : { ...location, layer: made };
    };
    const place = (finding: Misconfiguration): Misconfiguration =>
      layer === undefined && layers.size === 0 ? finding : { ...finding, ...located(finding.locations.map(placed)) };
    const isKept = (finding: Misconfiguration, ignored: boolean): boolean => {
      const { id, status } = finding;
      const kind = ignored ? `${id} ignored` : status === "pass" ? `${id} passed` : id;
      const isElsewhere = this.#pathRule.judge(finding, undefined) !== undefined;
      const kept = this.#limit.take(isElsewhere ? `${kind} under ignored paths` : kind);
      if (!kept) this.#firstCut ??= path;
      return kept;
    };
    for (const finding of checked.findings) if (isKept(finding, false)) this.#findings.push(place(finding));
    for (const { finding, ...exemption } of checked.suppressed)
      if (isKept(finding, true)) this.#setAside.push({ ...exemption, finding: place(finding) });
    for (const diagnostic of checked.diagnostics) this.#diagnostics.push(diagnostic);
  }

  /** Records that a file could not be read. */
  tell(diagnostic: Diagnostic): void {
    if (diagnostic.code === "unsupported-format") {
      const { message, location } = diagnostic;
      const unread = this.#unread.get(message) ?? { count: 0, path: undefined, first: undefined };
      this.#unread.set(message, unread);
      // Of several documents in a file.
      if (unread.count > 0 && unread.path === location?.path) return;
      unread.path = location?.path;
      if (++unread.count > mostUnreadTold) {
        unread.first ??= diagnostic;
        return;
      }
    }
    this.#diagnostics.push(diagnostic);
  }

  /** Finishes the checks and returns the results. */
  finish(): CheckedFiles {
    if (this.#firstCut !== undefined)
      this.#diagnostics.push({
        kind: "diagnostic",
        code: "limit-exceeded",
        effect: "incomplete",
        message: `${this.#limit.count} findings of this and later files were left out: of each check, ${maxScanFindings} in a scan are kept`,
        location: { path: this.#firstCut },
        analyzer: "checks",
      });
    for (const [message, { count, first }] of this.#unread)
      if (first !== undefined)
        this.#diagnostics.push({ ...first, message: `${message}: this file and ${count - mostUnreadTold - 1} more` });
    const gaps = this.#diagnostics.flatMap(({ effect, code, message, location }) =>
      effect === "incomplete"
        ? [{ scanner: "misconfig" as const, code, message, ...(location === undefined ? {} : { path: location.path }) }]
        : [],
    );
    return { findings: this.#findings, setAside: this.#setAside, diagnostics: this.#diagnostics, gaps };
  }
}
