// Holds `plimsoll policy test` against `gator test` over generated objects: the same violations of the same constraints in the same objects.
//
//   npm run gator-differential -- LIBRARY [--gator PATH] [--objects 2000] [--seed 1]
//
// LIBRARY is a folder of ConstraintTemplates and constraints, or a table of suites in JSON beside its templates. Ends with 1 where they differ.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { formatYaml } from "@plimsoll/formats";
import { readObjects, testObjects } from "@plimsoll/gatekeeper";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gator: { type: "string", default: "gator" },
    objects: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
  },
});
const [library] = positionals;
if (library === undefined) throw new Error("name a folder of templates and constraints, or a table of suites");

let state = Number(flags.seed) * 2654435761 || 1;
/** A whole number below a bound, from xorshift: the same ones for the same seed. */
function below(bound) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % bound;
}
const one = (list) => list[below(list.length)];
const maybe = (value) => (below(3) === 0 ? undefined : value());

const policies = statSync(library).isDirectory() ? fromFolder(library) : fromTable(library);
const objects = Array.from({ length: Number(flags.objects) }, (_, index) =>
  JSON.parse(JSON.stringify(workload(index))),
);
const folder = mkdtempSync(join(tmpdir(), "gator-differential-"));
try {
  const path = join(folder, "all.yaml");
  writeFileSync(path, [...policies, ...objects].map(formatYaml).join("---\n"));
  const theirs = spawnSync(flags.gator, ["test", "-f", path, "-o", "json"], { encoding: "utf8", maxBuffer: 2 ** 30 });
  if (theirs.error !== undefined) throw new Error(`${flags.gator} cannot be run: ${theirs.error.message}`);
  const asked = new Set(
    lines(JSON.parse(theirs.stdout || "[]") ?? [], ({ msg, constraint, violatingObject }) => [
      msg,
      constraint.kind,
      constraint.metadata.name,
      violatingObject,
    ]),
  );
  const ours = new Set(
    lines(testObjects([...policies, ...objects]), ({ message, constraint, object }) => [
      message,
      constraint.kind,
      constraint.name,
      object,
    ]),
  );
  const lost = [...asked].filter((line) => !ours.has(line));
  const invented = [...ours].filter((line) => !asked.has(line));
  for (const line of lost.slice(0, 20)) console.log(`only gator: ${line}`);
  for (const line of invented.slice(0, 20)) console.log(`only here:  ${line}`);
  console.log(
    `${objects.length} objects, ${asked.size} violations by gator, ${ours.size} here; ${lost.length} only there, ${invented.length} only here`,
  );
  process.exitCode = lost.length + invented.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function lines(violations, parts) {
  return violations.map((each) => {
    const [message, kind, name, object] = parts(each);
    return JSON.stringify([object.kind, object.metadata?.name, kind, name, message]);
  });
}

function fromFolder(path) {
  return readdirSync(path, { recursive: true })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .flatMap((name) => readObjects(readFileSync(join(path, name), "utf8"), name))
    .filter(
      ({ kind, apiVersion }) => kind === "ConstraintTemplate" || apiVersion.startsWith("constraints.gatekeeper.sh/"),
    );
}

/** Each template and each constraint of a table once; constraints get names of their own. */
function fromTable(table) {
  const rows = JSON.parse(readFileSync(table, "utf8"));
  const files = [...new Set(rows.map(({ template }) => template))];
  const templates = files.flatMap((file) => readObjects(readFileSync(join(dirname(table), file), "utf8"), file));
  const constraints = new Map(
    rows.map(({ constraint }) => readObjects(constraint, "constraint")[0]).map((each) => [JSON.stringify(each), each]),
  );
  const named = [...constraints.values()].map((each, index) => ({
    ...each,
    metadata: { name: `${each.metadata.name}-${index}` },
  }));
  return [...templates, ...named];
}

function workload(index) {
  const metadata = {
    name: `object-${index}`,
    namespace: one(["default", "shop", "kube-system"]),
    labels: maybe(() => ({ app: one(["a", "b"]), owner: maybe(() => one(["me.agilebank.demo", "you"])) })),
    annotations: maybe(() => ({ note: "x" })),
  };
  const container = (at) => ({
    name: `c${at}`,
    image: one(["nginx", "nginx:latest", "openpolicyagent/opa:0.9.2", "registry.example/app@sha256:00"]),
    ports: maybe(() => [{ containerPort: 80, hostPort: maybe(() => one([80, 9000])) }]),
    securityContext: maybe(() => ({
      privileged: maybe(() => below(2) === 0),
      allowPrivilegeEscalation: maybe(() => below(2) === 0),
      readOnlyRootFilesystem: maybe(() => below(2) === 0),
      runAsUser: maybe(() => one([0, 100, 250])),
      capabilities: maybe(() => ({ add: maybe(() => [one(["NET_ADMIN", "something"])]), drop: maybe(() => ["ALL"]) })),
    })),
    resources: maybe(() => ({
      limits: maybe(() => ({ cpu: one(["100m", "2", "0.5"]), memory: maybe(() => one(["1Gi", "512Mi", "2G"])) })),
      requests: maybe(() => ({ cpu: one(["100m", "1"]), memory: one(["1Gi", "100Mi"]) })),
    })),
    livenessProbe: maybe(() => ({ tcpSocket: { port: 80 } })),
    volumeMounts: maybe(() => [{ name: "v", mountPath: "/cache", readOnly: maybe(() => below(2) === 0) }]),
  });
  const spec = () => ({
    hostNetwork: maybe(() => below(2) === 0),
    hostPID: maybe(() => below(2) === 0),
    automountServiceAccountToken: maybe(() => below(2) === 0),
    containers: Array.from({ length: 1 + below(3) }, (_, at) => container(at)),
    initContainers: maybe(() => [container(9)]),
    volumes: maybe(() => [
      { name: "v", ...one([{ emptyDir: {} }, { hostPath: { path: one(["/tmp", "/foo/bar"]) } }]) },
    ]),
  });
  switch (below(6)) {
    case 0:
      return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata,
        spec: {
          replicas: below(60),
          selector: { matchLabels: { app: "a" } },
          template: { metadata: { labels: { app: "a" } }, spec: spec() },
        },
      };
    case 1:
      return {
        apiVersion: "v1",
        kind: "Service",
        metadata,
        spec: {
          type: one(["NodePort", "ClusterIP", "LoadBalancer"]),
          selector: { app: one(["a", "b"]) },
          externalIPs: maybe(() => ["203.0.113.0"]),
          ports: [{ port: 80 }],
        },
      };
    case 2:
      return {
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata,
        spec: {
          tls: maybe(() => [{ hosts: ["a.example"] }]),
          rules: [{ host: one(["a.example", "*.example", `h${index}.example`]) }],
        },
      };
    default:
      return { apiVersion: "v1", kind: "Pod", metadata, spec: spec() };
  }
}
