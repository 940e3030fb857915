// Bundles the page: `plimsoll` resolves to its neutral entry, because no `node` condition is given.
import { copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export async function buildPage(output = here("dist")) {
  const bundle = await rolldown({ input: here("page.mjs"), platform: "browser", logLevel: "warn" });
  await bundle.write({ file: `${output}/page.js`, format: "esm", minify: true, codeSplitting: false });
  await bundle.close();
  mkdirSync(output, { recursive: true });
  copyFileSync(here("index.html"), `${output}/index.html`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage();
