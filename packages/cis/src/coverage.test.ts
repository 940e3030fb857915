import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sharedPath } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { readBenchmarkFolder } from "./benchmark/benchmark.ts";
import { snapshotFacts } from "./facts/snapshot.ts";
import { controlPlane } from "./fixtures/recorded-nodes.ts";
import { everyCheckResult } from "./output/summary.ts";
import { runBenchmark } from "./run-benchmark.ts";

const cfg = sharedPath("conformance/kube-bench/cfg");

/** How many automated checks of each published benchmark get an answer; `npm run unit -- packages/cis -u` writes the page anew. */
test.skipIf(cfg === undefined)("docs/generated/cis.md counts the checks that are answered", async () => {
  const root = cfg ?? "";
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: path.slice(root.length + 1), text: readFileSync(path, "utf8") }));
  const folder = readBenchmarkFolder(files);
  const shapes = new Map<string, number>();
  const rows: string[] = [];
  let answered = 0;
  let automated = 0;
  const answeredBy = new Map<string, number>();
  for (const id of folder.ids) {
    const benchmark = folder.benchmark(id);
    const result = await runBenchmark(snapshotFacts(controlPlane), {
      benchmark,
      targets: [...benchmark.controls.keys()],
    });
    const checks = everyCheckResult(result).filter(
      ({ check }) => check.type === "" && (check.tests?.items.length ?? 0) > 0,
    );
    const unknown = checks.filter(({ status }) => status === "unknown");
    for (const { shape = "" } of unknown) shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
    automated += checks.length;
    answered += checks.length - unknown.length;
    answeredBy.set(id, checks.length - unknown.length);
    rows.push(`| ${id} | ${checks.length} | ${checks.length - unknown.length} |`);
  }
  expect(automated).toBe(2841);
  expect(answered / automated).toBeGreaterThanOrEqual(0.82);
  expect(answeredBy.get("cis-1.11")).toBeGreaterThanOrEqual(100);
  expect(answeredBy.get("cis-1.12")).toBeGreaterThanOrEqual(98);

  const page = [
    "<!-- Made from kube-bench's published benchmarks: `npm run unit -- packages/cis -u` writes it anew. -->",
    "",
    "# CIS benchmarks: what is answered without a shell",
    "",
    `Of ${automated} automated checks in ${folder.ids.length} benchmarks of kube-bench, ${answered} get pass or fail over the snapshot of a control plane that kubeadm set up (\`packages/cis/src/fixtures\`). The others are told as \`unknown\`.`,
    "",
    "| benchmark | automated checks | pass or fail |",
    "| --- | --- | --- |",
    ...rows,
    "",
    "## Why the others are unknown",
    "",
    "`unknown …` names a fact that the snapshot lacks; everything else is a command, an option or a construct that has no plan.",
    "",
    "| what | checks |",
    "| --- | --- |",
    ...[...shapes]
      .toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([shape, count]) => `| ${shape.replaceAll("|", "\\|").replaceAll("\n", " ")} | ${count} |`),
    "",
  ];
  await expect(page.join("\n")).toMatchFileSnapshot(
    new URL("../../../docs/generated/cis.md", import.meta.url).pathname,
  );
});
