import { expect, test } from "vitest";
import { everyCheck } from "./index.ts";

const module = (await import(new URL("../../testkit/tasks/known-check-differences.mjs", import.meta.url).href)) as {
  readonly knownDifferences: Readonly<Record<string, string>>;
}; // A module of the repository.

test("docs/generated/check-differences.md says why checks give other verdicts than the published ones of their ids", async () => {
  const reasons = Object.entries(module.knownDifferences).sort(([a], [b]) => (a < b ? -1 : 1));
  const titles = new Map(everyCheck.map(({ id, title }) => [id, title]));

  expect(reasons.map(([id]) => id).filter((id) => !titles.has(id))).toEqual([]);
  await expect(`<!-- Made by the tests of packages/checks: \`npm run unit -- packages/checks -u\` -->

# Checks that differ from the published ones

\`npm run checks-differential -- DIRECTORY\` runs every check beside the published check in Rego of the same id (a checkout of
aquasecurity/trivy-checks), through our own engine, over 2,000 Dockerfiles and manifests that are made from a seed. A check that gives another
verdict on one of them stands here with the reason, or the command fails.

| check | title | reason |
| --- | --- | --- |
${reasons.map(([id, reason]) => `| ${id} | ${titles.get(id) ?? ""} | ${reason} |`).join("\n")}
`).toMatchFileSnapshot("../../../docs/generated/check-differences.md");
});
