/** Results and errors as `opa eval`, `opa test` and `opa check` write them. */

import { readJson } from "./builtins/json-reader.ts";
import { BuiltinError } from "./builtins/builtin.ts";
import type { RegoIssue } from "./syntax/errors.ts";
import { issueLines } from "./syntax/errors.ts";
import { termTree } from "./syntax/json-tree.ts";
import { parseQuery } from "./syntax/modules.ts";
import { Meter, settleLimits } from "./evaluation/limits.ts";
import { jsonText, keyText } from "./values/text.ts";
import { paidBy } from "./values/work.ts";
import { isArray, objectGet, objectKeys, RegoObject, type Value } from "./values/value.ts";

/** One result with what its expressions are called. */
export interface PresentedResult {
  readonly bindings: RegoObject;
  readonly expressions: readonly {
    readonly value: Value;
    readonly text: string;
    readonly row: number;
    readonly column: number;
  }[];
}

/** The forms in which results can be had. */
export const resultFormats = ["json", "values", "bindings", "pretty", "raw"] as const;

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
        `"text": ${JSON.stringify(text)}`,
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

/**
 * Results in one of the forms, with a line end.
 * @param longest how many characters a value may be written in; 64 Mi unless told
 * @throws {RegoError} `limit_exceeded`, if one is longer.
 */
export function formatResults(
  results: readonly PresentedResult[],
  format: ResultFormat,
  longest: number = longestText,
): string {
  const limits = { ...settleLimits(), steps: Infinity, milliseconds: Infinity, bytes: longest };
  return paidBy(new Meter(limits, () => 0), () => written(results, format));
}

function written(results: readonly PresentedResult[], format: ResultFormat): string {
  switch (format) {
    case "json":
      return `${results.length === 0 ? "{}" : block("{", [`"result": ${block("[", results.map(resultJson), "]", 1)}`], "}", 0)}\n`;
    case "values":
      return results.length === 0
        ? "{}\n"
        : results
            .map(
              (each) =>
                `${json(
                  each.expressions.map(({ value }) => value),
                  0,
                )}\n`,
            )
            .join("");
    case "bindings":
      return results.length === 0 ? "{}\n" : results.map(({ bindings }) => `${json(bindings, 0)}\n`).join("");
    case "raw":
      return results
        .map(
          (each) =>
            `${each.expressions.map(({ value }) => (typeof value === "string" ? value : jsonText(value))).join(" ")}\n`,
        )
        .join("");
    case "pretty":
      return pretty(results);
  }
}

function pretty(results: readonly PresentedResult[]): string {
  const [first] = results;
  if (first === undefined) return "undefined\n";
  const [expression] = first.expressions;
  if (results.length === 1 && first.bindings.size === 0 && first.expressions.length === 1 && expression !== undefined) {
    return `${json(expression.value, 0)}\n`;
  }
  const names = objectKeys(first.bindings).map(keyText);
  const others = first.expressions
    .map(({ text, value }, index) => ({ text, index, value }))
    .filter(({ value }) => value !== true);
  const heads = [...names, ...others.map(({ text }) => text)];
  const rows = results.map(({ bindings, expressions }) => [
    ...names.map((name) => jsonText((objectGet(bindings, name) ?? null) as Value)),
    ...others.map(({ index }) => jsonText(expressions[index]?.value ?? null)),
  ]);
  return heads.length === 0 ? "true\n" : formatTable(heads, rows);
}

/** A table with a frame, as `opa` draws it. */
export function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => (row[column] ?? "").length)));
  const rule = (left: string, middle: string, right: string): string =>
    `${left}${widths.map((width) => "─".repeat(width + 2)).join(middle)}${right}\n`;
  const line = (cells: readonly string[], centered: boolean): string => {
    const padded = cells.map((cell, column) => {
      const missing = (widths[column] as number) - cell.length;
      const before = centered ? Math.floor(missing / 2) : 0;
      return ` ${" ".repeat(before)}${cell}${" ".repeat(missing - before)} `;
    });
    return `│${padded.join("│")}│\n`;
  };
  const body = rows.map((row) => line(row, false)).join("");
  return `${rule("┌", "┬", "┐")}${line(heads, true)}${rule("├", "┼", "┤")}${body}${rule("└", "┴", "┘")}`;
}

/** What a query depends on, as `opa deps` writes it: a table, or references as lists of terms. */
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
  return parts.map((part) => JSON.parse(jsonText(termTree(part))) as unknown);
}

/** Errors as JSON: `{"errors": […]}`. */
export function formatErrorsJson(errors: readonly RegoIssue[]): string {
  const document = {
    errors: errors.map(({ message, code, location, details }) => ({
      message,
      code,
      ...(location === undefined ? {} : { location: { file: location.path, row: location.row, col: location.column } }),
      ...(details === undefined ? {} : { details: details.json }),
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Errors as lines, with what is wrong in detail below each. */
export function formatErrors(errors: readonly RegoIssue[]): string {
  if (errors.length === 1) return `1 error occurred: ${issueLines(errors[0] as RegoIssue)}\n`; // as: there is one
  return `${errors.length} errors occurred:\n${errors.map((issue) => `${issueLines(issue)}\n`).join("")}`;
}

/**
 * Reads JSON with numbers as they are spelled, for `input` and `data`.
 * @throws {SyntaxError} If the text is no JSON.
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
  for (const key of value.sortedKeys()) {
    const member = plainOf(value.get(key) as Value);
    // An own property, also for `__proto__`.
    Object.defineProperty(plain, String(key), { value: member, enumerable: true, configurable: true, writable: true });
  }
  return plain;
}
