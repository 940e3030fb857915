// Bundles each published package for Node: to find, read and link a thousand small modules takes it most of a second, the same code in
// sixty files a fifth of that. Each package stays a file of its own, beside whose bundle the others' are found: there is one instance
// of everything. Other engines and bundlers take the modules as the compiler wrote them, of which they leave out what is not used.
// Does nothing for a package whose bundle is newer than what it is made of.
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundledFolder, isNewer } from "../../testkit/tasks/bundles.mjs";

const packages = fileURLToPath(new URL("../../", import.meta.url));

/** What threads are started with lies beside what starts them. A thread shares nothing with others: its file holds all that it uses, and no more. */
const threads = { "@plimsoll/node": "layer-worker" };

/** A part that is loaded later may be exported, too. */
const checks = { ineffectiveDynamicImport: false };

/** Functions keep their names and lines, which the stacks of errors show. */
const form = {
  format: "esm",
  comments: { legal: true, annotation: true, jsdoc: false },
  // One letter that is not ASCII makes the engine hold every character of a file in two bytes.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: false, asciiOnly: true } },
  entryFileNames: "[name].js",
  chunkFileNames: "[name]-[hash].js",
};

/** The modules that a package's bundle begins with, by the names of their files in it (an entry lies where its module does), and those of threads. */
function entriesOf(folder) {
  const { name, exports = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const start = `./dist/${bundledFolder}/`;
  const entries = Object.values(exports).flatMap(({ node }) =>
    node?.startsWith(start) ? [node.slice(start.length, -".js".length)] : [],
  );
  const thread = threads[name];
  return {
    input: Object.fromEntries(entries.map((entry) => [entry, join(folder, "dist", `${entry}.js`)])),
    thread: thread === undefined ? {} : { [thread]: join(folder, "dist", "image", `${thread}.js`) },
  };
}

async function write(options, dir) {
  const { rolldown } = await import("rolldown");
  const bundler = await rolldown({ logLevel: "warn", checks, ...options });
  const { output } = await bundler.write({ ...form, dir });
  await bundler.close();
  return output.map(({ fileName }) => join(fileName));
}

async function bundle(folder) {
  const { input, thread } = entriesOf(folder);
  const dir = join(folder, "dist", bundledFolder);
  const made = Object.keys({ ...input, ...thread }).map((name) => join(dir, `${name}.js`));
  const sources = [join(folder, "dist", "tsconfig.tsbuildinfo"), join(folder, "package.json")];
  if (made.length === 0 || isNewer(made, [...sources, fileURLToPath(import.meta.url)])) return;
  // Its own modules alone: each other package has a bundle, or is installed as it is.
  const external = (id) => !id.startsWith(".") && !id.startsWith(folder);
  const written = await write({ input, platform: "neutral", external }, dir);
  if (Object.keys(thread).length > 0) written.push(...(await write({ input: thread, platform: "node" }, dir)));
  // Others may just be loading them: what was there stays until the new files are.
  const stale = readdirSync(dir, { recursive: true }).filter((name) => name.endsWith(".js") && !written.includes(name));
  for (const name of stale) rmSync(join(dir, name));
}

await Promise.all(readdirSync(packages).map((name) => bundle(join(packages, name))));
