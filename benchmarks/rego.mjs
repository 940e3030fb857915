// Rego beside `opa`: the templates of a folder over 1,000 objects, and compiling 600 modules.
//
//   node benchmarks/rego.mjs TEMPLATES [--opa PATH]     a folder of ConstraintTemplates in YAML
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseYaml } from "@plimsoll/formats";
import { compileModules } from "@plimsoll/rego";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { opa: { type: "string", default: "opa" } },
});
const [folder] = positionals;
if (folder === undefined) throw new Error("name a folder of ConstraintTemplates");

const modules = [];
const packages = [];
for (const name of readdirSync(folder, { recursive: true })
  .filter((each) => each.endsWith(".yaml"))
  .sort()) {
  let template;
  try {
    [template] = parseYaml(readFileSync(join(folder, name), "utf8"));
  } catch {
    continue;
  }
  const [target] = template.spec.targets;
  const code = target.code?.find((each) => each.engine === "Rego")?.source;
  const rego = code?.rego ?? target.rego;
  // Libraries of one name would meet in one compilation.
  if (rego === undefined || (code?.libs ?? target.libs ?? []).length > 0) continue;
  modules.push({ path: `${modules.length}.rego`, text: rego });
  packages.push(/^\s*package\s+(\S+)/m.exec(rego)[1]);
}

const reviews = Array.from({ length: 1000 }, (_, index) => ({
  review: {
    kind: { group: "", version: "v1", kind: "Pod" },
    name: `pod-${index}`,
    namespace: "default",
    operation: "CREATE",
    object: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `pod-${index}`, labels: { app: `app-${index % 7}` }, annotations: {} },
      spec: {
        hostNetwork: index % 5 === 0,
        containers: Array.from({ length: 1 + (index % 3) }, (_, at) => ({
          name: `c${at}`,
          image: index % 2 === 0 ? "nginx:latest" : "registry.example/app@sha256:0",
          securityContext: { privileged: index % 11 === 0 },
          resources: { limits: { cpu: "100m", memory: "1Gi" } },
        })),
      },
    },
  },
  parameters: { repos: ["registry.example/"], labels: [{ key: "app" }], cpu: "200m", memory: "512Mi" },
}));

const temporary = mkdtempSync(join(tmpdir(), "rego-benchmark-"));
function median(times) {
  return [...times].sort((a, b) => a - b)[times.length >> 1];
}
function processorTime(run) {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
function opa(...args) {
  const started = performance.now();
  const { status, error, stderr } = spawnSync("bash", ["-c", 'time "$0" "$@" >/dev/null', flags.opa, ...args], {
    encoding: "utf8",
  });
  if (error !== undefined || status === 127) return undefined;
  const seconds = (word) => {
    const [, minutes, rest] = new RegExp(`${word}\\s+(\\d+)m([\\d.]+)s`).exec(stderr) ?? [];
    return Number(minutes) * 60_000 + Number(rest) * 1000;
  };
  return { wall: performance.now() - started, processor: seconds("user") + seconds("sys") };
}
/** Milliseconds of one evaluation by `opa bench`, which is warm as ours is. */
function opaBench(...args) {
  const { stdout, status } = spawnSync(flags.opa, ["bench", "--v0-compatible", "--format", "json", ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) return undefined;
  const { N, T } = JSON.parse(stdout);
  return T / N / 1e6;
}

try {
  // One query over all objects, so that both sides start once.
  const collector = `package all\nresults[i] = found { review := input.reviews[i]; found := {p: v | v := data.picked[p].violation with input as review} }\n`;
  const renamed = modules.map(({ path, text }, index) => ({
    path,
    text: text.replace(/^(\s*package\s+)\S+/m, `$1picked.t${index}`),
  }));
  const all = [...renamed, { path: "all.rego", text: collector }];
  for (const { path, text } of all) writeFileSync(join(temporary, path), text);
  writeFileSync(join(temporary, "input.json"), JSON.stringify({ reviews }));
  const policies = compileModules(all, { regoVersion: "v0" });
  const limits = { steps: 1e12, milliseconds: 600_000, bytes: 1e12 };
  const evaluate = () => policies.query("data.all.results", { input: { reviews }, limits });
  evaluate();
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now();
    evaluate();
    return performance.now() - started;
  });
  const ours = median(times);
  const theirs = opa(
    "eval",
    "--v0-compatible",
    "-d",
    temporary,
    "-i",
    join(temporary, "input.json"),
    "data.all.results",
  );
  const bench = opaBench("-d", temporary, "-i", join(temporary, "input.json"), "data.all.results");
  process.stdout.write(`${modules.length} templates over ${reviews.length} objects: ${ours.toFixed(0)} ms warm`);
  process.stdout.write(
    theirs === undefined
      ? " (no opa)\n"
      : `; opa eval ${theirs.wall.toFixed(0)} ms: ratio ${(ours / theirs.wall).toFixed(2)}\n`,
  );
  if (bench !== undefined)
    process.stdout.write(
      `the same by opa bench, without reading and compiling: ${bench.toFixed(0)} ms: ratio ${(ours / bench).toFixed(2)}\n`,
    );

  const many = Array.from({ length: 600 }, (_, index) => {
    const { text } = modules[index % modules.length];
    return { path: `m${index}.rego`, text: text.replace(/^(\s*package\s+)\S+/m, `$1many.m${index}`) };
  });
  const checked = join(temporary, "many");
  spawnSync("mkdir", [checked]);
  for (const { path, text } of many) writeFileSync(join(checked, path), text);
  // Warm, as a server or a watcher is that compiles again and again.
  for (let run = 0; run < 4; run++) compileModules(many, { regoVersion: "v0" });
  const compiled = median(
    Array.from({ length: 3 }, () => processorTime(() => compileModules(many, { regoVersion: "v0" }))),
  );
  const check = opa("check", "--v0-compatible", checked);
  process.stdout.write(`600 modules compiled, warm: ${compiled.toFixed(0)} ms of processor time`);
  process.stdout.write(
    check === undefined
      ? " (no opa)\n"
      : `; opa check ${check.processor.toFixed(0)} ms: ratio ${(compiled / check.processor).toFixed(2)}\n`,
  );
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
