import { formatErrors, formatErrorsJson, RegoError, type Problem } from "@plimsoll/rego";
import type { Terminal } from "../command-line.ts";
import { LoadError } from "./load-policies.ts";

/** How many errors are told, as `opa` does. */
export const mostErrors = 10;

/** Where and how the errors of a command are told. */
export interface ErrorReport {
  readonly terminal: Terminal;
  readonly isJson: boolean;
  /** The exit code where there are any. */
  readonly code: number;
  readonly most?: number;
  readonly jsonTo?: Terminal["stdout"];
  /** Those of reading are told as such: `opa eval` does not. */
  readonly tellsLoading?: boolean;
}

/** Runs a command; what is wrong with policies, and what could not be read, is told in the form that was asked for. */
export function tellingErrors(
  { terminal, isJson, code, most = mostErrors, jsonTo = terminal.stdout, tellsLoading = true }: ErrorReport,
  run: () => number,
): number {
  try {
    return run();
  } catch (error) {
    const problems = problemsOf(error);
    if (problems === undefined) throw error;
    const isLoading = problems.some((each) => each.code === undefined || each.code === "rego_parse_error");
    const told = isLoading ? problems : upTo(most, problems);
    if (isJson) jsonTo.write(formatErrorsJson(told));
    else {
      const when = isLoading && tellsLoading ? " during loading" : "";
      for (const line of formatErrors(told, when).trimEnd().split("\n")) terminal.stderr.write(`${line}\n`);
    }
    return code;
  }
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
