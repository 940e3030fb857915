import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { admissionHandler, preparePolicies } from "./index.ts";

// Reviews with all that an API server writes; see fixtures/README.md.

interface Row {
  readonly what: string;
  readonly allowed: boolean;
  readonly review: { readonly request: { readonly uid: string } };
}

const rows = JSON.parse(
  readFileSync(new URL("fixtures/admission-reviews.json", import.meta.url), "utf8"),
) as readonly Row[]; // as: the file is ours

const policies = await preparePolicies([
  {
    apiVersion: "templates.gatekeeper.sh/v1",
    kind: "ConstraintTemplate",
    metadata: { name: "privileged" },
    spec: {
      crd: { spec: { names: { kind: "Privileged" } } },
      targets: [
        {
          target: "admission.k8s.gatekeeper.sh",
          rego: `package privileged
spec := object.get(input.review.object.spec, ["template", "spec"], input.review.object.spec)
violation[{"msg": msg}] {
  spec.containers[_].securityContext.privileged
  msg := sprintf("%v of %v", [input.review.operation, input.review.userInfo.username])
}`,
        },
      ],
    },
  },
  { apiVersion: "constraints.gatekeeper.sh/v1beta1", kind: "Privileged", metadata: { name: "no" }, spec: {} },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "dry" },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ["*"],
            apiVersions: ["*"],
            operations: ["*"],
            resources: ["pods", "pods/*", "deployments", "deployments/*"],
          },
        ],
      },
      validations: [
        {
          expression: "request.userInfo.groups.exists(g, g == 'system:authenticated') && request.uid.size() == 36",
        },
      ],
    },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: "dry" },
    spec: { policyName: "dry", validationActions: ["Deny"] },
  },
]);
const handle = admissionHandler({ evidenceFor: () => ({ policies }) });

describe("reviews as an API server writes them", () => {
  test.each(rows)("$what", async ({ allowed, review }) => {
    const response = await handle(new Request("https://webhook/", { method: "POST", body: JSON.stringify(review) }));

    expect(response.status).toBe(200);
    const answer: unknown = await response.json();
    expect(answer).toMatchObject({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: { uid: review.request.uid, allowed },
    });
  });
});
