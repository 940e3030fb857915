// `npm test`: install, build, type-check, lint, and run every test. Ends with one line that counts all of it.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failedLines, fileSeconds, skippedLines } from "./run-results.mjs";
import { build, install, root, runTool, say } from "./steps.mjs";

const count = { passed: 0, failed: 0, skipped: 0 };
/** Said again at the end, where a reader of a long log looks first. */
const failures = [];
const files = [];

function check(name, status) {
  say(`${status === 0 ? "ok  " : "FAIL"} ${name}`);
  if (status === 0) count.passed += 1;
  else {
    count.failed += 1;
    failures.push(`failed ${name}`);
  }
  return status === 0;
}

function finish() {
  if (files.length > 0) {
    const slowest = files.sort((a, b) => b.seconds - a.seconds).slice(0, 8);
    say(`slowest: ${slowest.map(({ file, seconds }) => `${file} ${seconds.toFixed(0)} s`).join(", ")}`);
  }
  for (const line of failures) say(line);
  process.exitCode = count.failed === 0 ? 0 : 1;
  console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
}

/** Test files share a process, and its memory with it: fresh ones from time to time keep that small. */
const shards = 4;

/** Runs the tests of one shard, or those that are named. What is compiled for one shard is kept for the next in `compiled`. */
function runTests(selection, compiled) {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-test-"));
  const output = join(folder, "results.json");
  const args = [
    "run",
    "--config",
    "packages/testkit/vitest.config.mjs",
    "--reporter=dot",
    "--reporter=json",
    `--outputFile.json=${output}`,
    "--experimental.fsModuleCache",
    `--experimental.fsModuleCachePath=${compiled}`,
  ];
  const before = count.failed;
  try {
    const status = runTool("vitest/vitest.mjs", [...args, ...selection], {
      env: { ...process.env, PLIMSOLL_BUILT: "1" },
    });
    const results = JSON.parse(readFileSync(output, "utf8"));
    count.passed += results.numPassedTests;
    count.failed +=
      results.numFailedTests +
      results.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
    count.skipped += results.numPendingTests + results.numTodoTests;
    for (const line of skippedLines(results, root)) say(line);
    failures.push(...failedLines(results, root));
    files.push(...fileSeconds(results, root));
    // Something outside of any test went wrong: an unhandled rejection, a crashed worker.
    if (status !== 0 && count.failed === before) check("test run", status);
  } catch (error) {
    say(String(error));
    check("test run", 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (check("install", install()) && check("build", build())) {
  check("types of tests", runTool("typescript/bin/tsc", ["-p", "packages/testkit/tsconfig.tests.json"]));
  check("lint", runTool("oxlint/bin/oxlint", []));
  check("dead code", runTool("knip/bin/knip.js", ["--config", "packages/testkit/knip.json", "--no-config-hints"]));
  check("format", runTool("oxfmt/bin/oxfmt", ["--check"]));
  const named = process.argv.slice(2);
  const compiled = mkdtempSync(join(tmpdir(), "plimsoll-compiled-"));
  try {
    if (named.length > 0) runTests(named, compiled);
    else for (let shard = 1; shard <= shards; shard++) runTests([`--shard=${shard}/${shards}`], compiled);
  } finally {
    rmSync(compiled, { recursive: true, force: true });
  }
}
finish();
