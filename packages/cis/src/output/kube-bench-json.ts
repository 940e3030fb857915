import { checkOptions, optionIs } from "@plimsoll/model";
import type { BenchmarkResult, CheckResult, ControlsResult, GroupResult } from "../run-benchmark.ts";
import { summarize } from "./summary.ts";
import type { Summary } from "./summary.ts";

/** kube-bench's report on one controls file, with its names of members. */
export interface KubeBenchControls {
  readonly id: string;
  readonly version: string;
  readonly detected_version?: string;
  readonly text: string;
  readonly node_type: string;
  readonly tests: readonly KubeBenchGroup[];
  readonly total_pass: number;
  readonly total_fail: number;
  readonly total_warn: number;
  readonly total_info: number;
}

export interface KubeBenchGroup {
  readonly section: string;
  readonly type: string;
  readonly pass: number;
  readonly fail: number;
  readonly warn: number;
  readonly info: number;
  readonly desc: string;
  readonly results: readonly KubeBenchCheck[];
}

export interface KubeBenchCheck {
  readonly test_number: string;
  readonly test_desc: string;
  readonly audit: string;
  readonly AuditEnv: string;
  readonly AuditConfig: string;
  readonly type: string;
  readonly remediation: string;
  readonly test_info: readonly string[] | null;
  readonly status: string;
  readonly actual_value: string;
  readonly scored: boolean;
  readonly IsMultiple: boolean;
  readonly expected_result: string;
  readonly reason?: string;
}

/** A result in kube-bench's form; `detected` is the version by which the benchmark was chosen. */
export function kubeBenchControls(result: BenchmarkResult, detected?: string): readonly KubeBenchControls[] {
  return result.controls.map((controls) => controlsShape(controls, detected));
}

function controlsShape(controls: ControlsResult, detected: string | undefined): KubeBenchControls {
  const summary = summarize(controls.groups.flatMap((group) => group.results));
  return {
    id: controls.id,
    version: controls.version,
    ...(detected === undefined ? {} : { detected_version: detected }),
    text: controls.text,
    node_type: controls.type,
    tests: controls.groups.map(groupShape),
    total_pass: summary.pass,
    total_fail: summary.fail,
    total_warn: summary.warn,
    total_info: summary.info,
  };
}

function groupShape(group: GroupResult): KubeBenchGroup {
  return {
    section: group.id,
    type: "",
    ...summarize(group.results),
    desc: group.text,
    results: group.results.map(checkShape),
  };
}

function checkShape({ check, state, expected, actual, reason }: CheckResult): KubeBenchCheck {
  return {
    test_number: check.id,
    test_desc: check.text,
    audit: check.audit,
    AuditEnv: check.auditEnv,
    AuditConfig: check.auditConfig,
    type: check.type,
    remediation: check.remediation,
    test_info: [check.remediation],
    status: state,
    actual_value: actual,
    scored: check.scored,
    IsMultiple: check.useMultipleValues,
    expected_result: expected,
    ...(reason === "" ? {} : { reason }),
  };
}

/** The sum of the summaries of several controls files. */
export function totalsOf(controls: readonly KubeBenchControls[]): Summary {
  const sum = (key: "total_pass" | "total_fail" | "total_warn" | "total_info"): number =>
    controls.reduce((total, each) => total + each[key], 0);
  return { pass: sum("total_pass"), fail: sum("total_fail"), warn: sum("total_warn"), info: sum("total_info") };
}

/** kube-bench's JSON: `{ Controls, Totals }`, or only the list of controls without totals. Controls are ordered by their number. */
export function kubeBenchJson(
  controls: readonly KubeBenchControls[],
  options: { readonly totals?: boolean | undefined } = {},
): string {
  checkOptions("kubeBenchJson", options, { totals: optionIs.flag });
  const ordered = orderedControls(controls);
  if (options.totals === false) return goJson(ordered);
  const { pass, fail, warn, info } = totalsOf(ordered);
  return goJson({
    Controls: ordered,
    Totals: { total_pass: pass, total_fail: fail, total_warn: warn, total_info: info },
  });
}

export function orderedControls(controls: readonly KubeBenchControls[]): readonly KubeBenchControls[] {
  const number = (each: KubeBenchControls): number => (/^-?\d+$/.test(each.id) ? Number(each.id) : 0);
  return controls.toSorted((a, b) => number(a) - number(b));
}

/** JSON as Go writes it: `<`, `>`, `&` and two line separators are escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
