import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

// The command that holds us against gator, with a small stand-in for gator: it answers as gator does, by a rule that it knows by itself.

const command = fileURLToPath(new URL("../../../benchmarks/gator-differential.mjs", import.meta.url));
const formats = new URL("../../formats/dist/index.js", import.meta.url).href;
let folder = "";

const library = `apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: owner}
spec:
  crd: {spec: {names: {kind: Owner}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    rego: |
      package owner
      violation[{"msg": msg}] {
        not input.review.object.metadata.labels.app
        msg := sprintf("%v has no app", [input.review.object.metadata.name])
      }
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: Owner
metadata: {name: all}
spec: {match: {kinds: [{apiGroups: ["*"], kinds: [Pod, Deployment]}]}}
`;

/** A program with gator's command line. `wrong`: it misses the first violation and makes another up. */
function standIn(name: string, wrong: boolean): string {
  const path = join(folder, name);
  const text = `#!${process.execPath}
import { readFileSync } from "node:fs";
import { parseYaml } from ${JSON.stringify(formats)};
const [verb, flag, file, ...output] = process.argv.slice(2);
if (verb !== "test" || flag !== "-f" || output.join(" ") !== "-o json") process.exit(2);
const constraint = { kind: "Owner", metadata: { name: "all" } };
const found = parseYaml(readFileSync(file, "utf8"))
  .filter(({ kind, metadata }) => ["Pod", "Deployment"].includes(kind) && metadata.labels?.app === undefined)
  .map((violatingObject) => ({ msg: violatingObject.metadata.name + " has no app", constraint, violatingObject }));
if (${wrong}) found[0].msg = "something else";
console.log(JSON.stringify(found));
process.exitCode = found.length === 0 ? 0 : 1;
`;
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-gator-"));
  mkdirSync(join(folder, "library"));
  writeFileSync(join(folder, "library", "owner.yaml"), library);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("gator-differential says that both agree, over objects that it makes up", () => {
  const args = [command, join(folder, "library"), "--gator", standIn("gator.mjs", false), "--objects", "60"];
  const said = execFileSync(process.execPath, args, { encoding: "utf8" });

  expect(said).toMatch(/^60 objects, ([1-9]\d*) violations by gator, \1 here; 0 only there, 0 only here\n$/);
});

test("gator-differential tells where they differ, and fails", () => {
  const args = [command, join(folder, "library"), "--gator", standIn("wrong.mjs", true), "--objects", "60"];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });

  expect(status).toBe(1);
  expect(stdout).toContain("something else");
  expect(stdout).toMatch(/; 1 only there, 1 only here\n$/);
});
