/** Formats results and errors as `opa eval`, `opa test` and `opa check` print them. */

import { readJson } from "./builtins/json-reader.ts";
import { BuiltinError } from "./builtins/builtin.ts";
import type { RegoIssue } from "./syntax/errors.ts";
import { frameLine, issueLines, occurred } from "./syntax/errors.ts";
import type { Location } from "./syntax/ast.ts";
import type { CoverageReport } from "./evaluation/coverage.ts";
import { goDuration, type ProfiledExpression } from "./profile.ts";
import { termTree } from "./syntax/json-tree.ts";
import { parseQuery } from "./syntax/modules.ts";
import { Meter, settleLimits } from "./evaluation/limits.ts";
import { jsonText, keyText } from "./values/text.ts";
import { paidBy } from "./values/work.ts";
import { isArray, objectEntries, objectGet, objectKeys, RegoObject, type Value } from "./values/value.ts";

/** One result, with the texts of its expressions. */
export interface PresentedResult {
  readonly bindings: RegoObject;
  readonly expressions: readonly {
    readonly value: Value;
    readonly text: string;
    readonly row: number;
    readonly column: number;
  }[];
}

/** The formats of results. */
export const resultFormats = ["json", "values", "bindings", "pretty", "raw", "discard"] as const;

/** One of `resultFormats`. */
export type ResultFormat = (typeof resultFormats)[number];

const step = "  ";

function json(value: Value, depth: number): string {
  return jsonText(value, { indent: step }).replaceAll("\n", `\n${step.repeat(depth)}`);
}

function block(open: string, lines: readonly string[], close: string, depth: number): string {
  if (lines.length === 0) return open + close;
  const inner = step.repeat(depth + 1);
  return `${open}\n${lines.map((line) => inner + line).join(",\n")}\n${step.repeat(depth)}${close}`;
}

function resultJson({ bindings, expressions }: PresentedResult): string {
  const shown = expressions.map(({ value, text, row, column }) =>
    block(
      "{",
      [
        `"value": ${json(value, 5)}`,
        `"text": ${goJson(text)}`,
        `"location": ${block("{", [`"row": ${row}`, `"col": ${column}`], "}", 5)}`,
      ],
      "}",
      4,
    ),
  );
  const parts = [`"expressions": ${block("[", shown, "]", 3)}`];
  if (bindings.size > 0) parts.push(`"bindings": ${json(bindings, 3)}`);
  return block("{", parts, "}", 2);
}

/** The longest text: values have parts in common, which are written wherever they stand. */
const longestText = 64 * 1024 * 1024;

/** Further parts of the output. */
export interface ResultParts {
  /** Errors that did not end the evaluation. */
  readonly errors?: readonly RegoIssue[] | undefined;
  /** Nanoseconds and counts, by name. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  /** Lines of a trace. */
  readonly explanation?: readonly string[] | undefined;
  readonly profile?: readonly ProfiledExpression[] | undefined;
  readonly coverage?: CoverageReport | undefined;
}

/** Options of {@link formatResults}. */
export interface ResultTextOptions {
  readonly parts?: ResultParts;
  /** Longest text of a value, in UTF-16 code units. Absent: 64 Mi. */
  readonly longest?: number;
}

/**
 * Formats results, ending with a newline; `discard` prints only whether there are any.
 * @throws {RegoError} `limit_exceeded` for a value whose text is longer than `longest`.
 */
export function formatResults(
  results: readonly PresentedResult[],
  format: ResultFormat,
  { parts = {}, longest = longestText }: ResultTextOptions = {},
): string {
  const limits = { ...settleLimits(), steps: Infinity, milliseconds: Infinity, bytes: longest };
  return paidBy(new Meter(limits, () => 0), () => written(results, format, parts));
}

function written(results: readonly PresentedResult[], format: ResultFormat, parts: ResultParts): string {
  switch (format) {
    case "json":
      return document(results.length === 0 ? undefined : block("[", results.map(resultJson), "]", 1), parts);
    case "discard":
      // What `document` has just written.
      return `${goJson(sorted(JSON.parse(document(results.length === 0 ? undefined : '"discarded"', parts))))}\n`;
    case "values":
      return results
        .map(
          (each) =>
            `${json(
              each.expressions.map(({ value }) => value),
              0,
            )}\n`,
        )
        .join("");
    case "bindings":
      return results.map(({ bindings }) => `${json(bindings, 0)}\n`).join("");
    case "raw":
      return results
        .map(
          (each) =>
            `${each.expressions.map(({ value }) => (typeof value === "string" ? value : jsonText(value))).join(" ")}\n`,
        )
        .join("");
    case "pretty":
      return pretty(results, parts);
  }
}

