// The tests of one group on sources that carry their mutants, all of them, each behind a switch (`npm run mutation`).
import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import unit from "../../vitest.config.mjs";

const here = new URL(".", import.meta.url).pathname;
const job = JSON.parse(readFileSync(process.env.PLIMSOLL_MUTATION_JOB, "utf8"));
const sources = JSON.parse(readFileSync(job.sources, "utf8"));

/** By path, and what tries the mutants at the end, when every test is known. */
class InOrder extends BaseSequencer {
  async sort(files) {
    const isLast = ({ moduleId }) => moduleId.startsWith(here);
    return files.toSorted((a, b) => isLast(a) - isLast(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

export default defineConfig({
  ...unit,
  plugins: [{ name: "mutants", enforce: "pre", load: (id) => sources[id] }],
  test: {
    ...unit.test,
    include: job.include,
    setupFiles: [...unit.test.setupFiles, `${here}${job.setup}`],
    pool: "forks",
    maxWorkers: 1,
    dangerouslyIgnoreUnhandledErrors: true,
    onConsoleLog: () => false,
    provide: { job },
    sequence: { sequencer: InOrder },
  },
});
