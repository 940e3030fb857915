// `npm run soak`: scans an image and matches it again, 1,000 times in one process unless told another number, and fails when
// memory or open files grow. Half of the scans come from an archive on disk with a cache, some are aborted, some broken.
//
//   node --expose-gc packages/testkit/tasks/soak.mjs [rounds]
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const load = (path) => import(pathToFileURL(join(root, path)).href);
const { buildAdvisories, openAdvisories, rematch, scanImage } = await load("packages/plimsoll/dist/node.js");
const { makeImage } = await load("examples/first-scan/make-image.mjs");

const rounds = Number(process.argv[2] ?? 1000);
const folder = mkdtempSync(join(tmpdir(), "plimsoll-soak-"));
const image = join(folder, "app.tar");
const broken = join(folder, "broken.tar");
const db = join(folder, "advisories.plimsoll");

/** Live bytes of the heap and of buffers, and what is open, when nothing is going on. */
async function measure() {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, external } = process.memoryUsage();
  const files = process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
  return { heap: heapUsed, external, files, resources: process.getActiveResourcesInfo().length };
}

async function once(round) {
  if (round % 10 === 3) {
    const signal = AbortSignal.timeout(1);
    return scanImage(image, { db, cache: false, offline: true, signal }).catch(() => undefined);
  }
  if (round % 10 === 6) return scanImage(broken, { db, offline: true, cache: false }).catch(() => undefined);
  const report = await scanImage(
    image,
    round % 2 === 0 ? { db, cacheDir: folder, offline: true } : { db, cache: false, offline: true },
  );
  if (report.vulnerabilities.length !== 11)
    throw new Error(`round ${round} gave ${report.vulnerabilities.length} findings`);
  const store = await openAdvisories(db);
  const again = await rematch({ ...report, diagnostics: [] }, store);
  await store.close();
  if (again.vulnerabilities.length !== 11)
    throw new Error(`round ${round} gave ${again.vulnerabilities.length} findings again`);
}

try {
  const bytes = await makeImage();
  writeFileSync(image, bytes);
  writeFileSync(broken, bytes);
  truncateSync(broken, bytes.length / 2);
  await buildAdvisories({ from: [join(root, "examples/first-scan/advisories")], output: db });
  // What is loaded once and kept: code, tables, compiled functions.
  const warmUp = Math.ceil(rounds / 5);
  for (let round = 0; round < warmUp; round++) await once(round);
  const before = await measure();
  for (let round = 0; round < rounds; round++) await once(round);
  const after = await measure();
  const grown = (after.heap + after.external - before.heap - before.external) / 1024;
  console.log(`${rounds} rounds: ${grown.toFixed(0)} KiB more, ${(grown / rounds).toFixed(2)} KiB a round`);
  console.log(
    `open files ${before.files} and ${after.files}, active resources ${before.resources} and ${after.resources}`,
  );
  // A leak of one small object a scan is more than this; compiled code and caches with a limit are less.
  const allowed = 2048 + 2 * rounds;
  if (globalThis.gc === undefined) console.log("memory is not judged: run node with --expose-gc");
  else if (grown > allowed) throw new Error(`memory grew by more than ${allowed} KiB`);
  if (after.files > before.files || after.resources > before.resources) throw new Error("something was left open");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
