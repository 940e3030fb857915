import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fingerprintOf } from "@plimsoll/model";
import { dockerArchive } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flagsFor } from "./start.ts";

/**
 * What a command loads before it does anything: files of the program and their bytes, and modules of Node that cost
 * milliseconds. The start is fast because this is small; times would tell more of the machine than of the program.
 */

const program = fileURLToPath(new URL("../../bin/plimsoll.js", import.meta.url));
const built = existsSync(fileURLToPath(new URL("../../dist/main.js", import.meta.url)));
if (!built)
  console.warn("the packages are not built: what the program loads is not counted (npm run setup builds them)");

/** What one run loaded. */
interface Loaded {
  readonly files: number;
  readonly bytes: number;
  /** Files that were compiled anew. */
  readonly compiled: readonly string[];
  readonly builtins: readonly string[];
}

/** Counts in the process itself: every file of the program is compiled by a `vm.Script`. */
const counter = `
const vm = require("node:vm");
const { writeFileSync } = require("node:fs");
const loaded = { files: 0, bytes: 0, compiled: [], builtins: [] };
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    loaded.files += 1;
    loaded.bytes += text.length;
    if (this.cachedDataRejected !== false) loaded.compiled.push(options.filename);
  }
};
process.on("exit", () => {
  loaded.builtins = process.moduleLoadList.filter((name) => name.startsWith("NativeModule ")).map((name) => name.slice(13));
  writeFileSync(process.env.LOADED, JSON.stringify(loaded));
});
`;

