// Configurations: 1,000 Deployments of 4 KB, 10,000 of 30 KB one by one, one document again, and the workload audit; beside `trivy` and
// `kubeaudit` where they are there. Times are of the processor, of whole processes where there is something to compare with.
//
//   node benchmarks/configs.mjs [--trivy PATH] [--kubeaudit PATH]
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runChecks } from "@plimsoll/checks";
import { readConfigs } from "@plimsoll/configs";

const { values: tools } = parseArgs({
  options: {
    trivy: { type: "string", default: "trivy" },
    kubeaudit: { type: "string", default: "kubeaudit" },
  },
});
const program = fileURLToPath(new URL("../packages/plimsoll/dist/program/main.js", import.meta.url));

function deployment(index, variables) {
  const env = Array.from(
    { length: variables },
    (_, at) => `        - name: VAR_${at}\n          value: "value-${index}-${at}-xxxxxxxxxxxxxxxxxxxx"\n`,
  ).join("");
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${index}
  namespace: ns-${index % 20}
spec:
  replicas: 2
  selector:
    matchLabels: {app: web-${index}}
  template:
    metadata:
      labels: {app: web-${index}}
    spec:
      containers:
      - name: web
        image: registry.example.com/web:1.${index}
        env:
        - name: A
          value: b
${env}        resources:
          limits: {cpu: 500m, memory: 128Mi}
      - name: side
        image: registry.example.com/side
        securityContext:
          privileged: true
`;
}

/** Processor time in seconds and peak memory in MB of a program. */
function measured(command, args) {
  const run = spawnSync("/usr/bin/time", ["-f", "%U %S %M", command, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  const match = /([\d.]+) ([\d.]+) (\d+)\n$/.exec(run.stderr ?? "");
  if (match === null) return undefined;
  return { seconds: Number(match[1]) + Number(match[2]), memory: Number(match[3]) / 1024 };
}

function told({ seconds, memory }) {
  return `${seconds.toFixed(2)} s of the processor, ${memory.toFixed(0)} MB`;
}

function compare(name, ours, tool, args, wanted) {
  const own = measured(process.execPath, [program, ...ours]);
  if (own === undefined) {
    console.log(`${name}: skipped, /usr/bin/time is not there`);
    return;
  }
  console.log(`${name}: ${told(own)}`);
  const other = spawnSync(tool, ["--help"]).error === undefined ? measured(tool, args) : undefined;
  if (other === undefined) console.log(`${name} beside ${tool}: skipped, it is not there`);
  else
    console.log(
      `${name} beside ${tool} (${told(other)}): time ${(own.seconds / other.seconds).toFixed(2)}, memory ${(own.memory / other.memory).toFixed(2)} (wanted: ${wanted})`,
    );
}

const folder = mkdtempSync(join(tmpdir(), "plimsoll-configs-"));
try {
  const small = join(folder, "small");
  mkdirSync(small);
  for (let index = 0; index < 1000; index++) writeFileSync(join(small, `${index}.yaml`), deployment(index, 56));
  compare(
    "config of 1,000 Deployments of 4 KB",
    ["config", small, "--quiet"],
    tools.trivy,
    ["config", small, "--quiet"],
    "time 0.1, memory 0.2",
  );
  for (const [count, wanted] of [
    [1000, "time 1.0"],
    [10_000, "time 0.5"],
  ]) {
    const file = join(folder, `${count}.yaml`);
    writeFileSync(file, Array.from({ length: count }, (_, index) => deployment(index, 0)).join("---\n"));
    compare(
      `audit of ${count} Deployments`,
      ["audit", file, "-m", "error"],
      tools.kubeaudit,
      ["all", "-f", file, "-m", "error"],
      wanted,
    );
  }

  const path = "deployment.yaml";
  const again = (text) => runChecks(readConfigs([{ path, text }]).documents);
  for (let index = 0; index < 50; index++) again(deployment(index, 56));
  const times = Array.from({ length: 101 }, (_, index) => {
    const text = deployment(index, 56);
    const before = process.cpuUsage();
    again(text);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }).sort((a, b) => a - b);
  console.log(`one document of 4 KB checked again: ${times[50].toFixed(2)} ms of the processor (wanted: 5)`);

  const perDocument = (count) => {
    const before = process.cpuUsage();
    for (let index = 0; index < count; index++) again(deployment(index, 420));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / count;
  };
  const [few, many] = [perDocument(1000), perDocument(10_000)];
  const memory = process.resourceUsage().maxRSS / 1024;
  console.log(
    `10,000 documents of 30 KB: ${many.toFixed(2)} ms each, ratio to 1,000 of them ${(many / few).toFixed(2)} (wanted: 1), ${memory.toFixed(0)} MB at most (wanted: 1024)`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