/** The same with the names of all objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}

/** The whole answer as one object. */
function document(result: string | undefined, { errors, ...parts }: ResultParts): string {
  const others = { ...parts, profile: parts.profile?.map((each) => ({ ...each, text: undefined })) };
  const lines: string[] = [];
  const add = (name: string, text: string | undefined): void => {
    if (text !== undefined) lines.push(`"${name}": ${text}`);
  };
  const member = (value: unknown): string | undefined =>
    value === undefined ? undefined : goJson(value).replaceAll("\n", `\n${step}`);
  if (errors !== undefined && errors.length > 0) add("errors", member(errors.map(errorObject)));
  add("result", result);
  for (const name of ["metrics", "explanation", "profile", "coverage"] as const) add(name, member(others[name]));
  return `${block("{", lines, "}", 0)}\n`;
}

function pretty(results: readonly PresentedResult[], parts: ResultParts): string {
  const { errors = [], metrics, explanation = [], profile = [], coverage } = parts;
  const tables: string[] = [explanation.map((line) => `${line}\n`).join("")];
  if (errors.length === 0) tables.push(prettyResults(results));
  if (metrics !== undefined) {
    const rows = Object.entries(metrics).map(([name, value]) => [name, String(value)]);
    tables.push(formatTable(["Metric", "Value"], rows));
  }
  if (profile.length > 0) tables.push(formatTable(profileHeads, profile.map(profileRow)));
  if (coverage !== undefined) tables.push(formatTable([], [["Overall Coverage", coverage.coverage.toFixed(2)]]));
  return tables.join("");
}

const profileHeads = ["Time", "Num Eval", "Num Redo", "Num Gen Expr", "Location"];

function profileRow(each: ProfiledExpression): readonly string[] {
  const { file, row } = each.location;
  const place = file === "" ? each.text : `${file}:${row}`;
  return [
    goDuration(each.total_time_ns),
    String(each.num_eval),
    String(each.num_redo),
    String(each.num_gen_expr),
    place,
  ];
}

function prettyResults(results: readonly PresentedResult[]): string {
  const [first] = results;
  if (first === undefined) return "undefined\n";
  const { bindings, expressions } = first;
  const [expression] = expressions;
  const isPlain = expressions.length === 1 || expressions.every(({ value }) => typeof value === "boolean");
  if (results.length === 1 && bindings.size === 0 && isPlain && expression !== undefined)
    return `${json(expression.value, 0)}\n`;
  const names = objectKeys(bindings).map(keyText);
  const others = expressions
    .map(({ text, value }, index) => ({ text, index, value }))
    .filter(({ value }) => bindings.size === 0 || typeof value !== "boolean");
  const heads = [...others.map(({ text }) => text), ...names];
  const rows = results.map((each) => [
    ...others.map(({ index }) => jsonText(each.expressions[index]?.value ?? null)),
    ...names.map((name) => jsonText(objectGet(each.bindings, name) ?? null)),
  ]);
  return formatTable(heads, rows);
}

/** A table with a frame, as `opa` draws it; without a header row if `heads` is empty. */
export function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = heads.length === 0 ? (rows[0] ?? []).map(() => "") : heads;
  const widths = columns.map((head, column) =>
    rows.reduce((widest, row) => Math.max(widest, (row[column] ?? "").length), head.length),
  );
  const rule = (left: string, middle: string, right: string): string =>
    `${left}${widths.map((width) => "─".repeat(width + 2)).join(middle)}${right}\n`;
  const line = (cells: readonly string[], centered: boolean): string => {
    const padded = cells.map((cell, column) => {
      const missing = (widths[column] ?? 0) - cell.length;
      const before = centered ? Math.floor(missing / 2) : 0;
      return ` ${" ".repeat(before)}${cell}${" ".repeat(missing - before)} `;
    });
    return `│${padded.join("│")}│\n`;
  };
  const body = rows.map((row) => line(row, false)).join("");
  const top = heads.length === 0 ? "" : `${line(heads, true)}${rule("├", "┼", "┤")}`;
  return `${rule("┌", "┬", "┐")}${top}${body}${rule("└", "┴", "┘")}`;
}

