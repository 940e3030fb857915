// What CommonJS gets of each published package: a file that requires the module, which Node 20.19 and newer can, and its types. TypeScript
// takes the types of a module for CommonJS under `node16` only when they say of each name that it comes from there. Made from what
// is compiled; does nothing where both files are newer than that.
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { bundledFolder } from "./bundles.mjs";
import { root } from "./steps.mjs";

const packages = join(root, "packages");

/** The pairs of files that `exports` names: what CommonJS requires, and the module behind it, of which Node runs the bundle. */
function pairsOf(folder) {
  const { exports = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.values(exports).flatMap(({ require: required }) => {
    if (required === undefined) return [];
    const file = join(folder, required.types.replace(/\.d\.cts$/, ""));
    const bundled = join(folder, "dist", bundledFolder, relative(join(folder, "dist"), `${file}.js`));
    return [{ required: `${file}.cjs`, types: `${file}.d.cts`, module: `${file}.js`, bundled }];
  });
}

const isClass = (value) => typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));

async function typesOf(module, bundled) {
  const from = JSON.stringify(`./${basename(module)}`);
  const asModule = `{ with: { "resolution-mode": "import" } }`;
  const values = Object.entries(await import(pathToFileURL(bundled).href)).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `export type * from ${from} with { "resolution-mode": "import" };`,
    ...values.flatMap(([name, value]) => [
      `export declare const ${name}: typeof import(${from}, ${asModule}).${name};`,
      ...(isClass(value) ? [`export type ${name} = import(${from}, ${asModule}).${name};`] : []),
    ]),
    "",
  ].join("\n");
}

const age = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

for (const name of readdirSync(packages)) {
  const folder = join(packages, name);
  if (!existsSync(join(folder, "package.json"))) continue;
  const compiled = Math.max(age(join(folder, "dist", "tsconfig.tsbuildinfo")), age(import.meta.filename));
  for (const { required, types, module, bundled } of pairsOf(folder)) {
    if (Math.min(age(required), age(types)) > compiled) continue;
    const path = relative(dirname(required), bundled).replaceAll("\\", "/");
    writeFileSync(
      required,
      `module.exports = require(${JSON.stringify(path.startsWith(".") ? path : `./${path}`)});\n`,
    );
    writeFileSync(types, await typesOf(module, bundled));
  }
}
