// Fuzz targets one after the other in a process of their own: the task beside this one watches it, and kills it when an input hangs.
// Arguments: a JSON object as the task writes it. The input at hand is always in the file that it names.
import { closeSync, ftruncateSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
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
  const { shareOf } = await load(join(root, "packages/testkit/src/fuzz/time-shares.ts"));
  const { smallerInputs } = await load(join(root, "packages/testkit/src/fuzz/shrink.ts"));
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
    const target = await load(job.targets[0].file);
    // Whoever watches learns from our death that a smaller input fails too.
    for (const candidate of smallerInputs(new Uint8Array(readFileSync(job.shrink))))
      if ((await tryInput(target, candidate, limits)) !== undefined) process.abort();
  } else {
    // All are loaded before the time is shared: some take longer to load than their share.
    const loaded = [];
    for (const { file } of job.targets) {
      const target = await load(file);
      loaded.push({ target, seeds: await seedsOf(target, file, job.corpus) });
    }
    for (const [index, { crash, result }] of job.targets.entries()) {
      const { target, seeds } = loaded[index];
      const started = Date.now();
      const milliseconds =
        job.until === undefined ? job.milliseconds : shareOf(job.until - started, job.targets.length - index);
      // What the target before took last says nothing of this one.
      ftruncateSync(note, 0);
      const { inputs, failure } = await fuzzLoop(target, { ...limits, ...job, milliseconds, seeds });
      if (failure !== undefined) writeFileSync(crash, failure.input);
      const seconds = Math.round((Date.now() - started) / 1000);
      writeFileSync(
        `${result}.part`,
        JSON.stringify({ inputs, seeds: seeds.length, seconds, reason: failure?.reason }),
      );
      renameSync(`${result}.part`, result);
    }
  }
  closeSync(note);
} finally {
  await vitest.close();
}
process.exit(0);
