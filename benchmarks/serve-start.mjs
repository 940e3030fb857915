// How long until `plimsoll serve` is ready, and what it takes: `node benchmarks/serve-start.mjs [rounds] [--database postgres://…]`.
// Told are the fastest and the median round by the clock, with the processor time until then and the most memory, of a new data directory and of
// one that was there. Reads /proc, so that it runs on Linux alone.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../packages/cli/bin/plimsoll.js", import.meta.url));
const [rounds = 5, ...more] = process.argv.slice(2).map((word) => (/^\d+$/.test(word) ? Number(word) : word));
const ticksPerSecond = 100;

async function start(directory) {
  const began = performance.now();
  const args = [
    cli,
    "serve",
    "--listen",
    "127.0.0.1:0",
    "--data-dir",
    directory,
    "--db",
    join(directory, "none"),
    ...more,
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  for await (const line of createInterface({ input: child.stderr })) {
    if (!line.includes('"msg":"ready"')) continue;
    const seconds = (performance.now() - began) / 1000;
    const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ");
    const processor = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    const memory = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]) / 1024;
    child.stderr.resume();
    child.kill();
    await once(child, "exit");
    return { seconds, processor, memory };
  }
  throw new Error("the service ended before it was ready");
}

const figures = { "a new data directory": [], "one that was there": [] };
for (let round = 0; round < rounds; round++) {
  const directory = mkdtempSync(join(tmpdir(), "plimsoll-serve-bench-"));
  for (const list of Object.values(figures)) list.push(await start(directory));
  rmSync(directory, { recursive: true, force: true });
}
for (const [name, list] of Object.entries(figures)) {
  list.sort((a, b) => a.seconds - b.seconds);
  const told = (at) => `${list[at].seconds.toFixed(1)} s (${list[at].processor.toFixed(1)} s of CPU)`;
  const memory = Math.max(...list.map((each) => each.memory)).toFixed(0);
  console.log(
    `${name.padEnd(22)} (wanted: 5 s and 1024 MiB at most) fastest ${told(0)}, median ${told(list.length >> 1)}, at most ${memory} MiB`,
  );
}
