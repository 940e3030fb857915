// Bundles the compiled program: five hundred small modules take Node most of a second to find and link, a few large ones
// a tenth of that. Only the command is bundled; the library's packages stay as they are. Does nothing when the bundle is
// newer than everything it is made of.
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../../", import.meta.url));
const output = join(packages, "cli", "dist", "program");
// The second name is what the reader of layers starts its threads with, beside itself.
const input = {
  main: join(packages, "cli", "dist", "main.js"),
  "layer-worker": join(packages, "node", "dist", "image", "layer-worker.js"),
};

/** The compiler touches a package's record whenever it writes any of its files. */
function newest(files) {
  return Math.max(...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

const records = readdirSync(packages).map((name) => join(packages, name, "dist", "tsconfig.tsbuildinfo"));
const bundled = Object.keys(input).map((name) => join(output, `${name}.js`));

if (!bundled.every(existsSync) || newest(bundled) < newest([...records, fileURLToPath(import.meta.url)])) {
  const { rolldown } = await import("rolldown");
  rmSync(output, { recursive: true, force: true });
  // Packages that are installed only where they are wanted stay outside.
  const bundle = await rolldown({ input, platform: "node", logLevel: "warn", external: ["@plimsoll/server"] });
  await bundle.write({ dir: output, format: "esm" });
  await bundle.close();
}
