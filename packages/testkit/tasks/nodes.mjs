// Compares with real programs, where they are on PATH: the states of kube-bench on this host and on nodes that are made up
// (fake-node.mjs), and what a real etcd, API server and kubelet give away.
// npm run nodes -- [--config-dir FOLDER-OF-BENCHMARKS] [--benchmark ID] [--targets LIST]
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
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

/** etcd on loopback without TLS gives its version and its keys away. */
async function probeRealEtcd() {
  if (spawnSync("etcd", ["--version"]).error !== undefined) {
    console.log("etcd is not on PATH: not probed");
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-etcd-"));
  const urls = ["http://127.0.0.1:23790", "http://127.0.0.1:23800"];
  const args = [
    "--data-dir",
    folder,
    "--listen-client-urls",
    urls[0],
    "--advertise-client-urls",
    urls[0],
    "--listen-peer-urls",
    urls[1],
  ];
  const etcd = spawn("etcd", args, { stdio: "ignore" });
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
