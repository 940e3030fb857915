import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * What a program of one's own loads with `import("plimsoll")`, and with its first match: files and their bytes, which are most of what it waits
 * for (decision 0286). Times would tell more of the machine.
 */

const packages = fileURLToPath(new URL("../../", import.meta.url));
const own = fileURLToPath(new URL("../", import.meta.url));
const built = existsSync(join(own, "dist", "bundled", "node.js"));
if (!built) console.warn("the packages are not built: what programs load is not counted (npm run setup builds them)");

/** Tells of each module that is loaded: its bytes and its address. Modules in CommonJS are read by another loader. */
const hooks = `
import { appendFileSync } from "node:fs";
export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (url.startsWith("file:") && loaded.format === "module")
    appendFileSync(process.env.LOADED, loaded.source.length + " " + url + "\\n");
  return loaded;
}
`;

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-loaded-"));
  writeFileSync(join(folder, "hooks.mjs"), hooks);
  writeFileSync(
    join(folder, "counter.mjs"),
    `import { register } from "node:module"; register("./hooks.mjs", import.meta.url);`,
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a module in the folder of this package, so that it finds the package by its name. */
function run(code: string, args: readonly string[] = []): { readonly stdout: string; readonly stderr: string } {
  const env = { LOADED: join(folder, "loaded.txt"), PATH: process.env["PATH"] };
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, "--input-type=module", "-e", code], {
    encoding: "utf8",
    cwd: own,
    env,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return { stdout, stderr };
}

/** The files that are loaded, and their bytes. */
interface Loaded {
  readonly files: readonly string[];
  readonly bytes: number;
}

/** What `import("plimsoll")` loads, and what more the first match does. */
function loadedByMatch(): { readonly imported: Loaded; readonly matched: Loaded } {
  const file = join(folder, "loaded.txt");
  writeFileSync(file, "");
  const { stdout } = run(
    `
    await import("plimsoll");
    const { appendFileSync } = await import("node:fs");
    const { createRequire } = await import("node:module");
    appendFileSync(process.env.LOADED, "imported\\n");
    console.log(JSON.stringify(Object.keys(createRequire(import.meta.url).cache)));
    ${firstMatch}
    console.log(JSON.stringify(Object.keys(createRequire(import.meta.url).cache)));
    `,
    ["--import", join(folder, "counter.mjs")],
  );
  const [before = [], after = []] = stdout.split("\n", 2).map((line) => JSON.parse(line) as readonly string[]); // as: what it prints above
  const [early = "", late = ""] = readFileSync(file, "utf8").split("imported\n");
  return {
    imported: loadedOf(early, before),
    matched: loadedOf(
      late,
      after.filter((path) => !before.includes(path)),
    ),
  };
}

function loadedOf(lines: string, required: readonly string[]): Loaded {
  const modules = lines.split("\n").flatMap((line) => (line === "" ? [] : [line.split(" ")]));
  const bytes = modules.reduce((sum, [length]) => sum + Number(length), 0);
  return {
    files: [...modules.map(([, url]) => url ?? ""), ...required],
    bytes: bytes + required.reduce((sum, path) => sum + readFileSync(path).length, 0),
  };
}

const firstMatch = `
  const { memoryStore, rematch } = await import("plimsoll");
  const advisory = { id: "A-1", source: "test", aliases: [], severities: [], references: [], affected: [
    { advisory: "A-1", namespace: "npm", name: "a", ranges: [{ introduced: "0", end: { kind: "open" } }] } ] };
  const found = { id: "a", name: "a", version: "1.0.0", ecosystem: "npm", purl: "pkg:npm/a@1.0.0", locations: [] };
  const artifact = { name: "a", kind: "filesystem", layers: [] };
  const report = await rematch({ schemaVersion: 2, artifact, packages: [found], diagnostics: [] }, memoryStore([advisory]));
  if (report.vulnerabilities.length !== 1) throw new Error("it did not match");
`;

test.skipIf(!built)(
  "a program that uses the library loads little with its import, and nothing with its first match",
  () => {
    const { imported, matched } = loadedByMatch();

    expect(imported.files.length).toBeGreaterThan(20);
    expect(imported.files.length).toBeLessThanOrEqual(130);
    expect(imported.bytes).toBeLessThanOrEqual(4_300_000);
    // What judges nodes, and what verifies signatures, is loaded by those who ask for it.
    expect(imported.files.filter((file) => /packages.(?:cis|attestations)|ciphers/.test(file))).toEqual([]);
    // What `import("@plimsoll/ecosystems/every")` begins with: an export of what is there.
    expect(matched.files).toHaveLength(1);
    expect(matched.bytes).toBeLessThan(1_000);
  },
);

describe.skipIf(!built)("the bundles that Node loads", () => {
  test("hold everything once, whichever way it comes", () => {
    const { stdout } = run(`
      import { createRequire } from "node:module";
      import { ScanError, scanImage } from "plimsoll";
      const required = createRequire(import.meta.url)("plimsoll");
      const { ScanError: ofModel } = await import("@plimsoll/model");
      console.log(required.ScanError === ScanError, required.scanImage === scanImage, ofModel === ScanError);
    `);

    expect(stdout).toBe("true true true\n");
  });

  test("give a thread a file of its own, with what it uses alone", () => {
    const text = readFileSync(join(packages, "node", "dist", "bundled", "layer-worker.js"), "utf8");
    const outside = [...text.matchAll(/^import .*?"([^".][^"]*)";$/gm)].map(([, id = ""]) => id);

    expect(outside.length).toBeGreaterThan(0);
    expect(outside.filter((id) => !isBuiltin(id))).toEqual([]);
    expect(text.length).toBeLessThan(120_000);
  });

  test("have the names of functions and their lines, as stacks show them", () => {
    const { stdout } = run(`
      import { rematch } from "plimsoll";
      try { await rematch({}, {}, { unknown: 1 }); } catch (error) { console.log(error.stack); }
    `);

    expect(stdout).toMatch(/^TypeError: .*unknown/);
    expect(stdout).toMatch(/at checkOptions .*model.dist.bundled.index\.js:\d{2,}:/);
    expect(stdout).toMatch(/at rematch .*plimsoll.dist.bundled.[\w-]+\.js:\d{2,}:/);
  });

  test("stand beside the modules that bundlers and other engines take, for every entry of every package", () => {
    const entries = readdirSync(packages).flatMap((name) => {
      // as: what npm takes for a manifest
      const { private: unpublished, exports = {} } = JSON.parse(
        readFileSync(join(packages, name, "package.json"), "utf8"),
      ) as { private?: boolean; exports?: Record<string, string | Record<string, unknown>> };
      return unpublished === true
        ? []
        : Object.entries(exports).flatMap(([entry, to]) => (typeof to === "string" ? [] : [{ name, entry, to }]));
    });
    // The program of the service is a bundle of its own.
    const modules = entries.filter(({ name, entry }) => name !== "server" || entry !== "./program");

    expect(modules.length).toBeGreaterThan(25);
    for (const { name, entry, to } of modules) {
      const bundled = String(to["node"]);
      const plain = bundled.replace("/bundled/", "/");
      const taken = typeof to["module"] === "string" ? to["module"] : (to["module"] as { node: string }).node; // as: the other form that there is
      expect({ name, entry, bundled: bundled.startsWith("./dist/bundled/"), taken }).toEqual({
        name,
        entry,
        bundled: true,
        taken: plain,
      });
      expect(existsSync(join(packages, name, bundled)), `${name}: ${bundled}`).toBe(true);
      // Bundlers ask for it before anything that Node takes: required or imported, it is one module to them.
      expect(Object.keys(to).indexOf("module")).toBeLessThan(Object.keys(to).indexOf("require"));
    }
  });
});
