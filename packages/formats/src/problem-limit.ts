import { FormatError } from "./format-error.ts";

/** How many problems of a file are reported. A file with more is not read any further. */
const maxProblems = 1_000;

/** Passes problems on, and throws a FormatError when there are too many of them. */
export function limitProblems(
  format: string,
  onProblem: (problem: FormatError) => void,
): (problem: FormatError) => void {
  let count = 0;
  return (problem) => {
    if (++count > maxProblems)
      throw new FormatError(format, "limit-exceeded", "the file is damaged in too many places");
    onProblem(problem);
  };
}
