// `npm run bench`: all benchmarks, one after the other; each says itself when this machine lacks what it needs.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const helpers = new Set(["run.mjs", "debian-image.mjs"]);
const here = fileURLToPath(new URL(".", import.meta.url));

for (const name of readdirSync(here)
  .filter((file) => file.endsWith(".mjs") && !helpers.has(file))
  .sort()) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, [here + name], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
