// Bundles the compiled program: a thousand small modules take Node most of a second to find and link, a few large ones a
// tenth of that (libraries.mjs does the library's packages). The files are CommonJS, because V8's
// compiled form of those can be kept (see src/start), and hold ASCII alone, which is read without decoding. Does nothing
// when the bundle is newer than everything it is made of.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isCurrent } from "../../testkit/tasks/bundles.mjs";

const packages = fileURLToPath(new URL("../../", import.meta.url));
// The package that is named like the command carries it, so that `npx plimsoll` needs no other.
const output = join(packages, "plimsoll", "dist", "program");
// The second name is what the reader of layers starts its threads with, beside itself.
const input = {
  main: join(packages, "cli", "dist", "main.js"),
  "layer-worker": join(packages, "node", "dist", "image", "layer-worker.js"),
};
/** Loads the others, so it stands alone. */
const loader = { start: join(packages, "cli", "dist", "start", "start.js") };

/** Names stay as they are: they are in the stacks of errors. */
const form = {
  dir: output,
  format: "cjs",
  comments: { legal: true, annotation: false, jsdoc: false },
  // Of what many files use, that which would be in one file with much that few of them use; and dependencies that are large and seldom used.
  codeSplitting: {
    includeDependenciesRecursively: false,
    groups: [
      {
        name: "format-basics",
        test: /packages\/formats\/dist\/(?:format-error|document-shape|json\/fields|json\/json|shared\/steps)\.js$/,
      },
      { name: "fflate", test: /\/fflate\// },
      { name: "liquid", test: /\/liquidjs\// },
      { name: "saxes", test: /\/(?:saxes|xmlchars)\// },
    ],
  },
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true, asciiOnly: true } },
};

/** Dependencies that do much when they are loaded and are seldom used, each with what is used of it: loaded by the first use. */
const late = new Map([
  // Tables for decompressing, which nobody needs where Node's own decompresses.
  ["fflate", { from: "fflate/browser", names: ["Inflate", "inflateSync", "deflateSync"] }],
  // For patterns that JavaScript's own engine may not be trusted with.
  ["re2js", { from: "re2js", names: ["RE2JS"] }],
  // For documents in XML: Maven's and NuGet's, and some SBOMs.
  ["#saxes", { from: "saxes", names: ["SaxesParser"] }],
  // For reports by the user's template.
  ["#liquidjs", { from: "liquidjs", names: ["Liquid"] }],
]);

/** A module that has these names, and loads the real one when one of them is used. A name that is missing fails the bundle. */
function lateModule({ from, names }) {
  const lines = names.map((name) => `export const ${name} = late(() => require(${JSON.stringify(from)}).${name});`);
  return `const late = (real) => new Proxy(function () {}, {
  apply: (_, __, given) => real()(...given),
  construct: (_, given) => new (real())(...given),
  get: (_, key) => real()[key],
});
${lines.join("\n")}`;
}

/** What dependencies do when they are loaded, and the program needs never or later. */
const lightStart = {
  name: "light-start",
  resolveId: {
    filter: { id: /^(?:fflate|re2js|#liquidjs|#saxes)$/ },
    handler: (id, importer) => (importer?.includes("?late") ? undefined : { id: `${importer}?late=${id}` }),
  },
  load: { filter: { id: /\?late=/ }, handler: (id) => lateModule(late.get(id.split("?late=")[1])) },
  // The tables of a collator take ten milliseconds to load. This one puts eight fixed names in order, which it is given as digits.
  transform: {
    filter: { id: /packageurl-js\/src\/strings\.js$/ },
    handler(code) {
      const eager = "const { compare: localeCompare } = new Intl.Collator()";
      if (!code.includes(eager)) throw new Error("packageurl-js no longer makes a collator when it is loaded");
      return code.replace(eager, "const localeCompare = (a, b) => (a < b ? -1 : a > b ? 1 : 0)");
    },
  },
};

/**
 * Findings are told apart by SHA-256 of some words each. Node's own takes milliseconds to load, and is ten times as fast as one in
 * JavaScript that no run is long enough to optimise: so the first few are done in JavaScript.
 */
const nativeHash = {
  name: "native-hash",
  resolveId: {
    filter: { id: /^@noble\/hashes\/sha2\.js$/ },
    // One for all, beside a module that has the package.
    handler: (_, importer) =>
      importer?.endsWith("?native") ? undefined : join(packages, "model", "dist", "fingerprint.js?native"),
  },
  load: {
    filter: { id: /\?native$/ },
    handler: () => `import { createHash } from "node:crypto";
import { sha256 as portable } from "@noble/hashes/sha2.js";
export * from "@noble/hashes/sha2.js";
let bytesInJavaScript = 768;
const hash = (bytes) => {
  bytesInJavaScript -= bytes.length;
  return bytesInJavaScript > 0 ? portable(bytes) : new Uint8Array(createHash("sha256").update(bytes).digest());
};
export const sha256 = Object.assign(hash, { create: () => portable.create(), outputLen: 32, blockLen: 64 });`,
  },
};

/** The same numbers by chance, from a module that every scan of an image has loaded anyway: the standard's `crypto` takes milliseconds more. */
const nativeRandom = {
  name: "native-random",
  transform: {
    filter: { id: /packages\/inventory\/dist\/path-hash\.js$/ },
    handler(code) {
      const portable = "crypto.getRandomValues(";
      if (!code.includes(portable)) throw new Error("keys of hashes are no longer drawn by crypto.getRandomValues");
      return `import { randomFillSync } from "node:crypto";\n${code.replace(portable, "randomFillSync(")}`;
    },
  },
};

/** Names of files hold a hash of their content: what is kept for another program of that name is never taken for theirs. */
async function bundle(entries, more) {
  const { rolldown } = await import("rolldown");
  const made = await rolldown({
    input: entries,
    platform: "node",
    logLevel: "warn",
    // Packages that are installed only where they are wanted stay outside.
    external: ["@plimsoll/server/program"],
    plugins: [lightStart, nativeHash, nativeRandom],
  });
  const { output: files } = await made.write({ ...form, ...more, chunkFileNames: "[name]-[hash].js" });
  await made.close();
  return files;
}

/** Holders' names in licence comments are all that is left to spell out. */
function spellInAscii(file) {
  const text = readFileSync(file, "utf8").replaceAll(/\/\*[^]*?\*\//g, (comment) =>
    comment
      .replaceAll("\u00a9", "(c)")
      .normalize("NFD")
      .replaceAll(/[^\0-\u007f]/g, ""),
  );
  const at = text.search(/[^\0-\u007f]/);
  if (at >= 0) throw new Error(`${file}: not ASCII: ${text.slice(at - 40, at + 40)}`);
  writeFileSync(file, text);
}

/**
 * Hands over to the loader (`src/start/start.ts`) what it does better than the text says:
 * - What is not in the bundle is asked of it: a script that is made of V8's compiled form has forgotten how `import()` is answered, and
 *   ends in "A dynamic import callback was not specified".
 * - Another file of the program is loaded when something of it is first asked for. It then takes the place of what stood for it, so
 *   that a use costs what it cost before.
 *
 * What a file gives to others is a plain property, as far as nothing is assigned to it later: the bundler has functions that are asked
 * for it each time, which an engine cannot see through. SHA-1 took eight times as long, since its rounds call functions of another file.
 */
async function leaveToLoader(file) {
  const { parseAst } = await import("rolldown/parseAst");
  const text = readFileSync(file, "utf8");
  const program = parseAst(text, { sourceType: "script" });
  const assigned = new Set(assignedIn(program));
  const edits = [
    ...importsIn(program),
    ...program.body.flatMap(lateRequire),
    ...program.body.flatMap((statement) => plainExport(statement, assigned)),
  ].sort((a, b) => b.start - a.start);
  const edited = edits.reduce((code, { start, end, put }) => code.slice(0, start) + put + code.slice(end), text);
  if (edits.length > 0) writeFileSync(file, edited);
}

function importsIn(node) {
  if (node === null || typeof node !== "object") return [];
  const inside = Object.values(node).flatMap(importsIn);
  if (node.type !== "ImportExpression") return inside;
  return [...inside, { start: node.start, end: node.start + "import".length, put: "importOutside" }];
}

/** `const x = require("./file.js")` becomes `let x = require("./file.js", (real) => x = real)`. */
function lateRequire({ type, kind, start, declarations }) {
  if (type !== "VariableDeclaration" || kind !== "const" || declarations.length !== 1) return [];
  const [{ id, init }] = declarations;
  const [argument] = init?.type === "CallExpression" && init.callee.name === "require" ? init.arguments : [];
  if (argument?.value?.startsWith?.("./") !== true || id.type !== "Identifier") return [];
  return [
    { start, end: start + "const".length, put: "let" },
    { start: argument.end, end: argument.end, put: `,(real)=>${id.name}=real` },
  ];
}

/** Names that something is assigned to after they were declared, wherever that is. */
function assignedIn(node) {
  if (node === null || typeof node !== "object") return [];
  const inside = Object.values(node).flatMap(assignedIn);
  if (node.type === "AssignmentExpression" || node.type === "ForOfStatement" || node.type === "ForInStatement")
    return [...inside, ...namesIn(node.left)];
  return node.type === "UpdateExpression" ? [...inside, ...namesIn(node.argument)] : inside;
}

function namesIn(node) {
  if (node === null || typeof node !== "object") return [];
  return node.type === "Identifier" ? [node.name] : Object.values(node).flatMap(namesIn);
}

/** `Object.defineProperty(exports, "a", { enumerable: true, get: function () { return x; } })`, of an `x` that stays, becomes `exports.a = x`. */
function plainExport({ type, start, end, expression }, assigned) {
  if (type !== "ExpressionStatement" || expression.type !== "CallExpression") return [];
  const { callee, arguments: given } = expression;
  const [target, name, descriptor] = given;
  if (callee.object?.name !== "Object" || callee.property?.name !== "defineProperty" || target?.name !== "exports")
    return [];
  const getter = descriptor?.properties?.find(({ key }) => key.name === "get")?.value;
  const [{ argument } = {}] = getter?.body?.body ?? [];
  if (argument?.type !== "Identifier" || assigned.has(argument.name)) return [];
  return [{ start, end, put: `exports[${JSON.stringify(name.value)}]=${argument.name};` }];
}

const bundled = Object.keys({ ...input, ...loader }).map((name) => join(output, `${name}.js`));

if (!isCurrent(bundled, [fileURLToPath(import.meta.url)])) {
  rmSync(output, { recursive: true, force: true });
  const files = await bundle(input, { entryFileNames: "[name]-[hash].js" });
  for (const { fileName } of files) await leaveToLoader(join(output, fileName));
  await bundle(loader, { entryFileNames: "[name].js" });
  for (const name of readdirSync(output)) spellInAscii(join(output, name));
  const entries = files.filter(({ isEntry }) => isEntry);
  const main = entries.find(({ name }) => name === "main").fileName;
  for (const { name, fileName } of entries) {
    const options = fileName === main ? "" : `, { threadOf: "${main}" }`;
    writeFileSync(join(output, `${name}.js`), `require("./start.js").start(__dirname, "${fileName}"${options});\n`);
  }
  writeFileSync(join(output, "package.json"), '{ "type": "commonjs" }\n');
}
