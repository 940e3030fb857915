import { describe, expect, test } from "vitest";
import { crossCheck } from "./cross-check.ts";
import { variantsOf } from "./variants.ts";

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "a", labels: { app: "web" } },
  spec: { containers: [{ name: "c", image: "i" }] },
};

function template(expression: string, rego: string): Record<string, unknown> {
  return {
    apiVersion: "templates.gatekeeper.sh/v1",
    kind: "ConstraintTemplate",
    metadata: { name: "k" },
    spec: {
      crd: { spec: { names: { kind: "K" } } },
      targets: [
        {
          target: "admission.k8s.gatekeeper.sh",
          code: [
            {
              engine: "K8sNativeValidation",
              source: { validations: [{ expression, message: "no" }, { expression: "true" }] },
            },
            { engine: "Rego", source: { rego: `package k\nviolation[{"msg": "no"}] { ${rego} }` } },
          ],
        },
      ],
    },
  };
}

const constraint = { apiVersion: "constraints.gatekeeper.sh/v1beta1", kind: "K", metadata: { name: "c" }, spec: {} };

describe("a cross-check", () => {
  test("finds the objects that two languages judge differently", () => {
    const { disagreements, objects } = crossCheck(
      template(
        "has(object.metadata.labels) && has(object.metadata.labels.app)",
        "not input.review.object.metadata.labels.app",
      ),
      constraint,
      [pod],
    );

    // Rego takes a label that is false for none; CEL asks only whether it is there.
    expect(objects).toBeGreaterThan(50);
    expect(
      disagreements.every(
        ({ messages }) => (messages.Rego.length === 0) !== (messages.K8sNativeValidation.length === 0),
      ),
    ).toBe(true);
  });

  test("finds nothing where they agree, and tells what no object reaches", () => {
    const { disagreements, unreached } = crossCheck(
      template("object.kind != 'Pod'", 'input.review.object.kind == "Pod"'),
      constraint,
      [pod],
    );

    expect(disagreements).toEqual([]);
    expect(unreached).toEqual(["k: true"]);
  });
});

test("rules in Rego that hold for no object are told, those of libraries are not", () => {
  const source = {
    rego: `package k
import data.lib.names
violation[{"msg": "a"}] { names.is_pod(input.review.object) }
violation[{"msg": "b"}] { unlikely }
unlikely { input.review.object.kind == "Pood" }
size(n) = "big" { n > 10 } else = "small" { n >= 0 }
violation[{"msg": "c"}] { size(count(input.review.object.spec.containers)) == "huge" }`,
    libs: [`package lib.names\nis_pod(object) { object.kind == "Pod" }\nis_job(object) { object.kind == "Job" }`],
  };
  const document = template("true", "true");
  const [target] = (document["spec"] as { targets: { code: unknown }[] }).targets;
  (target as { code: unknown }).code = [{ engine: "Rego", source }];

  expect(crossCheck(document, constraint, [pod], { variants: 0 }).unreached).toEqual([
    "k: data.k.violation (line 4)",
    "k: data.k.unlikely (line 5)",
    "k: data.k.size (line 6)",
    "k: data.k.violation (line 7)",
  ]);
});

test("variants differ in one place, are as many as asked for, and leave the object as it was", () => {
  const before = structuredClone(pod);
  const variants = variantsOf(pod, 40);

  expect(variants).toHaveLength(40);
  expect(variants.every((variant) => JSON.stringify(variant) !== JSON.stringify(pod))).toBe(true);
  expect(pod).toEqual(before);
  expect(variantsOf(pod, 40)).toEqual(variants);
});
