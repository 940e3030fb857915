// `npm run mutation [-- GROUP…] [--only TEXT] [--again]`: changes the rules one at a time and counts the changes that no test of their own package notices.
// The mutants are Stryker's; they are tried in one process, each behind a switch, since a process for each would take days (decision 0245). Fails
// where a group has less than 85 % killed, a survivor without a reason in `mutation/known-survivors.mjs`, or an entry there without a survivor. A group that is tried whole writes its page of
// docs/generated/mutants. `--only` tries files whose path has a text in it; `--again` what the last whole run left, for those who add tests.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { countLoops } from "./mutation/count-loops.mjs";
import { isNoticed, judgeSurvivors, verdictOf } from "./mutation/judge-survivors.mjs";
import { noteOutcomes } from "./mutation/note-outcomes.mjs";
import { groups } from "./mutation/groups.mjs";
import { knownSurvivors } from "./mutation/known-survivors.mjs";
import { mutationPage } from "./mutation/mutation-page.mjs";
import { root, run, say } from "./steps.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, again: { type: "boolean" } },
});
const wanted = groups.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
if (wanted.length < new Set(positionals).size || wanted.length === 0) {
  say(`There are the groups ${groups.map(({ id }) => id).join(", ")}.`);
  process.exit(2);
}

if (!existsSync(join(root, "../shared/conformance")))
  say("../shared/conformance not found: its tables are skipped, and what they alone notice survives");

const config = "packages/testkit/tasks/mutation/vitest.config.mjs";
const home = join(root, "node_modules/.cache/plimsoll-mutation");
const pages = join(root, "docs/generated/mutants");

/** Seconds without a word after which a mutant counts as one that hangs. */
const silence = 180;

/** The same before the first word, while all tests run without a mutant. */
const beforeTheFirst = 1800;

const folder = mkdtempSync(join(tmpdir(), "plimsoll-mutation-"));
const folders = new Set([folder]);
const children = new Set();
process.on("exit", () => {
  for (const { pid } of children) process.kill(-pid, "SIGKILL");
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130));

const packages = join(root, "packages");
const loads = new Map();
const paths = readdirSync(packages, { withFileTypes: true })
  .filter((entry) => existsSync(join(packages, entry.name, "src")))
  .flatMap(({ name }) =>
    readdirSync(join(packages, name, "src"), { recursive: true, encoding: "utf8" }).map(
      (path) => `${name}/src/${path.replaceAll("\\", "/")}`,
    ),
  )
  .sort();
const { instrumenter, parse } = await loadInstrumenter();
const results = [];
for (const group of wanted) {
  const result = await tryGroup(group);
  results.push(result);
  if (values.only !== undefined) continue;
  mkdirSync(pages, { recursive: true });
  writeFileSync(join(pages, `${group.id}.md`), mutationPage(result));
}
process.exitCode = results.every(({ problems }) => problems.length === 0) ? 0 : 1;

/** Stryker's instrumenter and the parser it uses, in a folder of their own: with seventy packages they are no part of the workspace. */
async function loadInstrumenter() {
  const entry = join(home, "node_modules/@stryker-mutator/instrumenter/dist/src/index.js");
  if (!existsSync(entry)) {
    mkdirSync(home, { recursive: true });
    const pinned = { private: true, dependencies: { "@stryker-mutator/instrumenter": "9.2.0" } };
    writeFileSync(join(home, "package.json"), JSON.stringify(pinned));
    const status = run("npm", ["install", "--prefix", home, "--ignore-scripts", "--no-audit", "--no-fund"]);
    if (status !== 0) process.exit(status);
  }
  const { Instrumenter } = await import(pathToFileURL(entry).href);
  return {
    instrumenter: new Instrumenter({ debug() {}, info() {}, warn: say, isDebugEnabled: () => false }),
    parse: createRequire(entry)("@babel/parser").parse,
  };
}

