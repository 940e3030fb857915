// `npm run steady [-- --times N] [--busy N] [--workers N] [FILTER…]`: the tests several times in a row on a machine that is busy with something else, since
// no test may depend on how fast it runs. More workers than cores make it shorter, since the run then gets more of the machine beside the
// busy processes, and harder. Property tests make other inputs in each run. Without a time limit; ends with one line, and with 1 when any run was not green.
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { runTool, say } from "./steps.mjs";

const { values, positionals } = parseArgs({
  options: {
    times: { type: "string", default: "5" },
    busy: { type: "string", default: "4" },
    workers: { type: "string" },
  },
  allowPositionals: true,
});
const [times, busy, workers] = [values.times, values.busy, values.workers ?? 1].map(Number);
if (!(times >= 1 && busy >= 0 && workers >= 1)) {
  say("--times, --busy and --workers are numbers");
  process.exit(2);
}

/** Each keeps a core occupied for as long as this process lives: its end closes their input. */
const occupied = Array.from({ length: busy }, () =>
  spawn(
    process.execPath,
    [
      "-e",
      "process.stdin.resume().on('end', () => process.exit()); (function spin() { for (let i = 0; i < 1e8; i++); setImmediate(spin); })()",
    ],
    { stdio: ["pipe", "ignore", "ignore"] },
  ),
);

const failed = [];
try {
  for (let run = 1; run <= times; run++) {
    process.env.PLIMSOLL_TEST_SEED = String(run);
    const status = runTool("vitest/vitest.mjs", [
      "run",
      "--config",
      "packages/testkit/vitest.config.mjs",
      "--reporter=dot",
      "--testTimeout=0",
      "--hookTimeout=0",
      ...(values.workers === undefined ? [] : [`--maxWorkers=${workers}`]),
      ...positionals,
    ]);
    say(`run ${run} of ${times} beside ${busy} busy processes: ${status === 0 ? "green" : "not green"}`);
    if (status !== 0) failed.push(run);
  }
} finally {
  for (const child of occupied) child.kill();
}
console.log(
  failed.length === 0
    ? `${times} of ${times} runs green beside ${busy} busy processes`
    : `not green: ${failed.length === 1 ? "run" : "runs"} ${failed.join(", ")} of ${times}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
