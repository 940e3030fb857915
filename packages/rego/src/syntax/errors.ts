/** Errors as OPA reports them: a code, a message and a place. */

import { locationOf, type Location, type Span } from "./ast.ts";

/** OPA's codes of errors in a policy or its evaluation; `limit_exceeded` is our own. */
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

/** Details of an issue, as OPA prints them. */
export interface IssueDetails {
  /** Lines that are printed below the message. */
  readonly lines: readonly string[];
  /** The same as JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** An expression that was being evaluated when an error occurred. */
export interface StackFrame {
  /** Number of the query or body that contains the expression, in the order in which they were started. */
  readonly query: number;
  readonly location: Location;
  /** Its text, with the values of its variables. */
  readonly text: string;
}

/** One error in a policy or its evaluation. */
export interface RegoIssue {
  readonly code: RegoErrorCode;
  readonly message: string;
  readonly location: Location | undefined;
  /** The text around a parse error; the types that do not fit. */
  readonly details?: IssueDetails;
  /** The expression, for errors in a query, which has no file. */
  readonly expression?: string | undefined;
  /** The stack trace, innermost expression first; only with `stackTraces`. */
  readonly stack?: readonly StackFrame[];
}

/** One or more errors in policies or their evaluation, in the order of the text. */
export class RegoError extends Error {
  override readonly name = "RegoError";
  readonly errors: readonly RegoIssue[];

  constructor(errors: readonly RegoIssue[], options?: ErrorOptions) {
    super(errors.map(issueText).join("\n"), options);
    this.errors = errors;
  }
}

/** One issue on one line, as `opa check` prints it. */
export function issueText(issue: RegoIssue): string {
  const { location, expression, code, message } = issue;
  return `${expression === undefined ? placeText(location) : `${expression}: `}${code}: ${message}`;
}

/** A line for an expression under evaluation. */
export function frameLine({ location, text }: StackFrame): string {
  return placeText(location) + text;
}

/** Queries have no file: there the column is told. */
function placeText(location: Location | undefined): string {
  if (location === undefined) return "";
  const { path, row, column } = location;
  return path === "" ? `${row}:${column}: ` : `${path}:${row}: `;
}

/** An issue with the lines of its details, as `opa check` prints it. */
export function issueLines(issue: RegoIssue): string {
  return [issueText(issue), ...(issue.details?.lines ?? [])].join("\n\t");
}

/** The number of errors, followed by the lines of each; `when` is ` during loading` or empty. */
export function occurred(lines: readonly string[], when = ""): string {
  return lines.length === 1
    ? `1 error occurred${when}: ${lines[0]}`
    : `${lines.length} errors occurred${when}:\n${lines.join("\n")}`;
}

/** An issue of the parser. The source line in its details is looked up lazily, since most issues are discarded. */
export function parseIssue(message: string, span: Span): RegoIssue {
  return {
    code: "rego_parse_error",
    message,
    location: placeOf(span),
    get details() {
      return lineDetails(span);
    },
  };
}

/** The place of a span; at the end of the text, that of the last character, as OPA has it. */
function placeOf(span: Span): Location {
  const place = locationOf(span);
  return span.start < span.source.text.length ? place : { ...place, column: place.column - 1 };
}

function lineDetails({ source: { text }, start }: Span): IssueDetails {
  let at = Math.max(0, Math.min(start, text.length - 1));
  while (at > 0 && /\s/.test(text[at] ?? "")) at--;
  let begin = at;
  while (begin > 0 && !isLineEnd(text[begin])) begin--;
  if (isLineEnd(text[begin])) begin++;
  let end = at;
  while (end < text.length && !isLineEnd(text[end])) end++;
  const line = text.slice(Math.min(begin, end), end);
  // In bytes, as Go counts.
  const index = new TextEncoder().encode(text.slice(begin, at)).length - (begin > at ? 1 : 0);
  const shown = line.replace(/^\t+/, "");
  const indent = Math.max(0, index - (line.length - shown.length));
  return { lines: [shown, `${" ".repeat(indent)}^`], json: { line, idx: index } };
}

function isLineEnd(character: string | undefined): boolean {
  return character === "\n" || character === "\r";
}

/** An issue at a span. */
export function issueAt(
  code: RegoErrorCode,
  message: string,
  span: Span | undefined,
  details?: IssueDetails,
): RegoIssue {
  const location = span === undefined ? undefined : locationOf(span);
  return { code, message, location, ...(details === undefined ? {} : { details }) };
}

/** Sorts issues by file, row, column and text. */
export function sortIssues(issues: readonly RegoIssue[]): RegoIssue[] {
  return [...issues].sort((a, b) => compareLocations(a.location, b.location) || compareTexts(a, b));
}

/** Sorts issues by file, row and column; issues at the same position keep their order. */
export function inOrderOfPlaces(issues: readonly RegoIssue[]): RegoIssue[] {
  return [...issues].sort((a, b) => compareLocations(a.location, b.location));
}

function compareTexts(a: RegoIssue, b: RegoIssue): number {
  const [left, right] = [issueLines(a), issueLines(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareLocations(a: Location | undefined, b: Location | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return a.row - b.row || a.column - b.column;
}
