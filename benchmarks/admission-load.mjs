// The webhook under load: reviews at a fixed rate against 50 templates. As many processes serve as there are cores, like the replicas of a
// Deployment, and the generator has a process of its own.
//
//   node benchmarks/admission-load.mjs [--rate 500] [--seconds 20] [--templates 50] [--workers CORES]
import { fork } from "node:child_process";
import cluster from "node:cluster";
import { Agent, createServer, request } from "node:http";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: flags } = parseArgs({
  options: {
    rate: { type: "string", default: "500" },
    seconds: { type: "string", default: "20" },
    templates: { type: "string", default: "50" },
    workers: { type: "string", default: String(availableParallelism()) },
    role: { type: "string", default: "parent" },
    port: { type: "string" },
  },
});
/** Reviews of a process after which its times and memory count. */
const warmUp = 500;
const [rate, seconds, count] = [flags.rate, flags.seconds, flags.templates].map(Number);
const roles = { parent, server: cluster.isWorker ? worker : server, generator };
await roles[flags.role]();

/** Starts both and tells what they measured. */
async function parent() {
  const self = fileURLToPath(import.meta.url);
  const given = ["rate", "seconds", "templates", "workers"].flatMap((name) => [`--${name}`, flags[name]]);
  const served = fork(self, ["--role", "server", ...given]);
  const { port, compiled } = await once(served);
  console.log(
    `${count} templates compiled in ${compiled} ms of processor time; ${rate} reviews a second for ${seconds} s, ${flags.workers} processes`,
  );
  const asked = fork(self, ["--role", "generator", "--port", String(port), ...given]);
  const { sent, failed, denied, percentiles } = await once(asked);
  served.send("report");
  const { processor, before, after } = await once(served);
  served.kill();
  console.log(`${sent} answered, ${denied} denied, ${failed} failed`);
  console.log(`p50 ${percentiles.p50} ms, p99 ${percentiles.p99} ms (50 asked), worst ${percentiles.worst} ms`);
  console.log(
    `server: ${processor} ms of processor time for each 1,000 reviews; memory ${before} MB at first, ${after} MB at the end, all processes`,
  );
  if (failed > 0) process.exitCode = 1;
}

function once(child) {
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code) => reject(new Error(`a process ended with ${code}`)));
  });
}

/** Processes that share a port. */
async function server() {
  const workers = Array.from({ length: Number(flags.workers) }, () => cluster.fork());
  const [first] = await Promise.all(workers.map(once));
  process.send(first);
  process.on("message", async () => {
    const reports = Promise.all(workers.map(once));
    for (const one of workers) one.send("report");
    const all = await reports;
    const sum = (name) => all.reduce((total, one) => total + one[name], 0);
    const processor = Math.round((sum("spent") / Math.max(1, sum("counted"))) * 1_000);
    process.send({ processor, before: sum("before"), after: sum("after") });
  });
}

async function worker() {
  const { admissionAnswers, preparePolicies, verdictCache } = await import("@plimsoll/admission");
  const started = process.cpuUsage();
  const policies = await preparePolicies(Array.from({ length: count }, (_, index) => policy(index)).flat());
  const compiled = milliseconds(process.cpuUsage(started));
  const answerTo = admissionAnswers({ evidenceFor: () => ({ policies }), cache: verdictCache(1_000) });
  let [reviews, before, from] = [0, 0, process.cpuUsage()];
  const listening = createServer((incoming, outgoing) => {
    if (++reviews === warmUp) [before, from] = [rss(), process.cpuUsage()];
    const parts = [];
    incoming.on("data", (part) => parts.push(part));
    incoming.on("end", async () => {
      const { status, contentType, body } = await answerTo(Buffer.concat(parts).toString());
      outgoing.writeHead(status, { "content-type": contentType });
      outgoing.end(body);
    });
  });
  listening.listen(0, "127.0.0.1", () => process.send({ port: listening.address().port, compiled }));
  process.on("message", () => {
    process.send({ spent: milliseconds(process.cpuUsage(from)), counted: reviews - warmUp, before, after: rss() });
  });
}

/** MB that this process holds. */
function rss() {
  return Math.round(process.memoryUsage().rss / 1e6);
}

function milliseconds({ user, system }) {
  return Math.round((user + system) / 1000);
}

async function generator() {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const times = [];
  let [sent, failed, denied, waiting] = [0, 0, 0, 0];
  const started = performance.now();
  const ask = (index) => {
    waiting += 1;
    const before = performance.now();
    const asked = request({ host: "127.0.0.1", port: flags.port, method: "POST", path: "/", agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("end", () => {
        times.push(performance.now() - before);
        sent += 1;
        waiting -= 1;
        if (response.statusCode !== 200) failed += 1;
        else if (!JSON.parse(text).response.allowed) denied += 1;
      });
    });
    asked.on("error", () => {
      failed += 1;
      waiting -= 1;
    });
    asked.end(review(index));
  };
  let index = 0;
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(rate * seconds, Math.floor(((performance.now() - started) / 1000) * rate));
      while (index < due) ask(index++);
      if (index >= rate * seconds && waiting === 0) {
        clearInterval(timer);
        resolve();
      }
    }, 2);
  });
  // The first seconds are the engine's, which compiles what is hot.
  const warm = times.slice(Math.min(times.length / 4, rate * 2)).sort((a, b) => a - b);
  const at = (share) => Math.round(warm[Math.min(warm.length - 1, Math.floor(warm.length * share))] * 10) / 10;
  process.send({ sent, failed, denied, percentiles: { p50: at(0.5), p99: at(0.99), worst: at(1) } });
  agent.destroy();
  process.disconnect();
}

function policy(index) {
  const kind = `Policy${index}`;
  const rego = `package policy${index}
violation[{"msg": msg, "details": {"container": c.name}}] {
  c := input.review.object.spec.containers[_]
  not allowed(c.image)
  msg := sprintf("container <%v> has the image <%v>", [c.name, c.image])
}
violation[{"msg": msg}] {
  required := input.parameters.labels[_]
  not input.review.object.metadata.labels[required]
  msg := sprintf("the label <%v> is missing", [required])
}
allowed(image) { startswith(image, input.parameters.repos[_]) }
`;
  return [
    {
      apiVersion: "templates.gatekeeper.sh/v1",
      kind: "ConstraintTemplate",
      metadata: { name: kind.toLowerCase() },
      spec: { crd: { spec: { names: { kind } } }, targets: [{ target: "admission.k8s.gatekeeper.sh", rego }] },
    },
    {
      apiVersion: "constraints.gatekeeper.sh/v1beta1",
      kind,
      metadata: { name: "all" },
      spec: {
        match: { kinds: [{ apiGroups: [""], kinds: ["Pod"] }] },
        parameters: { repos: ["registry.example/", `mirror-${index}.example/`], labels: ["app"] },
      },
    },
  ];
}

function review(index) {
  const image = index % 50 === 0 ? "docker.io/library/nginx:1" : `registry.example/app:${index % 997}`;
  const containers = Array.from({ length: 1 + (index % 3) }, (_, at) => ({ name: `c${at}`, image }));
  const metadata = { name: `pod-${index}`, namespace: "shop", labels: { app: "app" } };
  const object = { apiVersion: "v1", kind: "Pod", metadata, spec: { containers } };
  const kind = { group: "", version: "v1", kind: "Pod" };
  const resource = { group: "", version: "v1", resource: "pods" };
  const request = {
    uid: `u${index}`,
    kind,
    resource,
    name: metadata.name,
    namespace: "shop",
    operation: "CREATE",
    object,
  };
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
}
