// Before each test of a run over mutants: notes the test, which mutants it comes past, how often its loops go round, and how long it takes.
import { afterEach, beforeEach, inject } from "vitest";
import { getFn } from "vitest/suite";

const switches = (globalThis.__stryker__ ??= {});
const loops = (globalThis.__loops__ ??= { count: 0, limit: Infinity });
const noted = (globalThis.__notedTests__ ??= []);
const { leaveOut } = inject("job");
let started = 0;

beforeEach(({ task, skip }) => {
  if (leaveOut !== undefined && new RegExp(leaveOut).test(task.name)) skip();
  switches.currentTestId = task.id;
  loops.count = 0;
  started = performance.now();
});

afterEach(({ task }) => {
  const milliseconds = performance.now() - started;
  switches.currentTestId = undefined;
  // What fails on its own tells nothing apart.
  if (task.result?.state === "fail") return;
  const hits = switches.mutantCoverage?.perTest[task.id];
  if (hits !== undefined)
    noted.push({
      name: task.name,
      file: task.file.filepath,
      run: getFn(task),
      hits,
      rounds: loops.count,
      milliseconds,
    });
});
