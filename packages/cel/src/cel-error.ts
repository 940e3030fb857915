/** A position in an expression: line and column from 1, columns in UTF-16 units. */
export interface CelPosition {
  readonly line: number;
  readonly column: number;
}

/** One error in an expression, found before it is evaluated. */
export interface CelIssue {
  readonly message: string;
  readonly position: CelPosition;
}

/** The expression cannot be compiled: a syntax error, an undeclared name, or a type error. */
export class CelCompileError extends Error {
  override readonly name = "CelCompileError";
  readonly issues: readonly CelIssue[];

  /** @param issues All errors found, in the order of the text; at least one. */
  constructor(issues: readonly CelIssue[]) {
    super(issues.map(({ message, position }) => `${position.line}:${position.column}: ${message}`).join("\n"));
    this.issues = issues;
  }
}

/** The evaluation of an expression ended in an error: a missing key, an overflow, argument types without an overload. */
export class CelEvaluationError extends Error {
  override readonly name: string = "CelEvaluationError";

  constructor(message?: string, options?: ErrorOptions) {
    // Errors are frequent, since `||` absorbs them. Capturing a stack costs ten times the evaluation, and it would name only our own files.
    const limit = engine.stackTraceLimit;
    engine.stackTraceLimit = 0;
    super(message, options);
    engine.stackTraceLimit = limit;
  }
}

/** `Error` with the setting that V8 adds to it. */
const engine = Error as { stackTraceLimit?: number | undefined }; // as: on other engines the setting has no effect

/** The evaluation reached its cost limit or was cancelled. Never absorbed by `||` or `&&`. */
export class CelLimitError extends CelEvaluationError {
  override readonly name: string = "CelLimitError";
}

/** Line and column of an offset into the source. */
export function positionAt(source: string, offset: number): CelPosition {
  let line = 1;
  let start = 0;
  for (let at = source.indexOf("\n"); at !== -1 && at < offset; at = source.indexOf("\n", at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}
