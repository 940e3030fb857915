import { formatErrors, formatErrorsJson, RegoError, type Problem } from "@plimsoll/rego";
import type { Terminal } from "../command-line.ts";
import { LoadError } from "./load-policies.ts";

/** How many errors are printed, as in `opa`. */
export const mostErrors = 10;

/** How a command prints errors. */
export interface ErrorReport {
  readonly terminal: Terminal;
  readonly isJson: boolean;
  /** The exit code if there are errors. */
  readonly code: number;
  readonly most?: number;
  readonly jsonTo?: Terminal["stdout"];
  /** Whether errors of reading files are marked "during loading"; `opa eval` does not mark them. */
  readonly tellsLoading?: boolean;
}

/** Runs a command, and prints errors in policies and files that cannot be read in the requested form. */
export function tellingErrors(
  { terminal, isJson, code, most = mostErrors, jsonTo = terminal.stdout, tellsLoading = true }: ErrorReport,
  run: () => number,
): number {
  try {
    return run();
  } catch (error) {
    const problems = problemsOf(error);
    if (problems === undefined) throw error;
    const isLoading = problems.some(isOfLoading);
    const told = isLoading ? problems : upTo(most, problems);
    if (isJson) writeLines(jsonTo, formatErrorsJson(told));
    else writeLines(terminal.stderr, formatErrors(told, isLoading && tellsLoading ? " during loading" : ""));
    return code;
  }
}

/** Writes a text line by line: what is written to stderr at once is made one line. */
export function writeLines(to: Terminal["stdout"], text: string): void {
  for (const line of text.trimEnd().split("\n")) to.write(`${line}\n`);
}

/** Whether a file could not be read or parsed; queries stand in none. */
function isOfLoading({ code, location }: Problem): boolean {
  return code === undefined || (code === "rego_parse_error" && location?.path !== "");
}

function problemsOf(error: unknown): readonly Problem[] | undefined {
  if (error instanceof LoadError) return error.problems;
  return error instanceof RegoError ? error.errors : undefined;
}

/** The first errors; a last one tells that there are more. */
function upTo(most: number, problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= most) return problems;
  return [
    ...problems.slice(0, most),
    { code: "rego_compile_error", message: "error limit reached", location: undefined },
  ];
}
