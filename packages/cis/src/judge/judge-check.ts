import type { Check, TestItem } from "../benchmark/controls.ts";
import { compareValues } from "./compare.ts";
import { findFlag, findPath, findVariable } from "./find-value.ts";
import type { FoundValue } from "./find-value.ts";

/** kube-bench's states of a check. */
export type CheckState = "PASS" | "FAIL" | "WARN" | "INFO";

/** The outputs of a check's three commands; empty for commands that it does not have. */
export interface AuditOutputs {
  readonly audit: string;
  readonly auditConfig: string;
  readonly auditEnv: string;
}

/** The result of a check's tests. */
export interface TestVerdict {
  readonly result: boolean;
  /** What was expected, as a sentence; absent when nothing was evaluated. */
  readonly expected?: string;
  /** The output that was evaluated, or why it could not be parsed. */
  readonly actual: string;
  /** Why the output or a pattern could not be parsed. */
  readonly problem?: string;
}

/** The state of a check, and the reason. */
export interface CheckVerdict {
  readonly state: CheckState;
  readonly expected: string;
  readonly actual: string;
  readonly reason: string;
}

/** The state of a check whose commands need not run: manual, skipped, or without tests. Undefined: its commands must run. */
export function stateWithoutAudit(check: Check): CheckVerdict | undefined {
  const because = (state: CheckState, reason: string): CheckVerdict => ({ state, reason, expected: "", actual: "" });
  if (check.scored && check.type.trim() === "" && check.tests === undefined)
    return because("WARN", "There are no tests");
  if (check.type === "skip") return because("INFO", "Test marked as skip");
  if (check.type === "manual") return because("WARN", "Test marked as a manual test");
  if (check.tests === undefined || check.tests.items.length === 0)
    return because(check.scored ? "FAIL" : "WARN", "No tests defined");
  return undefined;
}

/** The state of a check by the outputs of its commands. */
export function judgeCheck(check: Check, outputs: AuditOutputs): CheckVerdict {
  const early = stateWithoutAudit(check);
  if (early !== undefined) return early;
  const failed: CheckState = check.scored ? "FAIL" : "WARN";
  const verdict = judgeTests(check, outputs);
  return {
    state: verdict.result ? "PASS" : failed,
    expected: verdict.expected ?? "",
    actual: verdict.actual,
    reason: verdict.problem ?? "",
  };
}

/**
 * Evaluates the tests of a check. The value of each test item is searched for in the audit, then in the configuration, then in the environment; the
 * first place where it is found counts. `bin_op` combines the items; absent: `and`.
 */
export function judgeTests(check: Check, outputs: AuditOutputs): TestVerdict {
  const tests = check.tests;
  if (tests === undefined || tests.items.length === 0) return { result: false, actual: "" };
  const operator = tests.binOp === "" ? "and" : tests.binOp;
  if (operator !== "and" && operator !== "or") {
    const problem = `unknown binary operator for tests ${operator}`;
    return { result: false, actual: `${problem}\n`, problem };
  }
  const judged = tests.items.map((item) => judgeItem(item, check, outputs));
  const expected = judged.map((item) => item.expected).join(operator === "and" ? " AND " : " OR ");
  const result = operator === "and" ? judged.every((item) => item.result) : judged.some((item) => item.result);
  const problem = result ? undefined : judged.find((item) => item.problem !== undefined)?.problem;
  return {
    result,
    actual: judged[0]?.actual ?? "",
    ...(expected === "" ? {} : { expected }),
    ...(problem === undefined ? {} : { problem }),
  };
}

interface JudgedItem {
  readonly result: boolean;
  readonly found: boolean;
  readonly expected: string;
  readonly actual: string;
  readonly problem?: string;
}

function judgeItem(item: TestItem, check: Check, outputs: AuditOutputs): JudgedItem {
  const rows = check.useMultipleValues;
  let judged = judgeOutput(item, item.flag, outputs.audit, rows, findFlag);
  if (!judged.found && check.auditConfig !== "" && outputs.auditConfig !== "")
    judged = judgeOutput(item, item.path, outputs.auditConfig, rows, findPath);
  if (!judged.found && item.env !== "") judged = judgeOutput(item, item.env, outputs.auditEnv, rows, findVariable);
  return judged;
}

function judgeOutput(
  item: TestItem,
  name: string,
  output: string,
  rows: boolean,
  find: (output: string, name: string) => FoundValue,
): JudgedItem {
  const text = withoutTrailingBlanks(output);
  let judged: Omit<JudgedItem, "actual"> = { result: false, found: false, expected: "" };
  for (const row of rows ? text.split("\n") : [text]) {
    try {
      judged = judgeRow(item, name, find(row, name));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      judged = { result: false, found: false, expected: "", problem: error.message };
    }
    if (!judged.result) break;
  }
  return { ...judged, actual: text };
}

function judgeRow(item: TestItem, name: string, { found, value }: FoundValue): Omit<JudgedItem, "actual"> {
  if (!item.set) return { result: !found, found, expected: `'${name}' is not present` };
  if (!found || item.compare.op === "") return { result: found, found, expected: `'${name}' is present` };
  return { ...compareValues(item.compare.op, value, item.compare.value, name), found };
}

function withoutTrailingBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === " " || text[end - 1] === "\n")) end--;
  return text.slice(0, end);
}
