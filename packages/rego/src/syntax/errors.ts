/** Errors as OPA reports them: a code, a message and a place. */

import { locationOf, type Location, type Span } from "./ast.ts";

/** OPA's codes for what is wrong with a policy, or with its evaluation; `limit_exceeded` is ours. */
export type RegoErrorCode =
  | "rego_parse_error"
  | "rego_compile_error"
  | "rego_type_error"
  | "rego_unsafe_var_error"
  | "rego_recursion_error"
  | "eval_internal_error"
  | "eval_cancel_error"
  | "eval_conflict_error"
  | "eval_type_error"
  | "eval_builtin_error"
  | "eval_with_merge_error"
  | "limit_exceeded";

/** One thing that is wrong. */
export interface RegoIssue {
  readonly code: RegoErrorCode;
  readonly message: string;
  readonly location: Location | undefined;
}

/** What is wrong with policies or their evaluation: everything that was found, in the order of the text. */
export class RegoError extends Error {
  override readonly name = "RegoError";
  readonly errors: readonly RegoIssue[];

  constructor(errors: readonly RegoIssue[]) {
    super(errors.map(issueText).join("\n"));
    this.errors = errors;
  }
}

/** One issue on one line, as `opa check` prints it. */
export function issueText(issue: RegoIssue): string {
  const place = issue.location === undefined ? "" : `${issue.location.path}:${issue.location.row}: `;
  return `${place}${issue.code}: ${issue.message}`;
}

/** An issue at a span. */
export function issueAt(code: RegoErrorCode, message: string, span: Span | undefined): RegoIssue {
  return { code, message, location: span === undefined ? undefined : locationOf(span) };
}

/** Orders issues by file, row and column, keeping the order of those in one place. */
export function sortIssues(issues: readonly RegoIssue[]): RegoIssue[] {
  return issues
    .map((issue, index) => ({ issue, index }))
    .sort((a, b) => compareLocations(a.issue.location, b.issue.location) || a.index - b.index)
    .map(({ issue }) => issue);
}

function compareLocations(a: Location | undefined, b: Location | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return a.row - b.row || a.column - b.column;
}
