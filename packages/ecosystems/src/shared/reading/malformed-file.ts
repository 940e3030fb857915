import { FormatError } from "@plimsoll/formats";
import type { Steps } from "@plimsoll/formats";
import { inTurns } from "@plimsoll/model";
import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";

/** The diagnostic for a file, or a part of it, that could not be read. */
export function malformedFile(file: AnalyzedFile, detail: string, line?: number): Diagnostic {
  return {
    kind: "diagnostic",
    code: "malformed-file",
    effect: "incomplete",
    message: `${file.path}: ${detail}`,
    location: { path: file.path, ...(line === undefined ? {} : { line }) },
  };
}

/** The result of a reader, or a diagnostic where it throws a {@link FormatError}. Other errors are thrown on. */
export function readOrReport<T>(
  file: AnalyzedFile,
  read: () => T,
): { readonly value: T } | { readonly problem: Diagnostic } {
  try {
    return { value: read() };
  } catch (error) {
    return { problem: problemOf(file, error) };
  }
}

/** The same for what is read in turns of the event loop. */
export async function readInTurnsOrReport<T>(
  file: AnalyzedFile,
  read: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly problem: Diagnostic }> {
  try {
    return { value: await read() };
  } catch (error) {
    return { problem: problemOf(file, error) };
  }
}

/** The same for what is read in portions, with turns of the event loop in between. */
export function readStepsOrReport<T>(
  file: AnalyzedFile,
  steps: Steps<T>,
): Promise<{ readonly value: T } | { readonly problem: Diagnostic }> {
  return readInTurnsOrReport(file, () => inTurns(steps));
}

function problemOf(file: AnalyzedFile, error: unknown): Diagnostic {
  if (!(error instanceof FormatError)) throw error;
  return malformedFile(file, error.message);
}
