// The last file of a run over mutants: switches on one mutant after another and runs the tests that come past it, quick ones first, in this
// process, until one fails. A line for each goes to `job.results`; `fresh` is one that this process can't try, since what it changes was remembered.
import { appendFileSync } from "node:fs";
import { inject, test } from "vitest";

const job = inject("job");
const switches = globalThis.__stryker__ ?? {};
const loops = globalThis.__loops__;
const noted = globalThis.__notedTests__ ?? [];

/** Of a test with a mutant: this many times what it took without, and some seconds for a machine with other work. */
const patience = 20;

function say(line) {
  appendFileSync(job.results, `${JSON.stringify(line)}\n`);
}

/** Why a test fails with the mutant that is switched on; undefined where it does not. */
async function failure(each, id) {
  switches.hitCount = 0;
  switches.hitLimit = (each.hits[id] ?? 1) * 100 + 10_000;
  loops.count = 0;
  loops.limit = each.rounds * 20 + 500_000;
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("took too long")), 5000 + patience * each.milliseconds);
  });
  try {
    await Promise.race([each.run(), late]);
    return undefined;
  } catch (error) {
    return String(error?.message ?? error).slice(0, 300);
  } finally {
    clearTimeout(timer);
  }
}

test("mutants", { timeout: 2 ** 31 - 1 }, async () => {
  const quickFirst = noted.toSorted((a, b) => a.milliseconds - b.milliseconds);
  /** Tests that passed a second time without a mutant, and those that did not: they have a memory of their own. */
  const repeatable = new Set();
  const once = new Set();
  const evaluatedAtLoad = switches.mutantCoverage?.static ?? {};
  for (const id of job.ids) {
    const covering = quickFirst.filter(({ hits }) => id in hits);
    const files = [...new Set(covering.map(({ file }) => file))];
    if (id in evaluatedAtLoad) {
      say({ id, fresh: "evaluated when the module is loaded", files: [] });
      continue;
    }
    if (covering.length === 0) {
      say({ id, status: "uncovered" });
      continue;
    }
    say({ id, begun: true });
    let reached = false;
    let by;
    let after;
    for (const each of covering) {
      if (once.has(each)) continue;
      switches.activeMutant = id;
      const failed = await failure(each, id);
      reached ||= switches.hitCount > 0;
      switches.activeMutant = undefined;
      if (failed === undefined) continue;
      after = await failure(each, "");
      if (after !== undefined && !repeatable.has(each)) {
        once.add(each);
        after = undefined;
        continue;
      }
      repeatable.add(each);
      by = each;
      break;
    }
    if (by === undefined) {
      if (covering.some((each) => once.has(each))) say({ id, fresh: "tests that pass only once come past it", files });
      else say(reached ? { id, status: "survived" } : { id, fresh: "what it computes is remembered", files });
    } else if (after !== undefined) {
      // Memory that outlives the test holds what the mutant computed: nothing said after this would be worth anything.
      say({ id, fresh: `it changed what is remembered: "${by.name}" fails without it, ${after}`, files });
      process.kill(process.pid, "SIGKILL");
    } else say({ id, status: "killed", by: by.name });
  }
});
