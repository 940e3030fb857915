// What `npm start` shows: makes the example image and its advisory database once, then scans one with the other, offline.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { makeImage } from "./make-image.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const cli = here("../../packages/plimsoll/bin/plimsoll.js");
const image = here("dist/app.tar");
const database = here("dist/advisories.plimsoll");

function plimsoll(args, stdio = "inherit") {
  const { status } = spawnSync(process.execPath, [cli, ...args], { stdio });
  if (status !== 0) process.exit(status ?? 1);
}

mkdirSync(here("dist"), { recursive: true });
// In one step: somebody else may be reading the file that is there.
writeFileSync(`${image}.${process.pid}`, await makeImage());
renameSync(`${image}.${process.pid}`, image);
if (!existsSync(database))
  plimsoll(["db", "build", "--quiet", "--from", here("advisories"), "--output", database], ["inherit", 2, 2]);

plimsoll(["image", "--input", image, "--db", database, "--offline"]);

console.log(`
That was examples/first-scan: an image of five layers with six Alpine, two npm and two Python packages in it.
musl was upgraded and minimist removed in later layers, so their vulnerabilities are not in the list.

Where to go next
  npm start -- image --input your-image.tar --db DATABASE   scan an image that docker save wrote
  npm start -- db build --from OSV-MIRROR --output FILE      make a database from a mirror of the OSV bucket
  npm start -- --help                                        every command and option
  docs/guide/                                                the guide; README.md has the API in ten lines`);
