// `npm run bench`: all benchmarks, one after the other, and at the end every ratio and every figure that something is wanted of.
// Each says itself when this machine lacks what it needs, such as another scanner. `npm run bench -- rematch peers` runs those alone.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Modules that benchmarks share. */
const shared = new Set(["run.mjs", "debian-image.mjs", "measured-process.mjs", "peer-images.mjs"]);
const here = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv.slice(2).map((name) => `${name.replace(/\.mjs$/, "")}.mjs`);
const names = readdirSync(here)
  .filter((file) => file.endsWith(".mjs") && !shared.has(file))
  .filter((file) => wanted.length === 0 || wanted.includes(file))
  .sort();

/** Shows what a benchmark prints while it does, and gives it back. */
async function run(name) {
  const child = spawn(process.execPath, [here + name], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (part) => {
    output += part;
    process.stdout.write(part);
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) process.exitCode = 1;
  return output.split("\n").filter((line) => / \/ |\bratio\b|\(wanted: |skipped|not here|has no database/.test(line));
}

const summary = [];
for (const name of names) {
  console.log(`\n== ${name}`);
  summary.push(...(await run(name)).map((line) => `${name.replace(/\.mjs$/, "").padEnd(20)} ${line.trim()}`));
}
console.log(`\n== summary\n${summary.join("\n")}`);