/** The dependencies of a query as `opa deps` prints them: a table, or references as lists of terms. */
export function formatDependencies(
  { rules, documents }: { readonly rules: readonly string[]; readonly documents: readonly string[] },
  format: "json" | "pretty",
): string {
  const columns = (
    [
      ["base", "BASE DOCUMENTS", documents],
      ["virtual", "VIRTUAL DOCUMENTS", rules],
    ] as const
  ).filter(([, , found]) => found.length > 0);
  if (format === "json") {
    const lists = columns.map(([name, , found]) => [name, found.map(referenceTerms)] as const);
    return `${JSON.stringify(Object.fromEntries(lists), undefined, 2)}\n`;
  }
  if (columns.length === 0) return "";
  const heights = columns.map(([, , found]) => found.length);
  return formatTable(
    columns.map(([, head]) => head),
    Array.from({ length: Math.max(...heights) }, (_, row) => columns.map(([, , found]) => found[row] ?? "")),
  );
}

/** The parts of a reference as OPA writes terms in JSON. */
function referenceTerms(text: string): unknown {
  const [expression] = parseQuery(text, "v1");
  const term = expression?.kind === "term" ? expression.term : undefined;
  const parts = term?.kind === "ref" ? [term.head, ...term.path] : term === undefined ? [] : [term];
  // Written by jsonText.
  return parts.map((part) => JSON.parse(jsonText(termTree(part))) as unknown);
}

/** An error; outside of policies, such as a file that cannot be read, it has only a message. */
export type Problem = Pick<RegoIssue, "message"> & Partial<RegoIssue>;

/** Errors as JSON: `{"errors": […]}`. */
export function formatErrorsJson(errors: readonly Problem[]): string {
  return `${goJson({ errors: errors.map(errorObject) })}\n`;
}

/** JSON as Go writes it: `<`, `>` and `&` are escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value, undefined, step).replaceAll(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function errorObject({ message, code, location, details, stack }: Problem): object {
  return {
    message,
    ...(code === undefined ? {} : { code }),
    ...(location === undefined ? {} : { location: placeObject(location) }),
    ...(details === undefined ? {} : { details: details.json }),
    ...(stack === undefined
      ? {}
      : { stack_trace: stack.map((frame) => ({ query_id: frame.query, location: placeObject(frame.location) })) }),
  };
}

/** A location in OPA's form. */
export function placeObject({ path, row, column }: Location): {
  readonly file: string;
  readonly row: number;
  readonly col: number;
} {
  return { file: path, row, col: column };
}

/** Errors as lines, each followed by its details and stack trace. `when` is ` during loading` or empty. */
export function formatErrors(errors: readonly Problem[], when = ""): string {
  return `${occurred(errors.map(problemLines), when)}\n`;
}

function problemLines(problem: Problem): string {
  const { code, message, location, stack } = problem;
  if (code === undefined) return message;
  const lines = issueLines({ ...problem, code, location });
  return stack === undefined
    ? lines
    : `${lines}\n\nTraceback:\n${stack.map((each) => `  ${frameLine(each)}`).join("\n")}`;
}

/**
 * Reads JSON with numbers as they are spelled, for `input` and `data`.
 * @throws {SyntaxError} for text that is not JSON.
 */
export function parseJson(text: string): unknown {
  try {
    return plainOf(readJson(text));
  } catch (error) {
    throw error instanceof BuiltinError ? new SyntaxError(error.message) : error;
  }
}

/** Plain arrays and objects around the numbers as they are. */
function plainOf(value: Value): unknown {
  if (isArray(value)) return value.map(plainOf);
  if (!(value instanceof RegoObject)) return value;
  const plain: Record<string, unknown> = {};
  for (const [key, member] of objectEntries(value)) {
    const one = { value: plainOf(member), enumerable: true, configurable: true, writable: true };
    // An own property, also for `__proto__`.
    Object.defineProperty(plain, String(key), one);
  }
  return plain;
}
