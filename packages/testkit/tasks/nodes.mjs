// Compares with real programs, where they are on PATH: the states of kube-bench on this host and on nodes that are made up
// (fake-node.mjs), and what a real etcd, API server and kubelet give away.
// npm run nodes -- [--config-dir FOLDER-OF-BENCHMARKS] [--benchmark ID] [--targets LIST]
import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fakeNodes, lackingForFakeNodes, onFakeNode } from "./fake-node.mjs";

const program = fileURLToPath(new URL("../../plimsoll/bin/plimsoll.js", import.meta.url));
const { values } = parseArgs({
  options: {
    "config-dir": {
      type: "string",
      default: fileURLToPath(new URL("../../../../shared/conformance/kube-bench/cfg", import.meta.url)),
    },
    benchmark: { type: "string", default: "cis-1.11" },
    targets: { type: "string", default: "master,etcd,controlplane,node" },
  },
});

let failed = false;
compareWithKubeBench();
await probeRealEtcd();
await probeRealKubernetes();
costOfHostileEndpoints();
process.exitCode = failed ? 1 : 0;

/** Every state of kube-bench must be ours, or ours must say that nobody knows. */
function compareWithKubeBench() {
  if (spawnSync("kube-bench", ["version"]).error !== undefined) {
    console.log("kube-bench is not on PATH: not compared");
    return;
  }
  compareOn("this host", (command, ...args) => spawnSync(command, args, { encoding: "utf8", maxBuffer: 256 << 20 }));
  const lacking = lackingForFakeNodes();
  if (lacking !== undefined) console.log(`${lacking}: no nodes are made up`);
  else
    for (const node of fakeNodes) compareOn(`the made-up node ${node}`, (...command) => onFakeNode(node, ...command));
}

function compareOn(where, run) {
  const asked = [
    "--config-dir",
    values["config-dir"],
    "--benchmark",
    values.benchmark,
    "--targets",
    values.targets,
    "--json",
  ];
  const theirs = statesOf(run("kube-bench", "run", "--config", join(values["config-dir"], "config.yaml"), ...asked));
  const ours = statesOf(run(process.execPath, program, "cis", "run", ...asked));
  let same = 0;
  let unknown = 0;
  for (const [id, check] of theirs) {
    const own = ours.get(id);
    if (own?.reason?.startsWith("not judged") === true) unknown++;
    else if (own?.status === check.status) same++;
    else {
      failed = true;
      console.log(`${where}: ${id}: kube-bench says ${check.status}, Plimsoll says ${own?.status ?? "nothing"}`);
    }
  }
  const files = `${where}, ${values.benchmark}: ${theirs.size} checks, ${same} states equal, ${unknown} unknown here`;
  if (!["cis-1.11", "cis-1.12"].includes(values.benchmark)) return console.log(files);
  const { answered, differing } = compareOurOwn(where, run, theirs);
  console.log(
    `${files}; our own benchmark: ${theirs.size - differing} as kube-bench, ${answered} of them answered where it asks a person`,
  );
}

/** Our own benchmark answers some checks that kube-bench leaves to a person: otherwise its states are those of kube-bench's files. */
function compareOurOwn(where, run, theirs) {
  const asked = ["--benchmark", values.benchmark, "--targets", values.targets, "--json"];
  const own = statesOf(run(process.execPath, program, "cis", "run", ...asked));
  let answered = 0;
  let differing = 0;
  for (const [id, check] of theirs) {
    const status = own.get(id)?.status;
    if (status === check.status) continue;
    if (check.type === "manual" && status === "PASS") answered++;
    else {
      failed = true;
      differing++;
      console.log(`${where}: ${id}: kube-bench says ${check.status}, our own benchmark says ${status ?? "nothing"}`);
    }
  }
  return { answered, differing };
}

function statesOf({ stdout, stderr, status }) {
  if (status !== 0 && stdout === "") throw new Error(`it ended with ${status}: ${stderr.slice(0, 500)}`);
  const states = new Map();
  for (const controls of JSON.parse(stdout).Controls)
    for (const group of controls.tests ?? [])
      for (const check of group.results ?? []) states.set(`${controls.node_type} ${check.test_number}`, check);
  return states;
}

/** Starts a program, asks until what it must give away was found, and ends it. */
async function probeReal(name, address, wanted, command, args, tries = 30) {
  const started = spawn(command, args, { stdio: "ignore" });
  try {
    let ids = [];
    for (let turn = 0; turn < tries && wanted.some((id) => !ids.includes(id)); turn++) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const asked = [program, "probe", address, "--format", "kube-hunter-json"];
      const { stdout } = spawnSync(process.execPath, asked, { encoding: "utf8" });
      ids = JSON.parse(stdout).vulnerabilities.map(({ vid }) => vid);
    }
    const lacking = wanted.filter((id) => !ids.includes(id));
    if (lacking.length > 0) failed = true;
    console.log(
      `${name}: ${ids.join(" ") || "nothing was found"}${lacking.length === 0 ? "" : `, not ${lacking.join(" ")}`}`,
    );
  } finally {
    if (started.exitCode === null) {
      started.kill();
      await new Promise((resolve) => started.on("exit", resolve));
    }
  }
}

