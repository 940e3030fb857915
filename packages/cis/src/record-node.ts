import type { BenchmarkFolder } from "./benchmark/benchmark.ts";
import { runBenchmark } from "./run-benchmark.ts";
import type { NodeFacts } from "./facts/node-facts.ts";

/** Trees whose modes and owners belong into a snapshot, and how deep. */
const trees: readonly (readonly [path: string, depth: number])[] = [
  ["/etc/kubernetes", 5],
  ["/etc/cni", 3],
  ["/etc/systemd/system", 2],
  ["/etc/docker", 2],
  ["/etc/containerd", 1],
  ["/etc/default", 1],
  ["/etc/rancher", 3],
  ["/usr/lib/systemd/system", 2],
  ["/var/lib/cni/networks", 3],
  ["/var/lib/etcd", 2],
  ["/var/lib/kubelet", 1],
  ["/var/lib/kube-proxy", 1],
  ["/var/lib/rancher", 6],
];
const maxEntries = 20_000;

/** Reads all facts that benchmarks may need of a node, so that a recording has them. */
export async function recordNode(
  facts: NodeFacts,
  folders: readonly BenchmarkFolder[],
  signal?: AbortSignal,
): Promise<void> {
  await facts.processes();
  let left = maxEntries;
  const walk = async (path: string, depth: number): Promise<void> => {
    signal?.throwIfAborted();
    if (left-- <= 0) return;
    const found = await facts.stat(path);
    if (found?.type !== "directory" || depth === 0) return;
    for (const name of ((await facts.list(path)) ?? []).toSorted()) await walk(`${path}/${name}`, depth - 1);
  };
  for (const [path, depth] of trees) await walk(path, depth);
  for (const folder of folders)
    for (const id of folder.ids) {
      const benchmark = folder.benchmark(id);
      await runBenchmark(facts, { benchmark, targets: [...benchmark.controls.keys()], signal });
    }
}
