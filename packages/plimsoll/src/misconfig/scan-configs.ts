import { checkOptions, listFindings, optionIs, severities as severityWords } from "@plimsoll/model";
import type { Diagnostic, Report, Severity, TriageRule } from "@plimsoll/model";
import { filterRules, triageInTurns } from "@plimsoll/triage";
import { joinCoverage } from "../scanners.ts";
import type { ReportOf } from "../scanners.ts";
import { tool } from "../version.ts";
import type { CheckConfigsOptions } from "./check-configs.ts";

/** A tree of files from any source. */
export interface ConfigTree {
  /** Name of the artifact in the report. */
  readonly name: string;
  readonly paths: readonly string[];
  /** Problems of listing them. */
  readonly diagnostics?: readonly Diagnostic[] | undefined;
  read(path: string, maxBytes: number): Promise<string | Diagnostic>;
}

/** Options of {@link checkTree}. */
export interface CheckTreeOptions extends CheckConfigsOptions {
  /** Keep only findings of these severities. */
  readonly severities?: readonly Severity[] | undefined;
  /** Leave out findings that are only under these paths; globs with `*`, `**` and `?`. */
  readonly ignorePaths?: readonly string[] | undefined;
  /** Applied in order, after the filters above; a suppressed finding names the first rule that suppresses it. */
  readonly triage?: readonly TriageRule[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Larger files are left out and told. */
const maxFileBytes = 64 * 1024 * 1024;

/**
 * Checks the configuration files of a tree. One file at a time is in memory, and a file that cannot be read does not affect the others.
 * @throws TypeError for options it does not know.
 */
export async function checkTree(tree: ConfigTree, options: CheckTreeOptions = {}): Promise<ReportOf<"misconfig">> {
  const { severities, ignorePaths, triage: rules = [], signal, ...checking } = options;
  checkOptions("checkTree", options, {
    severities: optionIs.listOf(optionIs.oneOf(severityWords)),
    ignorePaths: optionIs.listOf(optionIs.text),
    triage: optionIs.listOf(optionIs.having("judge")),
    signal: optionIs.signal,
    checks: optionIs.listOf(optionIs.having("evaluate")),
    facts: optionIs.object,
    includePasses: optionIs.flag,
    today: optionIs.time,
    filePatterns: optionIs.listOf(optionIs.object),
    maxLength: optionIs.count,
  });
  const { ConfigChecker } = await import("./check-configs.ts");
  const checker = new ConfigChecker(tree.paths, checking, ignorePaths);
  for (const diagnostic of tree.diagnostics ?? []) checker.tell(diagnostic);
  for (const path of tree.paths) {
    signal?.throwIfAborted();
    if (!checker.wants(path)) continue;
    const text = await tree.read(path, maxFileBytes);
    if (typeof text === "string") await checker.check({ path, text });
    else checker.tell(text);
  }
  const { findings, setAside, diagnostics, gaps } = checker.finish();
  const artifact = { name: tree.name, kind: "filesystem" as const, layers: [] };
  const triaged = await triageInTurns(findings, [...filterRules({ severities, ignorePaths }), ...rules], {
    artifact,
    signal,
  });
  const suppressed = [...triaged.suppressed, ...setAside];
  const report: Report = {
    schemaVersion: 2,
    tool,
    artifact,
    packages: [],
    ...listFindings(triaged.findings, ["misconfiguration"]),
    ...(suppressed.length === 0 ? {} : { suppressed }),
    coverage: joinCoverage([
      ["misconfig", { findings: [], verdict: gaps.length === 0 ? "complete" : "partial", gaps }],
    ]),
    diagnostics: [...diagnostics, ...triaged.diagnostics],
  };
  return report as ReportOf<"misconfig">; // as: it has the list
}
