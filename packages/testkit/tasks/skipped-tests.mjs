import { relative } from "node:path";

/** Skipped tests that are named of one file; the rest is counted. */
const mostNamed = 3;

/**
 * One line for each file in which tests were skipped, of vitest's JSON results: how many, and which. What did not run is no part of what was
 * shown, so a run ends with saying it.
 */
export function skippedLines(results, root) {
  return results.testResults
    .map(({ name, assertionResults }) => ({
      file: relative(root, name).replaceAll("\\", "/"),
      titles: assertionResults
        .filter(({ status }) => status !== "passed" && status !== "failed")
        .map(({ fullName }) => fullName),
    }))
    .filter(({ titles }) => titles.length > 0)
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ file, titles }) => {
      const named = titles.slice(0, mostNamed).map((title) => title.slice(0, 80));
      const rest = titles.length - named.length;
      return `skipped ${titles.length} in ${file}: ${named.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
    });
}
