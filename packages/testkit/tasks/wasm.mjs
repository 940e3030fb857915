// Compiles the WebAssembly that packages have the source of: `npm run wasm`, and `npm run wasm -- --check` to compare only. The compiler is fetched
// for that by npm, since nobody else needs its hundred megabytes; a test sees by the digest of the source whether this was forgotten.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root, run, say } from "./steps.mjs";

const compiler = "assemblyscript@0.28.20";

/** Where each module's source and compiled form lie, by what the form is called; `pages` of 64 KiB are all that the source lays out. */
export const modules = [
  { name: "inflateCode", source: "formats/wasm/inflate.ts", code: "formats/src/deflate/inflate-code.ts", pages: 6 },
  { name: "markCode", source: "inventory/wasm/marks.ts", code: "inventory/src/mark-code.ts", pages: 2 },
];

const inPackages = (path) => join(root, "packages", path);

const flags = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd,bulk-memory", "--memoryBase", "64"];

/** The line by which a compiled form says of which source it was made. */
export function sourceLine({ source }) {
  const digest = createHash("sha256")
    .update(readFileSync(inPackages(source)))
    .digest("hex");
  return ` * Made by \`npm run wasm\` of \`${source.slice(source.indexOf("/") + 1)}\` with the SHA-256 ${digest}.`;
}

/** The text of a module's compiled form, as it is in the repository. */
export function compiledForm({ code }) {
  return readFileSync(inPackages(code), "utf8");
}

/** The module that holds a compiled form. */
function compiledModule(module, binary) {
  const lines = binary.toString("base64").match(/.{1,112}/gu);
  return [
    "/**",
    " * WebAssembly in Base64.",
    sourceLine(module),
    " */",
    `export const ${module.name}: string = [`,
    ...lines.map((line) => `  "${line}",`),
    '].join("");',
    "",
  ].join("\n");
}

function compile(module, folder, isCheck) {
  const out = join(folder, `${module.name}.wasm`);
  const memory = ["--initialMemory", `${module.pages}`, "--maximumMemory", `${module.pages}`];
  const command = ["exec", "--yes", `--package=${compiler}`, "--", "asc", inPackages(module.source), "-o", out];
  const status = run("npm", [...command, ...flags, ...memory]);
  if (status !== 0) return status;
  const made = compiledModule(module, readFileSync(out));
  if (!isCheck) writeFileSync(inPackages(module.code), made);
  else if (compiledForm(module) !== made) {
    say(`${module.code} is not what ${module.source} compiles to`);
    return 1;
  }
  return 0;
}

function main(isCheck) {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-wasm-"));
  try {
    for (const module of modules) {
      const status = compile(module, folder, isCheck);
      if (status !== 0) return status;
    }
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.includes("--check"));
