// Bundles the compiled service for the program that runs it: to find and link its fifteen hundred modules takes Node two seconds of
// every start, a few large files a quarter of that. What has programs or WebAssembly of its own stays outside. Does nothing when the
// bundle is newer than everything it is made of.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isCurrent } from "../../testkit/tasks/bundles.mjs";

const packages = fileURLToPath(new URL("../../", import.meta.url));
const output = join(packages, "server", "dist", "program");
// The second name is what the reader of layers starts its threads with, beside itself.
const input = {
  server: join(packages, "server", "dist", "index.js"),
  "layer-worker": join(packages, "node", "dist", "image", "layer-worker.js"),
};

if (
  !isCurrent(
    Object.keys(input).map((name) => join(output, `${name}.js`)),
    [fileURLToPath(import.meta.url)],
  )
) {
  rmSync(output, { recursive: true, force: true });
  const { rolldown } = await import("rolldown");
  const made = await rolldown({
    input,
    platform: "node",
    // It says of packages that export everything at once that parts of them cannot be loaded later; those are few here.
    logLevel: "silent",
    external: [/^@electric-sql\//, /^pg(?:\/|-native$|$)/, /^pino(?:\/|$)/, "amqplib"],
  });
  await made.write({
    dir: output,
    format: "esm",
    comments: { legal: true, annotation: false, jsdoc: false },
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
  });
  await made.close();
}
