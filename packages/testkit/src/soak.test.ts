import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "./rules/source-tree.ts";

const built = existsSync(join(repository, "packages/plimsoll/dist/node.js"));
if (!built) console.warn("the packages are not built: scans are not counted (npm run setup builds them)");

test.skipIf(!built)("many scans in one process leave neither memory nor files behind", () => {
  const soak = join(repository, "packages/testkit/tasks/soak.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", soak, "40"], { encoding: "utf8" });

  expect({ status, output: stdout + stderr }).toMatchObject({
    status: 0,
    output: expect.stringContaining("40 rounds"),
  });
});
