import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runHere } from "../fixtures/run-here.ts";
import type { Ran } from "../fixtures/run-here.ts";

let folder = "";
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "plimsoll-policy-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, ...objects: readonly unknown[]): string => {
  writeFileSync(join(folder, name), objects.map((each) => JSON.stringify(each)).join("\n---\n"));
  return join(folder, name);
};

function run(...args: string[]): Promise<Ran> {
  return runHere(["policy", ...args]);
}

const rego =
  'package named\nviolation[{"msg": msg}] {\n  startswith(input.review.object.metadata.name, "bad")\n  msg := "a bad name"\n}';
const cel = {
  validations: [{ expression: "!variables.anyObject.metadata.name.startsWith('bad')", message: "a bad name" }],
};
const template = (celSource: unknown): unknown => ({
  apiVersion: "templates.gatekeeper.sh/v1",
  kind: "ConstraintTemplate",
  metadata: { name: "named" },
  spec: {
    crd: { spec: { names: { kind: "Named" } } },
    targets: [
      {
        target: "admission.k8s.gatekeeper.sh",
        code: [
          { engine: "K8sNativeValidation", source: celSource },
          { engine: "Rego", source: { rego } },
        ],
      },
    ],
  },
});
const constraint = (name: string, spec = {}): unknown => ({
  apiVersion: "constraints.gatekeeper.sh/v1beta1",
  kind: "Named",
  metadata: { name },
  spec,
});
const object = (name: string): unknown => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "shop" },
});

test("violations are a report in any of its formats", async () => {
  const all = file("all.yaml", template(cel), constraint("no-bad"), object("bad-one"), object("good"));
  const json = await run("test", all, "--format", "json");
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    misconfigurations: [{ engine: "gatekeeper", id: "Named", severity: "HIGH", resource: { name: "bad-one" } }],
    coverage: { verdict: "complete" },
  });
  expect((await run("test", all, "--format", "sarif")).stdout).toContain('"Named"');
  expect((await run("test", all, "--format", "nonsense")).code).toBe(2);
});

test("what-if tells what a new constraint would refuse, and one in place of another no longer does", async () => {
  const policies = file("policies.yaml", template(cel), constraint("no-bad"));
  const objects = file("objects.yaml", object("bad-one"), object("good"));
  const more = await run("what-if", objects, "--policies", policies, "--add", file("more.yaml", constraint("again")));
  expect([more.code, more.stdout]).toEqual([
    1,
    '+ v1/ConfigMap shop/bad-one: ["again"] Message: "a bad name"\n1 more, 0 less, 1 as before\n',
  ]);
  const watch = file("watch.yaml", constraint("no-bad", { enforcementAction: "dryrun" }));
  const less = await run("what-if", objects, "-p", policies, "--add", watch, "-o", "json");
  expect([less.code, JSON.parse(less.stdout)]).toMatchObject([0, { added: [{}], removed: [{}], same: 0 }]);
  expect((await run("what-if", objects, "-p", policies)).code).toBe(2);
  const lost = file("lost.yaml", {
    apiVersion: "constraints.gatekeeper.sh/v1beta1",
    kind: "Lost",
    metadata: { name: "x" },
  });
  expect((await run("what-if", objects, "-p", policies, "--add", lost)).code).not.toBe(0);
});

test("what kubectl prints is a list, whose items are tested, and none gets lost", async () => {
  const policies = file("for-list.yaml", template(cel), constraint("no-bad"));
  const list = (kind: string, items: readonly unknown[]): unknown => ({ apiVersion: "v1", kind, metadata: {}, items });
  const line = 'v1/ConfigMap shop/bad-one: ["no-bad"] Message: "a bad name"\n';
  const listed = await run("test", policies, file("list.yaml", list("List", [object("good"), object("bad-one")])));
  expect([listed.code, listed.stdout]).toEqual([1, line]);
  // Items of typed lists name no kind.
  const { metadata } = object("bad-one") as { readonly metadata: object };
  const typed = file("typed.yaml", list("ConfigMapList", [{ metadata }]));
  expect((await run("test", policies, typed)).stdout).toBe(line);
  expect((await run("what-if", typed, "--add", policies)).stdout).toBe(`+ ${line}1 more, 0 less, 0 as before\n`);
  const lost = await run("test", policies, file("lost-items.yaml", list("List", [object("good"), { metadata }])));
  expect([lost.code, lost.stderr]).toEqual([2, expect.stringContaining("items of a List are no objects")]);
});

