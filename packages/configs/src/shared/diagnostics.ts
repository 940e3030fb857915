import type { Diagnostic, DiagnosticCode } from "@plimsoll/model";

/** A file, or a part of it, that could not be read: the result lacks what is in it. */
export function fileProblem(code: DiagnosticCode, path: string, message: string, line?: number): Diagnostic {
  return {
    kind: "diagnostic",
    code,
    effect: "incomplete",
    message,
    location: { path, ...(line === undefined || line === 0 ? {} : { line }) },
    analyzer: "configs",
  };
}
