// Compiles the WebAssembly that formats has the source of: `npm run wasm`, and `npm run wasm -- --check` to compare only. The compiler is fetched
// for that by npm, since nobody else needs its hundred megabytes; a test sees by the digest of the source whether this was forgotten.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root, run, say } from "./steps.mjs";

const compiler = "assemblyscript@0.28.20";
const source = join(root, "packages/formats/wasm/inflate.ts");
const code = join(root, "packages/formats/src/deflate/inflate-code.ts");

const flags = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd,bulk-memory", "--memoryBase", "64"];
/** Of 64 KiB each: all that the source lays out. */
const pages = ["--initialMemory", "6", "--maximumMemory", "6"];

/** The line by which the compiled form says of which source it was made. */
export function sourceLine() {
  return ` * Made by \`npm run wasm\` of \`wasm/inflate.ts\` with the SHA-256 ${createHash("sha256").update(readFileSync(source)).digest("hex")}.`;
}

/** The module that holds the compiled form. */
function compiledModule(binary) {
  const lines = binary.toString("base64").match(/.{1,112}/gu);
  return [
    "/**",
    " * WebAssembly in Base64.",
    sourceLine(),
    " */",
    "export const inflateCode: string = [",
    ...lines.map((line) => `  "${line}",`),
    '].join("");',
    "",
  ].join("\n");
}

function main(isCheck) {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-wasm-"));
  try {
    const out = join(folder, "inflate.wasm");
    const status = run("npm", [
      "exec",
      "--yes",
      `--package=${compiler}`,
      "--",
      "asc",
      source,
      "-o",
      out,
      ...flags,
      ...pages,
    ]);
    if (status !== 0) return status;
    const made = compiledModule(readFileSync(out));
    if (!isCheck) writeFileSync(code, made);
    else if (readFileSync(code, "utf8") !== made) {
      say("src/deflate/inflate-code.ts is not what wasm/inflate.ts compiles to");
      return 1;
    }
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.includes("--check"));