test("templates that ask for the time are told it, and what-if heeds Gatekeeper's Config", async () => {
  const source = 'package named\nviolation[{"msg": "of our days"}] { time.now_ns() > 1000000000000000000 }';
  const { metadata, ...rest } = template(cel) as { readonly metadata: unknown };
  const spec = {
    crd: { spec: { names: { kind: "Named" } } },
    targets: [{ target: "admission.k8s.gatekeeper.sh", rego: source }],
  };
  const policies = file("timed.yaml", { ...rest, metadata, spec }, constraint("timed"));
  const objects = file("one.yaml", object("one"));
  expect((await run("test", policies, objects)).stdout).toContain(
    'v1/ConfigMap shop/one: ["timed"] Message: "of our days"',
  );
  const skips = file("skips.yaml", {
    apiVersion: "config.gatekeeper.sh/v1alpha1",
    kind: "Config",
    metadata: { name: "config" },
    spec: { match: [{ processes: ["audit"], excludedNamespaces: ["shop"] }] },
  });
  const tried = await run("what-if", objects, "-p", policies, "--add", skips);
  expect([tried.code, tried.stdout]).toEqual([
    0,
    '- v1/ConfigMap shop/one: ["timed"] Message: "of our days"\n0 more, 1 less, 0 as before\n',
  ]);
});

test("verify --cross-check tells where the two languages of a template disagree, and what no case reaches", async () => {
  const suite = (name: string): unknown => ({
    apiVersion: "test.gatekeeper.sh/v1alpha1",
    kind: "Suite",
    metadata: { name },
    tests: [
      {
        name: "named",
        template: `${name}-template.yaml`,
        constraint: "constraint.yaml",
        cases: [{ name: "bad", object: "bad.yaml", assertions: [{ violations: "yes" }] }],
      },
    ],
  });
  file("constraint.yaml", constraint("no-bad"));
  file("bad.yaml", object("bad-one"));
  file("same-template.yaml", template(cel));
  const extra = [...cel.validations, { expression: "variables.anyObject != 'text'", message: "a text" }];
  file("other-template.yaml", template({ validations: extra }));
  const { metadata, ...rest } = template(cel) as { readonly metadata: unknown };
  const target = { target: "admission.k8s.gatekeeper.sh", rego };
  const spec = { crd: { spec: { names: { kind: "Named" } } }, targets: [target] };
  file("rego-template.yaml", { ...rest, metadata, spec });
  for (const name of ["same", "other", "rego"]) file(`${name}.yaml`, suite(name));
  const verify = async (name: string): ReturnType<typeof run> =>
    run(
      "verify",
      folder.concat("/", name, ".yaml"),
      ...["same", "other", "rego"].map((each) => join(folder, `${each}-template.yaml`)),
      join(folder, "constraint.yaml"),
      join(folder, "bad.yaml"),
      "--cross-check",
    );

  const disagreeing = await verify("same");
  expect(disagreeing).toMatchObject({ code: 1, stderr: "" });
  // An object without a name is an error in CEL, which refuses, and undefined in Rego.
  expect(disagreeing.stdout).toMatch(/^DISAGREE named: CEL \[.*no such key: metadata.*\], Rego \[\]/m);
  expect(disagreeing.stdout).not.toContain("UNREACHED");
  expect((await verify("other")).stdout).toContain("UNREACHED named: variables.anyObject != 'text'");
  expect((await verify("rego")).stdout).toMatch(/PASS\n$/);
});
