// `npm run fuzz [-- TARGET…] [--inputs N] [--minutes N [--all]] [--seed N] [--timeout SECONDS] [--corpus DIR]`: mutated inputs
// for every `*.fuzz.ts` whose name has TARGET in it. `--minutes` are for each target; with `--all` for all targets together, the same for each. An input that fails, hangs or takes too much memory is made smaller and
// saved in `fixtures/` beside its target, where it is a seed from then on: give it a name, and a test.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { root, say } from "./steps.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: "string" },
    minutes: { type: "string" },
    seed: { type: "string", default: "1" },
    timeout: { type: "string", default: "10" },
    corpus: { type: "string" },
    all: { type: "boolean", default: false },
  },
});

const child = fileURLToPath(new URL("fuzz-target.mjs", import.meta.url));
/** Deaths that make an input smaller, at most: each costs a start. */
const maxDeaths = 12;

const chosen = targets().filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
if (chosen.length === 0) {
  say(`No fuzz target has ${positionals.join(" or ")} in its name. There are:`);
  for (const { name } of targets()) say(`  ${name}`);
  process.exitCode = 2;
}
/** What an interrupted run would leave behind: the child, and the folder that it writes to. */
const leftovers = new Set();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130));
process.on("exit", () => {
  for (const remove of [...leftovers].reverse()) remove();
});
if (values.all && positionals.length > 0) {
  say("--all means every target: name none beside it");
  process.exit(2);
}
const shared = values.all && values.minutes !== undefined;
const time = Number(values.minutes ?? 24 * 60) * 60_000;
const until = Date.now() + time;
let failed = 0;
// One process for all of them: starting it takes longer than a share. One that dies costs its target, and the next one goes on with the others.
for (let left = chosen; left.length > 0;) left = await fuzz(left);
if (chosen.length > 0) console.log(`${chosen.length - failed} targets held, ${failed} failed`);
if (failed > 0) process.exitCode = 1;

function targets() {
  const packages = join(root, "packages");
  return readdirSync(packages)
    .filter((name) => existsSync(join(packages, name, "src")))
    .flatMap((name) =>
      readdirSync(join(packages, name, "src"), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".fuzz.ts"))
        .map((path) => ({
          name: `${name}/${path.replaceAll("\\", "/").replace(/\.fuzz\.ts$/, "")}`,
          file: join(packages, name, "src", path),
        })),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Tries targets one after the other, and gives those that are left when the process died. */
async function fuzz(list) {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-fuzz-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  leftovers.add(removeFolder);
  const job = {
    current: join(folder, "current"),
    targets: list.map(({ file }, index) => ({
      file,
      crash: join(folder, `crash-${index}`),
      result: join(folder, `result-${index}`),
    })),
    seed: Number(values.seed),
    inputs: Number(values.inputs ?? (values.minutes === undefined ? 10_000 : Number.MAX_SAFE_INTEGER)),
    milliseconds: time,
    ...(shared ? { until } : {}),
    maxMilliseconds: Number(values.timeout) * 1000,
    maxBytes: 512 * 1024 * 1024,
    ...(values.corpus === undefined ? {} : { corpus: resolve(values.corpus) }),
  };
  let told = 0;
  /** Says what became of the targets that are done by now. */
  const tell = () => {
    for (; told < list.length && existsSync(job.targets[told].result); told++) {
      const { name, file } = list[told];
      const { crash, result } = job.targets[told];
      const { inputs, seeds, seconds, reason } = JSON.parse(readFileSync(result, "utf8"));
      const outcome = reason === undefined ? "held" : "FAILED";
      console.log(`${name}: ${inputs} inputs from ${seeds} seeds in ${seconds} s, ${outcome}`);
      if (reason === undefined) continue;
      failed++;
      report(file, readFileSync(crash), reason);
    }
  };
  try {
    const death = await watch(job, tell);
    tell();
    const dead = list[told];
    if (dead === undefined) return [];
    failed++;
    console.log(`${dead.name}: FAILED`);
    if (death.input === undefined) say(death.output);
    else {
      const alone = { ...job, targets: [job.targets[told]] };
      report(dead.file, await shrinkByDeath(alone, death.input), `${death.how}\n${death.output}`);
    }
    return list.slice(told + 1);
  } finally {
    removeFolder();
    leftovers.delete(removeFolder);
  }
}

/** Runs the child to its end, or kills it when one input takes too long. Says how it died, and of which input. */
async function watch(job, onLook = () => undefined) {
  rmSync(job.current, { force: true });
  // In a group of its own, so that whatever it started goes with it.
  const running = spawn(process.execPath, ["--max-old-space-size=1024", child, JSON.stringify(job)], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
  const kill = () => running.kill("SIGKILL");
  leftovers.add(kill);
  let output = "";
  for (const stream of [running.stdout, running.stderr])
    stream.setEncoding("utf8").on("data", (text) => (output = (output + text).slice(-4000)));
  let how = "it ended before its time";
  let last = 0;
  let since = performance.now();
  const timer = setInterval(() => {
    onLook();
    const count = current(job)?.count ?? 0;
    if (count !== last) {
      last = count;
      since = performance.now();
    } else if (count > 0 && performance.now() - since > job.maxMilliseconds * 3) {
      how = `one input took more than ${(job.maxMilliseconds * 3) / 1000} s`;
      kill();
    }
  }, 250);
  const code = await new Promise((settle) => running.on("close", settle));
  clearInterval(timer);
  leftovers.delete(kill);
  return { died: code !== 0, how, output, input: code === 0 ? undefined : current(job)?.input };
}

function current({ current: path }) {
  if (!existsSync(path)) return undefined;
  const bytes = readFileSync(path);
  return bytes.length < 8 ? undefined : { count: bytes.readDoubleBE(0), input: bytes.subarray(8) };
}

/** Lets the child die of smaller and smaller inputs. */
async function shrinkByDeath(job, input) {
  let best = input;
  for (let deaths = 0; deaths < maxDeaths; deaths++) {
    writeFileSync(job.targets[0].crash, best);
    const death = await watch({ ...job, shrink: job.targets[0].crash });
    if (!death.died || death.input === undefined || death.input.length >= best.length) break;
    best = Buffer.from(death.input);
  }
  return best;
}

function report(file, input, reason) {
  const folder = join(dirname(file), "fixtures");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `crash-${createHash("sha256").update(input).digest("hex").slice(0, 8)}`);
  writeFileSync(path, input);
  say(reason);
  say(`saved ${input.length} bytes as ${relative(root, path)}`);
}
