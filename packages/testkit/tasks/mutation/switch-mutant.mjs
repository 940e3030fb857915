// Before each file of a run whose files stand for mutants (`12.test.mjs` for the mutant 12): forgets the modules and switches that mutant on, so that
// it holds from the first line on; goes past what is left of the file once a test has failed, and says the outcome.
import { appendFileSync } from "node:fs";
import { basename } from "node:path";
import { afterAll, afterEach, beforeEach, expect, inject } from "vitest";

const job = inject("job");
const id = basename(expect.getState().testPath ?? globalThis.__vitest_worker__.filepath, ".test.mjs");
let failed = false;

forgetModules(job.packages);
globalThis.__stryker__ = { activeMutant: id, hitCount: 0, hitLimit: 10_000_000 };
globalThis.__loops__ = { count: 0, limit: 50_000_000 };
say({ id, begun: true });

beforeEach(({ task, skip }) => {
  if (failed || (job.leaveOut !== undefined && new RegExp(job.leaveOut).test(task.name))) skip();
  globalThis.__loops__.count = 0;
});

afterEach(({ task }) => {
  failed ||= task.result?.state === "fail";
});

afterAll(() => say({ id, status: failed ? "killed" : "survived" }));

/**
 * As `vi.resetModules`, but only for the packages that are mutated: what the tests stand on is not loaded again for each mutant, which took most of
 * the time.
 */
function forgetModules(packages) {
  const isTheirs = new RegExp(`/packages/(?:${packages.join("|")})/src/`);
  for (const [path, module] of globalThis.__vitest_worker__.evaluatedModules.idToModuleMap) {
    if (!isTheirs.test(path)) continue;
    module.promise = undefined;
    module.exports = undefined;
    module.evaluated = false;
    module.importers.clear();
  }
}

function say(line) {
  appendFileSync(job.results, `${JSON.stringify(line)}\n`);
}
