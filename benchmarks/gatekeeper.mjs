// Gatekeeper's policies beside `gator`: the published library over 1,000 objects, one object against all of it, and 10,000 constraints.
//
//   node benchmarks/gatekeeper.mjs LIBRARY [--gator PATH]     a folder of ConstraintTemplates, or a table of suites in JSON beside their templates
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { formatYaml } from "@plimsoll/formats";
import { loadPolicies, readObjects, testObjects } from "@plimsoll/gatekeeper";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { gator: { type: "string", default: "gator" } },
});
const [library] = positionals;
if (library === undefined) throw new Error("name a folder of ConstraintTemplates, or a table of suites");

/** Milliseconds of processor time that work takes. */
function measured(work) {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, milliseconds: (user + system) / 1000 };
}

const { templates, constraints } = statSync(library).isDirectory() ? fromFolder(library) : fromTable(library);
const objects = Array.from({ length: 1000 }, (_, index) => workload(index));
console.log(`${templates.length} templates, ${constraints.length} constraints, ${objects.length} objects`);

const loading = measured(() => loadPolicies([...templates, ...constraints]));
const policies = loading.value;
console.log(`loading: ${loading.milliseconds.toFixed(0)} ms of processor time`);
for (const { kind, name, message } of policies.problems) console.log(`  not in force: ${kind} ${name}: ${message}`);

// Neighbours on the same cores make what is measured longer: of many short rounds the least has the fewest of them.
const rounds = Array.from({ length: 50 }, (_, round) => objects.slice((round % 5) * 200, (round % 5) * 200 + 200));
for (const part of rounds.slice(0, 15)) reviewed(part);
const single = rounds.map((part) => measured(() => reviewed(part)).milliseconds / part.length);
console.log(`one object against all, warm: ${spread(single)} (1 asked)`);
const together = rounds.map(
  (part) =>
    measured(() => Array.from(policies.reviewEach(part.map((object) => ({ object, options: { inventory: objects } })))))
      .milliseconds / part.length,
);
console.log(`an object among many against all, warm: ${spread(together)}`);

const many = Array.from({ length: 10_000 }, (_, index) => {
  const constraint = structuredClone(constraints[index % constraints.length]);
  constraint.metadata = { ...constraint.metadata, name: `constraint-${index}` };
  return constraint;
});
const loaded = measured(() => loadPolicies([...templates, ...many]));
console.log(`10,000 constraints are loaded in ${(loaded.milliseconds / 1000).toFixed(2)} s (5 asked)`);

const whole = measured(() => testObjects([...templates, ...constraints, ...objects]));
console.log(
  `policy test: ${(whole.milliseconds / 1000).toFixed(2)} s, ${whole.value.length} violations, ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
);
beside();

function reviewed(part) {
  for (const object of part) policies.reviewStrictly(object, { inventory: objects });
}

function spread(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return `${sorted[0].toFixed(2)} ms at best, ${sorted[sorted.length >> 1].toFixed(2)} ms median`;
}

/** The same files through gator, where it is there. */
function beside() {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-gator-"));
  try {
    writeFileSync(join(folder, "all.yaml"), [...templates, ...constraints, ...objects].map(formatYaml).join("---\n"));
    const timed = spawnSync("/usr/bin/time", ["-f", "%U %S %M", flags.gator, "test", "-f", folder, "-o", "json"], {
      encoding: "utf8",
      maxBuffer: 2 ** 30,
    });
    if (timed.error !== undefined || timed.status === 127) return console.log("gator is not there: no ratio");
    const [user, system, memory] = timed.stderr.trim().split("\n").at(-1).split(" ").map(Number);
    const seconds = user + system;
    console.log(
      `gator test: ${seconds.toFixed(2)} s, ${JSON.parse(timed.stdout || "[]")?.length ?? 0} violations, ${(memory / 1000).toFixed(0)} MB`,
    );
    const ours = spawnSync(
      "/usr/bin/time",
      ["-f", "%U %S %M", "npx", "plimsoll", "policy", "test", folder, "-o", "json"],
      {
        encoding: "utf8",
        maxBuffer: 2 ** 30,
      },
    );
    const [ourUser, ourSystem, ourMemory] = ours.stderr.trim().split("\n").at(-1).split(" ").map(Number);
    console.log(
      `plimsoll policy test: ${(ourUser + ourSystem).toFixed(2)} s, ${JSON.parse(ours.stdout || "[]").length} violations, ${(ourMemory / 1000).toFixed(0)} MB`,
    );
    console.log(`ratio of processor time: ${((ourUser + ourSystem) / seconds).toFixed(2)} (0.5 asked)`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fromFolder(folder) {
  const documents = readdirSync(folder, { recursive: true })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .flatMap((name) => {
      try {
        return readObjects(readFileSync(join(folder, name), "utf8"), name);
      } catch {
        return [];
      }
    });
  return chosen(
    documents.filter((each) => each?.kind === "ConstraintTemplate"),
    documents.filter((each) => each?.apiVersion?.startsWith("constraints.gatekeeper.sh/")),
  );
}

function fromTable(table) {
  const rows = JSON.parse(readFileSync(table, "utf8"));
  const files = [...new Set(rows.map(({ template }) => template))];
  return chosen(
    files.map((file) => readObjects(readFileSync(join(dirname(table), file), "utf8"), file)[0]),
    rows.map(({ constraint }) => readObjects(constraint, "constraint")[0]),
  );
}

/** One of each kind of template, and each constraint once. */
function chosen(someTemplates, someConstraints) {
  const byKind = new Map(someTemplates.map((each) => [each.spec.crd.spec.names.kind, each]));
  const byName = new Map();
  for (const each of someConstraints)
    if (byKind.has(each.kind)) byName.set(`${each.kind}/${JSON.stringify(each.spec)}`, each);
  const constraints = [...byName.values()].map((each, index) => ({
    ...each,
    metadata: { ...each.metadata, name: `${each.metadata.name}-${index}` },
  }));
  return { templates: [...byKind.values()], constraints };
}

function workload(index) {
  const containers = Array.from({ length: 1 + (index % 3) }, (_, at) => ({
    name: `c${at}`,
    image: index % 2 === 0 ? "nginx:latest" : "registry.example/app@sha256:0",
    securityContext: {
      privileged: index % 11 === 0,
      runAsUser: index % 3,
      capabilities: { add: index % 4 === 0 ? ["NET_ADMIN"] : [] },
    },
    resources: { limits: { cpu: "100m", memory: "1Gi" }, requests: { cpu: "100m", memory: "1Gi" } },
    volumeMounts: [{ name: "v", mountPath: "/v" }],
  }));
  const metadata = {
    name: `object-${index}`,
    namespace: "default",
    labels: { app: `app-${index % 7}` },
    annotations: {},
  };
  const spec = { hostNetwork: index % 5 === 0, containers, volumes: [{ name: "v", emptyDir: {} }] };
  if (index % 4 === 0)
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: index % 5,
        selector: { matchLabels: metadata.labels },
        template: { metadata: { labels: metadata.labels }, spec },
      },
    };
  if (index % 10 === 1)
    return {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata,
      spec: { rules: [{ host: `h${index}.example` }] },
    };
  if (index % 10 === 3)
    return {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { type: index % 20 === 3 ? "NodePort" : "ClusterIP", ports: [{ port: 80 }] },
    };
  return { apiVersion: "v1", kind: "Pod", metadata, spec };
}
