// What a run of the tests says at its end, of vitest's JSON results.
import { relative } from "node:path";

/** Skipped tests that are named of one file; the rest is counted. */
const mostNamed = 3;
const longestTitle = 80;
const longestReason = 300;

/**
 * One line for each file in which tests were skipped: how many, and which. What did not run is no part of what was shown, so a run ends with
 * saying it.
 */
export function skippedLines(results, root) {
  return inOrder(results, root)
    .map(({ file, tests }) => ({
      file,
      titles: tests.filter(({ status }) => status !== "passed" && status !== "failed").map(({ fullName }) => fullName),
    }))
    .filter(({ titles }) => titles.length > 0)
    .map(({ file, titles }) => {
      const named = titles.slice(0, mostNamed).map((title) => title.slice(0, longestTitle));
      const rest = titles.length - named.length;
      return `skipped ${titles.length} in ${file}: ${named.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
    });
}

/** One line for each test that failed, and for each file that could not be run at all: where, and the first line of the reason. */
export function failedLines(results, root) {
  return inOrder(results, root).flatMap(({ file, tests, status, message }) => {
    if (status === "failed" && tests.length === 0) return [`failed ${file}: ${firstLine(message)}`];
    return tests
      .filter((test) => test.status === "failed")
      .map(({ fullName, failureMessages }) => `failed ${file}: ${fullName}: ${firstLine(failureMessages?.[0])}`);
  });
}

/** What each file took, in seconds from its first test to the end of its last. */
export function fileSeconds(results, root) {
  return inOrder(results, root).map(({ file, startTime, endTime }) => ({
    file,
    seconds: (endTime - startTime) / 1000,
  }));
}

function inOrder(results, root) {
  return results.testResults
    .map(({ name, assertionResults, ...rest }) => ({
      ...rest,
      file: relative(root, name).replaceAll("\\", "/"),
      tests: assertionResults,
    }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function firstLine(text) {
  return (text ?? "").split("\n", 1)[0].slice(0, longestReason);
}
