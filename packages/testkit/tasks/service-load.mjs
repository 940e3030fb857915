// `npm run service-load [-- --minutes 5 --clients 50 --database postgres://…]`: uploads images to a service on loopback, many at a time, and fails when a request
// is lost, when an acknowledged image is not there, when memory grows from the first quarter to the last, or when SIGTERM does not end it cleanly while uploads
// run. Prints how soon the service was ready and the memory it took.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    clients: { type: "string", default: "50" },
    database: { type: "string" },
  },
});
const [minutes, clients] = [Number(values.minutes), Number(values.clients)];
const { makeImage } = await import(pathToFileURL(join(root, "examples/first-scan/make-image.mjs")).href);
const { buildAdvisories } = await import(pathToFileURL(join(root, "packages/plimsoll/dist/node.js")).href);

const folder = mkdtempSync(join(tmpdir(), "plimsoll-service-load-"));
const say = (line) => console.log(line);
const problems = [];

/** Bytes that the process has in memory now and had at most, where the system tells. */
function memoryOf(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kilobytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
    return { now: kilobytes("VmRSS") * 1024, peak: kilobytes("VmHWM") * 1024 };
  } catch {
    return { now: 0, peak: 0 };
  }
}

/** Processor time that a process took, in hundredths of seconds as Linux counts it; 0 where the system does not tell. */
function processorSeconds(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/** Starts the program as its users do, and waits until it answers as ready. */
async function start() {
  const program = join(root, "packages/plimsoll/bin/plimsoll.js");
  const db = join(folder, "advisories.plimsoll");
  const args = [
    "serve",
    "--listen",
    "127.0.0.1:0",
    "--db",
    db,
    "--data-dir",
    join(folder, "data"),
    "--concurrency",
    "2",
  ];
  const child = spawn(
    process.execPath,
    [program, ...args, ...(values.database === undefined ? [] : ["--database", values.database])],
    { stdio: ["ignore", "inherit", "pipe"] },
  );
  const started = performance.now();
  const log = [];
  const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve({ code, signal })));
  const url = await new Promise((resolve, reject) => {
    let text = "";
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (chunk) => {
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        if (/"level":(50|60)/.test(line)) log.push(line);
        const found = /"url":"([^"]+)"/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      }
    });
    ended.then(() => reject(new Error(`the service ended: ${log.join("\n")}`)));
  });
  while (
    !(await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 25));
  return { child, url, ended, log, seconds: (performance.now() - started) / 1000 };
}

/** The archive under a name of its own; its digest comes back once it is kept. */
async function upload(url, archive, number, counts) {
  counts.sent++;
  const response = await fetch(`${url}/api/v1/images?name=app-${number}`, {
    method: "POST",
    headers: { "content-type": "application/x-tar" },
    body: archive,
  });
  const text = await response.text();
  if (response.status === 429 || response.status === 503) {
    counts.refused++;
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(response.headers.get("retry-after") ?? 1)));
    return undefined;
  }
  if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 200)}`);
  counts.answered++;
  return JSON.parse(text).digest;
}

try {
  await buildAdvisories({
    from: [join(root, "examples/first-scan/advisories")],
    output: join(folder, "advisories.plimsoll"),
  });
  const archive = await makeImage();
  writeFileSync(join(folder, "app.tar"), archive);
  const service = await start();
  const fresh = memoryOf(service.child.pid);
  say(
    `ready       ${service.seconds.toFixed(1)} s, ${processorSeconds(service.child.pid).toFixed(1)} s of processor time, ${Math.round(fresh.peak / 1e6)} MB at most`,
  );
  const counts = { sent: 0, answered: 0, refused: 0 };
  const digests = new Set();
  const samples = [];
  const until = performance.now() + minutes * 60_000;
  let number = 0;
  const sampling = setInterval(() => samples.push(memoryOf(service.child.pid).now), Math.max(200, minutes * 600));
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < until) {
        try {
          const digest = await upload(service.url, archive, number++, counts);
          if (digest !== undefined) digests.add(digest);
        } catch (error) {
          problems.push(`an upload was lost: ${error.cause?.message ?? error.message}`);
        }
      }
    }),
  );
  clearInterval(sampling);
  for (const digest of digests) {
    const response = await fetch(`${service.url}/api/v1/images/${digest}/report?format=json`);
    if (!response.ok) problems.push(`${digest} was acknowledged and is not there: ${response.status}`);
    else if ((await response.json()).vulnerabilities.length === 0) problems.push(`${digest} lost its findings`);
  }
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const highest = (list) => Math.max(0, ...list);
  const [early, late] = [highest(samples.slice(quarter, 2 * quarter)), highest(samples.slice(-quarter))];
  say(`uploads     ${counts.answered} answered, ${counts.refused} told to come later, of ${counts.sent}`);
  say(
    `memory      ${Math.round(early / 1e6)} MB in the second quarter, ${Math.round(late / 1e6)} MB in the last, ${Math.round(memoryOf(service.child.pid).peak / 1e6)} MB at most`,
  );
  if (counts.answered === 0) problems.push("nothing was answered");
  if (early > 0 && late > early * 1.25 + 64e6) problems.push("memory grows");

  // Told to end while uploads run: those that were taken are answered, and it ends by itself.
  const last = Array.from({ length: Math.min(clients, 8) }, () =>
    upload(service.url, archive, number++, counts).then(
      () => "answered",
      () => "not taken",
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  const asked = performance.now();
  service.child.kill("SIGTERM");
  const { code, signal } = await service.ended;
  const outcomes = await Promise.all(last);
  say(
    `SIGTERM     ended after ${((performance.now() - asked) / 1000).toFixed(1)} s with code ${code}; ${outcomes.filter((outcome) => outcome === "answered").length} of ${outcomes.length} running uploads answered`,
  );
  if (code !== 0) problems.push(`it ended with ${code ?? signal}`);
  problems.push(...service.log.slice(0, 5).map((line) => `the log: ${line.slice(0, 300)}`));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const problem of new Set(problems)) say(`FAILED      ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
