import { WorkBudget } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { loadPolicies } from "./load-policies.ts";

function template(kind: string, code: object): object {
  return {
    apiVersion: "templates.gatekeeper.sh/v1",
    kind: "ConstraintTemplate",
    metadata: { name: kind.toLowerCase() },
    spec: {
      crd: { spec: { names: { kind } } },
      targets: [{ target: "admission.k8s.gatekeeper.sh", ...code }],
    },
  };
}

function constraint(kind: string, match: object = {}): object {
  return { apiVersion: "constraints.gatekeeper.sh/v1beta1", kind, metadata: { name: "all" }, spec: { match } };
}

const inRego = `package short
violation[{"msg": msg}] {
  count(input.review.object.metadata.name) < count(data.inventory.cluster["v1"].Namespace)
  msg := sprintf("%v is too short", [input.review.object.metadata.name])
}`;
const inCel = {
  engine: "K8sNativeValidation",
  source: {
    variables: [{ name: "labels", expression: "has(object.metadata.labels) ? object.metadata.labels : {}" }],
    validations: [{ expression: "'owner' in variables.labels", messageExpression: "object.kind + ' has no owner'" }],
  },
};

const policies = loadPolicies([
  template("Short", { rego: inRego }),
  template("Owned", { code: [inCel] }),
  constraint("Short", { kinds: [{ apiGroups: [""], kinds: ["Pod", "Namespace"] }] }),
  constraint("Owned", { labelSelector: { matchLabels: { checked: "yes" } } }),
]);

function object(kind: string, name: string, labels?: Record<string, string>): object {
  return { apiVersion: "v1", kind, metadata: { name, ...(labels === undefined ? {} : { labels }) } };
}

const objects = Array.from({ length: 230 }, (_, index) =>
  object(
    ["Pod", "Namespace", "ConfigMap"][index % 3] ?? "",
    "n".repeat(1 + (index % 150)),
    index % 2 === 0 ? { checked: "yes", ...(index % 4 === 0 ? { owner: "me" } : {}) } : undefined,
  ),
);

describe("many objects", () => {
  test("are reviewed as each by itself, in the same steps", () => {
    expect(policies.problems).toEqual([]);
    const items = objects.map((each) => ({
      object: each,
      options: { inventory: objects, budget: new WorkBudget() },
    }));
    const together = Array.from(policies.reviewEach(items), ([{ object: of, options }, result]) => ({
      of,
      result,
      taken: options.budget.taken,
    }));
    const apart = objects.map((of) => {
      const budget = new WorkBudget();
      return { of, result: policies.reviewStrictly(of, { inventory: objects, budget }), taken: budget.taken };
    });
    expect(together).toEqual(apart);
    expect(apart.filter(({ result }) => result.violations.length > 0).length).toBeGreaterThan(50);
  });

  test("of which one cannot be reviewed give the results before it", () => {
    const seen: unknown[] = [];
    const reviews = policies.reviewEach(
      [...objects.slice(0, 3), "no object", object("Pod", "later")].map((each) => ({ object: each })),
    );
    expect(() => {
      for (const [{ object: of }] of reviews) seen.push(of);
    }).toThrow(TypeError);
    expect(seen).toEqual(objects.slice(0, 3));
  });
});
