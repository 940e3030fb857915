// Holds our checks against the published checks in Rego of the same ids, run by our own engine: Dockerfiles and Kubernetes objects are made
// from a seed, and every check that gives another verdict on some of them is told, with the first file.
//
//   npm run checks-differential -- DIRECTORY [--files 2000] [--seed 1]     a checkout of aquasecurity/trivy-checks
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { everyCheck, regoChecks, runChecks } from "../../checks/dist/index.js";
import { readConfigs } from "../../configs/dist/index.js";
import { generatedConfig, randomFrom } from "../dist/index.js";
import { knownDifferences } from "./known-check-differences.mjs";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { files: { type: "string", default: "2000" }, seed: { type: "string", default: "1" } },
});
const [directory] = positionals;
if (directory === undefined) throw new Error("name a checkout of aquasecurity/trivy-checks");

const modules = ["checks/docker", "checks/kubernetes", "lib"].flatMap((folder) =>
  readdirSync(join(directory, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".rego") && !name.endsWith("_test.rego"))
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(directory, folder, name), "utf8") })),
);
const published = regoChecks(modules);
for (const { message } of published.diagnostics) console.log(`warning: ${message}`);
const ids = new Set(published.checks.map(({ id }) => id));
const ours = everyCheck.filter(({ id }) => ids.has(id));
console.log(`${modules.length} modules, ${ours.length} checks with a published one beside them, ${flags.files} files`);

function failing(documents, checks) {
  const { findings } = runChecks(documents, { checks });
  return new Map(
    ["fail", "unknown"].map((status) => [
      status,
      new Set(findings.filter((each) => each.status === status).map(({ id }) => id)),
    ]),
  );
}

const differences = new Map();
const random = randomFrom(Number(flags.seed));
for (let index = 0; index < Number(flags.files); index++) {
  const file = generatedConfig(index, random);
  const { documents } = readConfigs([file]);
  const own = failing(documents, ours);
  const theirs = failing(
    documents,
    published.checks.filter(({ id }) => ids.has(id)),
  );
  for (const { id } of ours) {
    const verdicts = [own, theirs].map((found) =>
      found.get("unknown").has(id) ? "broke down" : found.get("fail").has(id) ? "fails" : "passes",
    );
    if (verdicts[0] === verdicts[1]) continue;
    const known = differences.get(id);
    if (known === undefined) differences.set(id, { count: 1, verdicts, file });
    else known.count++;
  }
}
let unexplained = 0;
for (const [id, { count, verdicts, file }] of [...differences].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const reason = knownDifferences[id];
  if (reason === undefined) unexplained++;
  console.log(
    `${id}: ${count} files; ours ${verdicts[0]}, the published one ${verdicts[1]}; ${reason ?? "not explained"}`,
  );
  if (reason === undefined) console.log(`${file.path}:\n${file.text}`);
}
console.log(
  `${ours.length - differences.size} of ${ours.length} checks agree on all files; ${unexplained} differ without an explanation`,
);
process.exitCode = unexplained === 0 ? 0 : 1;
