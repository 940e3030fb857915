// One fuzz target in a process of its own: the task beside this one watches it, and kills it when an input hangs.
// Arguments: a JSON object as the task writes it. The input at hand is always in the file that it names.
import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createVitest } from "vitest/node";
import { root } from "./steps.mjs";

const job = JSON.parse(process.argv[2]);
const vitest = await createVitest("test", {
  config: join(root, "packages/testkit/vitest.config.mjs"),
  watch: false,
  reporters: [],
});
try {
  // Tests and targets are loaded the same way: from source.
  const load = (path) => vitest.getRootProject().import(path);
  const { fuzzLoop, tryInput } = await load(join(root, "packages/testkit/src/fuzz/fuzz-loop.ts"));
  const { seedsOf } = await load(join(root, "packages/testkit/src/fuzz/fuzz-targets.ts"));
  const { smallerInputs } = await load(join(root, "packages/testkit/src/fuzz/shrink.ts"));
  const target = await load(job.file);
  const note = openSync(job.current, "w");
  let count = 0;
  const onInput = (input) => {
    const head = new Uint8Array(8);
    new DataView(head.buffer).setFloat64(0, ++count);
    writeSync(note, head, 0, 8, 0);
    writeSync(note, input, 0, input.length, 8);
    ftruncateSync(note, 8 + input.length);
  };
  const limits = { maxMilliseconds: job.maxMilliseconds, maxBytes: job.maxBytes, onInput };
  if (job.shrink !== undefined) {
    // Whoever watches learns from our death that a smaller input fails too.
    for (const candidate of smallerInputs(new Uint8Array(readFileSync(job.shrink))))
      if ((await tryInput(target, candidate, limits)) !== undefined) process.abort();
  } else {
    const seeds = await seedsOf(target, job.file, job.corpus);
    const { inputs, failure } = await fuzzLoop(target, { ...limits, ...job, seeds });
    if (failure !== undefined) writeFileSync(job.crash, failure.input);
    writeFileSync(job.result, JSON.stringify({ inputs, seeds: seeds.length, reason: failure?.reason }));
  }
  closeSync(note);
} finally {
  await vitest.close();
}
process.exit(0);
