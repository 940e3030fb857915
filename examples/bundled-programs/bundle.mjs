// The settings with which each bundler makes one file of the program: `npm start` here writes them all to dist/.
// Threads that read large layers start from a file of their own, which no bundler takes along: without it, the bundle reads
// layers in its own thread, with the same result. See docs/guide/bundlers.md.
import { fileURLToPath } from "node:url";
import { dirname, basename } from "node:path";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const input = here("scan.mjs");

/** Every bundler by name: makes `file` of `scan.mjs`. */
export const bundlers = {
  "esbuild-esm.mjs": (file) => withEsbuild(file, "esm"),
  "esbuild-cjs.cjs": (file) => withEsbuild(file, "cjs"),
  "webpack.cjs": withWebpack,
  "rollup.mjs": withRollup,
  "rolldown.mjs": withRolldown,
};

async function withEsbuild(file, format) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [input],
    bundle: true,
    platform: "node",
    format,
    outfile: file,
    logLevel: "error",
    // Packages in CommonJS ask for Node's own modules with `require`, which a module does not have.
    ...(format === "esm"
      ? {
          banner: {
            js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
          },
        }
      : {}),
  });
}

async function withWebpack(file) {
  const { default: webpack } = await import("webpack");
  const compiler = webpack({
    entry: input,
    target: "node20",
    mode: "production",
    // In a program for a server, small is of little use, and readable stacks are of much.
    optimization: { minimize: false },
    output: { path: dirname(file), filename: basename(file) },
  });
  await new Promise((resolve, reject) =>
    compiler.run((error, stats) => {
      if (error !== null) reject(error);
      else if (stats.hasErrors()) reject(new Error(stats.toString("errors-only")));
      else compiler.close(resolve);
    }),
  );
}

async function withRollup(file) {
  const { rollup } = await import("rollup");
  const [{ default: resolve }, { default: commonjs }, { default: json }] = await Promise.all([
    import("@rollup/plugin-node-resolve"),
    import("@rollup/plugin-commonjs"),
    import("@rollup/plugin-json"),
  ]);
  const bundle = await rollup({
    input,
    plugins: [resolve({ exportConditions: ["node"], preferBuiltins: true }), commonjs(), json()],
    onwarn: () => undefined,
  });
  await bundle.write({ file, format: "es", inlineDynamicImports: true });
  await bundle.close();
}

async function withRolldown(file) {
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({ input, platform: "node", logLevel: "silent" });
  await bundle.write({ file, format: "esm", codeSplitting: false });
  await bundle.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, make] of Object.entries(bundlers)) {
    await make(here(`dist/${name}`));
    console.log(`dist/${name}`);
  }