let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-start-"));
  writeFileSync(join(folder, "counter.cjs"), counter);
  const installed = "P:musl\nV:1.1.22-r2\nA:x86_64\no:musl\n\n";
  const layer = { "etc/os-release": "ID=alpine\nVERSION_ID=3.10.1\n", "lib/apk/db/installed": installed };
  writeFileSync(join(folder, "image.tar"), await dockerArchive({ name: "image", layers: [layer] }));
  const components = Array.from({ length: 10 }, (_, index) => ({
    type: "library",
    name: `package-${index}`,
    version: "1.0.0",
    purl: `pkg:npm/package-${index}@1.0.0`,
  }));
  const bom = { bomFormat: "CycloneDX", specVersion: "1.5", version: 1, components };
  writeFileSync(join(folder, "bom.json"), JSON.stringify(bom));
  if (built) buildStore("db", ["GHSA-1"]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Builds a store with advisories about all versions of a package. */
function buildStore(name: string, ids: readonly string[]): void {
  const from = join(folder, name);
  mkdirSync(join(from, "npm"), { recursive: true });
  for (const id of ids) {
    const ranges = [{ type: "SEMVER", events: [{ introduced: "0" }] }];
    const affected = [{ package: { ecosystem: "npm", name: "package-1" }, ranges }];
    const record = { id, modified: "2020-01-01T00:00:00Z", affected };
    writeFileSync(join(from, "npm", `${id}.json`), JSON.stringify(record));
  }
  load(["db", "build", "--from", from, "--output", join(folder, `${name}.plimsoll`)]);
}

function load(args: readonly string[]): Loaded {
  const file = join(folder, "loaded.json");
  const { status, stderr } = spawnSync(process.execPath, ["-r", join(folder, "counter.cjs"), program, ...args], {
    encoding: "utf8",
    cwd: folder,
    env: { LOADED: file, HOME: folder, PLIMSOLL_CACHE_DIR: join(folder, "cache") },
  });
  expect({ status, stderr: args[0] === "db" ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(readFileSync(file, "utf8")) as Loaded; // What the counter above writes.
}

/** Modules of Node that take milliseconds to load, and have no part in commands that use no network and start nothing. */
const costly = ["child_process", "http", "https", "internal/crypto/webcrypto", "tls", "worker_threads"];

describe.skipIf(!built)("the program loads little", () => {
  test.each([
    ["for its help", ["--help"], 15, 105_000, ["crypto", "fs/promises"]],
    ["for the help of a command", ["db", "--help"], 14, 110_000, ["crypto", "fs/promises"]],
    [
      "to match an SBOM",
      ["sbom", "bom.json", "--db", "db.plimsoll", "--offline", "--quiet"],
      57,
      1_600_000,
      ["crypto", "fs/promises"],
    ],
    [
      "to scan an image",
      ["image", "--input", "image.tar", "--db", "db.plimsoll", "--offline", "--quiet"],
      61,
      1_975_000,
      [],
    ],
  ])("%s", (_, args, maxFiles, maxBytes, unused) => {
    const loaded = load(args);

    expect(loaded.files).toBeGreaterThan(0);
    expect(loaded.files).toBeLessThanOrEqual(maxFiles);
    expect(loaded.bytes).toBeLessThanOrEqual(maxBytes);
    expect(loaded.builtins.filter((name) => [...costly, ...unused].includes(name))).toEqual([]);
  });

  test("and compiles nothing that an earlier run has compiled", () => {
    const args = ["sbom", "bom.json", "--db", "db.plimsoll", "--offline", "--quiet"];
    load(args);
    const second = load(args);

    expect(second.files).toBeGreaterThan(0);
    expect(second.compiled).toEqual([]);
  });
});

test.skipIf(!built)("a file of the program that was changed is compiled anew", () => {
  const program = mkdtempSync(join(folder, "changed-"));
  cpSync(fileURLToPath(new URL("../../../plimsoll/dist/program/start.js", import.meta.url)), join(program, "start.js"));
  const run = (): string => {
    const code = `require(${JSON.stringify(join(program, "start.js"))}).start(${JSON.stringify(program)}, "main.js");`;
    return spawnSync(process.execPath, ["-e", code], { encoding: "utf8", env: { HOME: folder } }).stdout;
  };
  writeFileSync(join(program, "main.js"), 'console.log("before");');
  utimesSync(join(program, "main.js"), 1_000.25, 1_000.25);
  const before = [run()];
  // As in a layer of an image.
  utimesSync(join(program, "main.js"), 1_000, 1_000);
  before.push(run());
  writeFileSync(join(program, "main.js"), 'console.log("behind");');

  expect(readdirSync(join(program, "compiled"))).toHaveLength(1);
  expect([...before, run(), run()]).toEqual(["before\n", "before\n", "behind\n", "behind\n"]);
});

/** Node's modules that were compiled anew, and those that were not, in the process or thread that runs this. */
const usage = `
const usage = require("internal/test/binding").internalBinding("builtins").getCacheUsage();
const own = ["internal/util/colors", "internal/test/binding"];
const of = (names) => [...names].filter((name) => !own.includes(name));
const told = JSON.stringify({ anew: of(usage.compiledWithoutCache), kept: of(usage.compiledWithCache) });
`;
const isUsageTold = spawnSync(process.execPath, ["--expose-internals", "--no-warnings", "-e", usage]).status === 0;

describe.skipIf(!built || !isUsageTold)("Node's own modules are loaded in their compiled form", () => {
  const internals = ["--expose-internals", "--no-warnings"];

  test("by a command", () => {
    writeFileSync(join(folder, "usage.cjs"), `process.on("exit", () => { ${usage} console.error(told); });`);
    const args = ["image", "--input", "image.tar", "--db", "db.plimsoll", "--offline", "--quiet"];
    const { stderr } = spawnSync(process.execPath, [...internals, "-r", join(folder, "usage.cjs"), program, ...args], {
      encoding: "utf8",
      cwd: folder,
      env: { HOME: folder, PLIMSOLL_CACHE_DIR: join(folder, "cache") },
    });
    const { anew, kept } = JSON.parse(stderr) as { anew: string[]; kept: string[] };

    expect(kept).toContain("fs/promises");
    expect(anew).toEqual([]);
  });

  test("by a thread", () => {
    const start = fileURLToPath(new URL("../../../plimsoll/dist/program/start.js", import.meta.url));
    const starts = mkdtempSync(join(folder, "threads-"));
    writeFileSync(
      join(starts, "main.js"),
      'const threads = require("node:worker_threads"); new threads.Worker(`${__dirname}/thread.cjs`);',
    );
    writeFileSync(
      join(starts, "thread.cjs"),
      `require(${JSON.stringify(start)}).start(__dirname, "part.js", { threadOf: "main.js" });`,
    );
    writeFileSync(join(starts, "part.js"), `require("node:crypto").createHash; ${usage} process._rawDebug(told);`);
    const run = `require(${JSON.stringify(start)}).start(${JSON.stringify(starts)}, "main.js");`;
    const { stderr } = spawnSync(process.execPath, [...internals, "-e", run], {
      encoding: "utf8",
      env: { HOME: folder, PLIMSOLL_CODE_CACHE: "off" },
    });
    const { anew, kept } = JSON.parse(stderr) as { anew: string[]; kept: string[] };

    expect(kept).toContain("crypto");
    expect(anew).toEqual([]);
  });
});

test("flags take turns while threads mark their heaps", () => {
  const flags = flagsFor(Number.parseInt(process.versions.v8, 10));
  const tuned = flags.map((flag) => flag.tuned).join(" ");
  const byBit = flags.flatMap(({ usual }) => (usual.includes("marking") ? [usual] : [])).join(" ");
  writeFileSync(
    join(folder, "turns.cjs"),
    `const { Worker, isMainThread } = require("node:worker_threads");
const { setFlagsFromString } = require("node:v8");
const [tuned, own] = ${JSON.stringify([tuned, `${tuned} ${byBit}`])};
if (isMainThread) new Worker(__filename, { resourceLimits: { maxYoungGenerationSizeMb: 6 } });
let kept = [];
let turns = 0;
(function turn() {
  for (let at = 0; at < 2000; at++) kept.push({ at: [at, turns], text: "x" + at + turns, map: new Map([[at, {}]]) });
  if (kept.length > 200_000) kept = kept.filter((_, at) => at % 3 > 0);
  setFlagsFromString(tuned);
  for (let at = 0; at < 2000; at++) kept.push([at, { turns }]);
  setFlagsFromString(own);
  if (++turns < 80) setImmediate(turn);
})();`,
  );
  const { status, signal } = spawnSync(process.execPath, [join(folder, "turns.cjs")]);

  expect({ status, signal }).toEqual({ status: 0, signal: null });
  // The engine seldom crashes within a second: these are those with which it can.
  expect(tuned).not.toMatch(/--no-(?:incremental|concurrent|parallel)-marking/);
});

test.skipIf(!built)("fingerprints are the same by whatever code the program hashes them", () => {
  const ids = Array.from({ length: 50 }, (_, index) => `GHSA-${index}`);
  buildStore("many", ids);
  const args = ["sbom", "bom.json", "--db", "many.plimsoll", "--offline", "--quiet", "--format", "json"];
  const loaded = load([...args, "--output", "many.json"]);
  const { vulnerabilities } = JSON.parse(readFileSync(join(folder, "many.json"), "utf8")) as {
    vulnerabilities: { id: string; fingerprint: string }[];
  };

  expect(loaded.builtins).toContain("crypto");
  expect(vulnerabilities.map(({ id, fingerprint }) => [id, fingerprint]).sort()).toEqual(
    ids.map((id) => [id, fingerprintOf("vulnerability", id, "npm", "package-1", undefined)]).sort(),
  );
});

test.skipIf(!built)(
  "files of the program hand over what they hold itself, not a function that is asked for it each time",
  () => {
    const files = fileURLToPath(new URL("../../../plimsoll/dist/program/", import.meta.url));
    const asked = readdirSync(files)
      .filter((name) => name.endsWith(".js"))
      .flatMap((name) => {
        const text = readFileSync(join(files, name), "latin1");
        return [...text.matchAll(/defineProperty\(exports,"\w+",\{enumerable:true,get:/g)].map(() => name);
      });

    // What something is assigned to later must be asked for.
    expect(asked.length).toBeLessThanOrEqual(5);
  },
);

test.skipIf(!built)("the program loads what is installed beside it, also when it runs from its compiled form", () => {
  const published = fileURLToPath(new URL("../../../plimsoll", import.meta.url));
  const copy = join(folder, "node_modules", "plimsoll");
  for (const part of ["bin", join("dist", "program")])
    cpSync(join(published, part), join(copy, part), {
      recursive: true,
      filter: (path) => basename(path) !== "compiled",
    });
  const server = join(folder, "node_modules", "@plimsoll", "server");
  mkdirSync(server, { recursive: true });
  writeFileSync(
    join(server, "package.json"),
    '{ "name": "@plimsoll/server", "type": "module", "exports": { "./program": "./index.js" } }',
  );
  writeFileSync(
    join(server, "index.js"),
    `export const logLevels = ["info"];
    export const layerStoreAt = () => undefined;
    export const createLog = () => ({ info() {} });
    export const sealingKeyIn = () => new Uint8Array(32);
    export async function serve({ listen }) { console.log("served on " + listen); }`,
  );

  for (const start of ["the first", "the second", "the third"]) {
    const { stdout, stderr } = spawnSync(process.execPath, [join(copy, "bin", "plimsoll.js"), "serve"], {
      encoding: "utf8",
      env: { HOME: folder, PLIMSOLL_CACHE_DIR: join(folder, "cache") },
    });
    expect({ stdout, stderr }, `${start} start`).toEqual({ stdout: "served on 127.0.0.1:6060\n", stderr: "" });
  }
});
