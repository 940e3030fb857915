/**
 * CIS benchmarks over facts about a node: kube-bench's files are read unchanged, their audit lines are answered from processes, files,
 * journals and cluster objects that somebody else collected, and no shell is ever run.
 * @module
 * @example
 * import { readBenchmarkFolder, rootfsFacts, runBenchmark } from "@plimsoll/cis";
 * const folder = readBenchmarkFolder(files);
 * const result = await runBenchmark(rootfsFacts(tree), { benchmark: folder.benchmark("cis-1.11"), targets: ["master"] });
 */

// Benchmarks
export { BenchmarkError } from "./benchmark/benchmark-error.ts";
export { readBenchmarkFolder } from "./benchmark/benchmark.ts";
export type { Benchmark, BenchmarkFile, BenchmarkFolder } from "./benchmark/benchmark.ts";
export { chooseBenchmark } from "./benchmark/choose-benchmark.ts";
export type { BenchmarkChoice } from "./benchmark/choose-benchmark.ts";
export { ownBenchmarks } from "./own/own-benchmark.ts";
export { readControls } from "./benchmark/controls.ts";
export type { Check, Controls, Group, TestItem } from "./benchmark/controls.ts";
export { listedIds, runFilter } from "./benchmark/select.ts";
export type { Selection } from "./benchmark/select.ts";
export { readSettings } from "./benchmark/settings.ts";
export type { BenchmarkSettings, ComponentSettings, FileKind } from "./benchmark/settings.ts";
export {
  assumedVersion,
  benchmarkOfVersion,
  knownOpenShiftVersion,
  lowerMinor,
  minorVersion,
  platformBenchmark,
  platformOf,
  targetName,
} from "./benchmark/versions.ts";
export type { Platform } from "./benchmark/versions.ts";

// Facts
export type { ClusterFacts, FileFacts, MaybeLater, NodeFacts, NodeProcess } from "./facts/node-facts.ts";
export { detectKubernetesVersion } from "./facts/detect-version.ts";
export { recordNode } from "./record-node.ts";
export { accountNames, rootfsFacts } from "./facts/rootfs-facts.ts";
export type { RootfsOptions } from "./facts/rootfs-facts.ts";
export { readSnapshot, recordFacts, snapshotFacts } from "./facts/snapshot.ts";
export type { NodeSnapshot, SnapshotFile } from "./facts/snapshot.ts";

// Audits
export { runAudit } from "./audit/run-script.ts";
export type { AuditLimits, AuditResult } from "./audit/run-script.ts";
export { UnsupportedAudit } from "./audit/unsupported.ts";

// Judging
export { runBenchmark, runCheck } from "./run-benchmark.ts";
export type { BenchmarkResult, CheckResult, ControlsResult, GroupResult, RunOptions } from "./run-benchmark.ts";
export { judgeCheck, judgeTests } from "./judge/judge-check.ts";
export type { AuditOutputs, CheckState, CheckVerdict, TestVerdict } from "./judge/judge-check.ts";

// Output
export { kubeBenchAsff } from "./output/asff.ts";
export type { AsffFinding, AsffOptions } from "./output/asff.ts";
export { benchmarkFindings } from "./output/findings.ts";
export type { BenchmarkFindings, FindingsOptions } from "./output/findings.ts";
export { kubeBenchJUnit } from "./output/junit.ts";
export { kubeBenchControls, kubeBenchJson, totalsOf } from "./output/kube-bench-json.ts";
export type { KubeBenchCheck, KubeBenchControls, KubeBenchGroup } from "./output/kube-bench-json.ts";
export { everyCheckResult, exitCodeOf, summarize } from "./output/summary.ts";
export type { Summary } from "./output/summary.ts";
export { kubeBenchText } from "./output/text.ts";
export type { KubeBenchTextOptions } from "./output/text.ts";
