// Bundles the page: `plimsoll` resolves to its neutral entry, because no `node` condition is given. What a scan may need and most
// do not (other ecosystems, zstd, YAML, licences, checks) becomes files of their own, which the page asks for when it meets the need.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export async function buildPage(output = here("dist")) {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const bundle = await rolldown({ input: here("page.mjs"), platform: "browser", logLevel: "warn" });
  await bundle.write({ dir: output, format: "esm", minify: true, entryFileNames: "page.js" });
  await bundle.close();
  copyFileSync(here("index.html"), `${output}/index.html`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage();
