// One run of another program: how long, how much of the processor, how much memory. Shared by the benchmarks that start programs.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Only a shell's `times` tells the processor time of a child without tools that may be missing. */
const timing = '"$@"; code=$?; times >&3; exit $code';

/** Node reads this file of certificates at every start, where a machine names one: twice the time of a start, and nothing of ours. */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

/**
 * Runs a command to its end, in `cwd` and with `env` beside the environment where they are given; milliseconds by the clock and of the processor, the most memory in MiB that it held (Linux tells; 0
 * elsewhere), its exit code (127 when there is no such command) and what it printed.
 */
export async function measured(command, args, { env = {}, cwd } = {}) {
  const started = performance.now();
  const child = spawn("/bin/sh", ["-c", timing, "sh", command, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { ...environment, ...env },
    cwd,
  });
  let mebibytes = 0;
  const look = setInterval(() => (mebibytes = Math.max(mebibytes, peakOfChild(child.pid))), 10);
  const [, stdout, stderr, times] = child.stdio.map(collected);
  const code = await new Promise((resolve) => child.on("error", () => resolve(-1)).on("close", resolve));
  clearInterval(look);
  return {
    ms: performance.now() - started,
    processorMs: processorTime(times?.text ?? ""),
    mebibytes,
    code,
    stdout: stdout?.text ?? "",
    stderr: stderr?.text ?? "",
  };
}

/** Whether a command of this name is on PATH. */
export function isOnPath(command) {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined;
}

function collected(stream) {
  const held = { text: "" };
  stream?.setEncoding?.("utf8").on("data", (part) => (held.text += part));
  return held;
}

/** `times` prints the shell's own line and then its children's, each of minutes and seconds: `0m1.250s 0m0.310s`. */
function processorTime(text) {
  const [user = 0, system = 0] = [...(text.split("\n")[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => (Number(minutes) * 60 + Number(seconds)) * 1000,
  );
  return user + system;
}

/** The peak so far of the command that a shell runs, in MiB. */
function peakOfChild(shell) {
  try {
    const [pid] = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").split(" ");
    const [, peak = 0] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(peak) / 1024;
  } catch {
    // Not Linux, or it has just ended.
    return 0;
  }
}