/** A loopback etcd, and on it an API server; a kubelet by itself. Each is left out, with the reason, where its program is not there. */
async function probeRealKubernetes() {
  const has = (command) => spawnSync(command, ["--version"]).error === undefined;
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-kubernetes-"));
  const urls = ["http://127.0.0.1:23810", "http://127.0.0.1:23820"];
  let store;
  try {
    if (!has("kube-apiserver") || !has("etcd"))
      console.log("kube-apiserver and etcd are not both on PATH: no API server is probed");
    else {
      const keys = generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs1", format: "pem" },
      });
      writeFileSync(join(folder, "sa.key"), keys.privateKey, { mode: 0o600 });
      writeFileSync(join(folder, "sa.pub"), keys.publicKey);
      store = startEtcd(join(folder, "etcd"), urls);
      await probeReal("kube-apiserver", "127.0.0.1:16443", ["KHV002"], "kube-apiserver", [
        `--etcd-servers=${urls[0]}`,
        "--bind-address=127.0.0.1",
        "--secure-port=16443",
        `--cert-dir=${join(folder, "certificates")}`,
        "--service-account-issuer=https://kubernetes.default.svc",
        `--service-account-signing-key-file=${join(folder, "sa.key")}`,
        `--service-account-key-file=${join(folder, "sa.pub")}`,
        "--authorization-mode=RBAC",
        "--disable-admission-plugins=ServiceAccount",
      ]);
    }
    const runtime = "/run/containerd/containerd.sock";
    if (!has("kubelet")) return console.log("kubelet is not on PATH: no kubelet is probed");
    if (!existsSync(runtime))
      return console.log(`${runtime} is not there: no kubelet is probed, which would not start`);
    const configuration = join(folder, "kubelet.yaml");
    writeFileSync(
      configuration,
      `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\naddress: 127.0.0.1\nport: 10250\nreadOnlyPort: 10255\nfailSwapOn: false\nauthentication: {anonymous: {enabled: true}, webhook: {enabled: false}}\nauthorization: {mode: AlwaysAllow}\n`,
    );
    const args = [
      `--config=${configuration}`,
      `--root-dir=${join(folder, "kubelet")}`,
      `--container-runtime-endpoint=unix://${runtime}`,
    ];
    await probeReal("kubelet", "127.0.0.1", ["KHV036", "KHV043", "KHV052"], "kubelet", args);
  } finally {
    store?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a hostile endpoint may cost, beside one that answers nothing: at most 5 MB and 5 seconds. */
function costOfHostileEndpoints() {
  const measured = (kind) =>
    JSON.parse(
      spawnSync(
        process.execPath,
        ["--expose-gc", fileURLToPath(new URL("hostile-endpoint.mjs", import.meta.url)), kind],
        {
          encoding: "utf8",
        },
      ).stdout,
    );
  const base = measured("empty");
  for (const kind of ["endless", "redirects", "slow"]) {
    const { megabytes, seconds } = measured(kind);
    const more = megabytes - base.megabytes;
    if (more > 5 || seconds > 5.5) failed = true;
    console.log(
      `an endpoint with ${kind}: ${Math.max(0, more).toFixed(1)} MB more than one that answers nothing, ${seconds.toFixed(1)} s`,
    );
  }
}

/** etcd on loopback without TLS gives its version and its keys away. */
async function probeRealEtcd() {
  if (spawnSync("etcd", ["--version"]).error !== undefined) {
    console.log("etcd is not on PATH: not probed");
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-etcd-"));
  const urls = ["http://127.0.0.1:23790", "http://127.0.0.1:23800"];
  const etcd = startEtcd(folder, urls);
  try {
    let ids = [];
    for (let tries = 0; tries < 20 && ids.length === 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { stdout } = spawnSync(
        process.execPath,
        [program, "probe", "127.0.0.1:23790", "--format", "kube-hunter-json"],
        { encoding: "utf8" },
      );
      ids = JSON.parse(stdout).vulnerabilities.map(({ vid }) => vid);
    }
    const wanted = ["KHV033", "KHV034", "KHV032"];
    if (wanted.some((id) => !ids.includes(id))) failed = true;
    console.log(`etcd: ${ids.join(" ") || "nothing was found"}`);
  } finally {
    etcd.kill();
    await new Promise((resolve) => etcd.on("exit", resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An etcd that keeps its data in a folder and answers clients at the first address, others of its kind at the second. */
function startEtcd(folder, [clients, peers]) {
  const args = ["--data-dir", folder, "--listen-client-urls", clients, "--advertise-client-urls", clients];
  return spawn("etcd", [...args, "--listen-peer-urls", peers], { stdio: "ignore" });
}