/** All mutants of a group with what became of each. */
async function tryGroup(group) {
  const started = performance.now();
  const files = paths
    .filter((path) => group.mutate.test(path) && /(?<!\.(?:test|fuzz|d))\.ts$/.test(path))
    .filter((path) => values.only === undefined || path.includes(values.only))
    .map((path) => ({ name: join(packages, path), content: readFileSync(join(packages, path), "utf8"), mutate: true }));
  const tests = paths
    .filter((path) => group.tests.test(path) && path.endsWith(".test.ts"))
    .map((path) => `packages/${path}`);
  const { files: changed, mutants } = await instrumenter.instrument(files, {
    ignorers: [],
    excludedMutations: [],
    plugins: null,
  });
  const sources = join(folder, `${group.id}.sources.json`);
  const texts = new Map(sourcesBeside(files).map((path) => [path, readFileSync(path, "utf8")]));
  for (const { name, content } of changed) texts.set(name, content);
  for (const { file, from, to } of group.adjusted ?? []) {
    const path = join(packages, file);
    const text = texts.get(path) ?? readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} has no longer ${from}`);
    texts.set(
      path,
      text.replace(from, () => to),
    );
  }
  writeFileSync(
    sources,
    JSON.stringify(Object.fromEntries([...texts].map(([path, text]) => [path, countLoops(text, parse)]))),
  );
  say(`${group.id}: ${mutants.length} mutants of ${files.length} files, ${tests.length} files of tests`);

  const contents = new Map(files.map(({ name, content }) => [name, content]));
  const outcomes = new Map(values.again === true ? noticedBefore(group.id, mutants, contents) : []);
  const ids = mutants.map(({ id }) => id).filter((id) => !outcomes.has(id));
  const fresh = await tryTogether({ sources, tests, id: group.id, leaveOut: group.leaveOut?.source }, ids, outcomes);
  const fileOf = new Map(mutants.map(({ id, fileName }) => [id, fileName]));
  for (const each of fresh) if (each.files.length === 0) each.files = testsThatLoad(fileOf.get(each.id), tests);
  say(`${group.id}: ${outcomes.size} in ${minutesSince(started)}; ${fresh.length} are to hold from the first line on`);
  const all = () => mutants.map((each) => described(each, contents.get(each.fileName), outcomes.get(each.id)));
  const keep = (tried) => {
    if (values.only === undefined) writeFileSync(join(home, `${group.id}.json`), JSON.stringify(tried, undefined, 1));
  };
  // What a run that is ended early has found is not lost.
  keep(all());
  const mutated = packagesOf(files);
  await tryFromTheStart(
    { sources, tests, id: group.id, leaveOut: group.leaveOut?.source, packages: mutated },
    fresh,
    outcomes,
  );
  const { tried, stale } = judgeSurvivors(all(), knownSurvivors);
  keep(tried);
  // Of a part of the files it can't be said what is stale.
  const problems = verdictOf({ tried, stale: values.only === undefined ? stale : [] });
  for (const problem of problems) console.log(problem);
  const noticed = tried.filter(isNoticed).length;
  const share = `${((100 * noticed) / tried.length).toFixed(1)} %`;
  console.log(`${group.id}: ${noticed} of ${tried.length} noticed (${share}) in ${minutesSince(started)}`);
  return { title: group.title, tried, problems };
}

/** The outcomes of mutants that the last whole run noticed: with `--again` only the others are tried. */
function noticedBefore(group, mutants, contents) {
  const last = JSON.parse(readFileSync(join(home, `${group}.json`), "utf8"));
  return mutants.flatMap((mutant, at) => {
    const { status, file, line, from, to } = last[at] ?? {};
    const now = described(mutant, contents.get(mutant.fileName));
    const isSame = now.file === file && now.line === line && now.from === from && now.to === to;
    return isSame && isNoticed({ status }) ? [[mutant.id, { status }]] : [];
  });
}

/** All source files of the packages that some files are of: a mutant of one may keep a loop of another from ending. */
function sourcesBeside(files) {
  const mutated = packagesOf(files);
  return paths
    .filter((path) => mutated.includes(path.split("/")[0]) && /(?<!\.(?:test|fuzz|d))\.ts$/.test(path))
    .map((path) => join(packages, path));
}

/** The folders of the packages that some files are of. */
function packagesOf(files) {
  return [...new Set(files.map(({ name }) => relative(packages, name).split("/")[0]))];
}

/**
 * Those of some test files that load a file, by way of files of the same package; all where none does. The one beside it first, then those near it: they
 * are the likeliest to fail, and what comes behind a failure is skipped.
 */
function testsThatLoad(path, tests) {
  const all = tests.map((each) => join(root, each)).toSorted((a, b) => sharedLength(b, path) - sharedLength(a, path));
  const loading = all.filter((each) => loadedBy(each).has(path));
  return loading.length > 0 ? loading : all;
}

/** How many characters two paths begin with alike. */
function sharedLength(a, b) {
  const at = [...a].findIndex((character, index) => character !== b[index]);
  return at === -1 ? a.length : at;
}

/** The files that a file loads by relative paths, however far away. */
function loadedBy(path) {
  const known = loads.get(path);
  if (known !== undefined) return known;
  const loaded = new Set([path]);
  for (const each of loaded)
    for (const [, to] of readFileSync(each, "utf8").matchAll(/"(\.{1,2}\/[^"]+\.ts)"/g)) {
      const next = join(each, "..", to);
      if (existsSync(next)) loaded.add(next);
    }
  loads.set(path, loaded);
  return loaded;
}

/** Tries mutants in one process, or in several where one hangs or spoils what is remembered; gives those that can't be tried so. */
async function tryTogether({ sources, tests, id: group, leaveOut }, ids, outcomes) {
  const fresh = [];
  for (let left = ids; left.length > 0;) {
    const include = [...tests, "packages/testkit/tasks/mutation/try-mutants.mjs"];
    const { said, log } = await runTests({ sources, include, setup: "note-tests.mjs", leaveOut, ids: left });
    if (said.length === 0) throw new Error(`the tests of ${group} do not run: ${log}`);
    fresh.push(...said.filter((line) => line.fresh !== undefined));
    noteOutcomes(said, outcomes);
    const told = new Set(said.map(({ id }) => id));
    left = left.filter((id) => !told.has(id));
    if (left.length > 0) say(`${group}: ${left.length} left; ended at ${JSON.stringify(said.at(-1))}`);
  }
  return fresh;
}

/** Tries mutants that hold before any module is loaded: each has a file of its own that loads the tests anew. */
async function tryFromTheStart({ sources, tests, id: group, leaveOut, packages: mutated }, fresh, outcomes) {
  if (fresh.length === 0) return;
  const stubs = mkdtempSync(join(root, ".planted-mutants-"));
  folders.add(stubs);
  try {
    // The one without a mutant shows that the tests hold when they are loaded like this.
    const control = { id: "0-none", files: tests.map((path) => join(root, path)) };
    for (let left = [control, ...fresh]; left.length > 0;) {
      for (const { id, files } of left) {
        const loaded = files.map((path) => `import ${JSON.stringify(path)};\n`);
        writeFileSync(join(stubs, `${id}.test.mjs`), loaded.join(""));
      }
      const include = left.map(({ id }) => `${relative(root, stubs)}/${id}.test.mjs`);
      const { said, log, hangs } = await runTests({
        sources,
        include,
        setup: "switch-mutant.mjs",
        leaveOut,
        packages: mutated,
      });
      if (said.length === 0) throw new Error(`the tests of ${group} do not run: ${log}`);
      noteOutcomes(said, outcomes, hangs ? undefined : "killed");
      if (outcomes.get(control.id)?.status !== "survived")
        throw new Error(`the tests of ${group} fail without a mutant: ${log}`);
      const told = new Set(said.map(({ id }) => id));
      left = left.filter(({ id }) => !told.has(id));
    }
  } finally {
    rmSync(stubs, { recursive: true, force: true });
    folders.delete(stubs);
  }
}

/** Runs tests in a process of their own, which is ended when it has said nothing for too long; gives the lines that were said about mutants. */
function runTests(job) {
  const file = join(folder, "job.json");
  const output = join(folder, "said");
  writeFileSync(output, "");
  writeFileSync(file, JSON.stringify({ ...job, results: output }));
  const args = ["node_modules/vitest/vitest.mjs", "run", "--config", config, "--reporter=dot"];
  const compiled = ["--experimental.fsModuleCache", `--experimental.fsModuleCachePath=${join(folder, "compiled")}`];
  const child = spawn(process.execPath, [...args, ...compiled], {
    cwd: root,
    env: { ...process.env, PLIMSOLL_MUTATION_JOB: file },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  children.add(child);
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (log = (log + data).slice(-20_000)));
  let size = 0;
  let hangs = false;
  let quiet = 0;
  const timer = setInterval(() => {
    const now = statSync(output).size;
    quiet = now === size ? quiet + 1 : 0;
    size = now;
    if (quiet < (size === 0 ? beforeTheFirst : silence)) return;
    hangs = true;
    process.kill(-child.pid, "SIGKILL");
  }, 1000);
  return new Promise((resolve) => {
    child.on("close", () => {
      clearInterval(timer);
      children.delete(child);
      const said = readFileSync(output, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
      resolve({ said, hangs, log });
    });
  });
}

/** A mutant with the text that it changes. */
function described(mutant, content, outcome) {
  const lines = content.split("\n");
  const { start, end } = mutant.location;
  const from =
    start.line === end.line
      ? lines[start.line].slice(start.column, end.column)
      : [
          lines[start.line].slice(start.column),
          ...lines.slice(start.line + 1, end.line),
          lines[end.line].slice(0, end.column),
        ].join("\n");
  const file = mutant.fileName.slice(packages.length + 1);
  const oneLine = (text) => text.replaceAll(/\s+/g, " ").trim();
  return {
    file,
    line: start.line + 1,
    mutator: mutant.mutatorName,
    from: oneLine(from),
    to: oneLine(mutant.replacement),
    text: lines[start.line].trim(),
    status: outcome?.status ?? "not tried",
  };
}

function minutesSince(started) {
  return `${((performance.now() - started) / 60_000).toFixed(1)} minutes`;
}
