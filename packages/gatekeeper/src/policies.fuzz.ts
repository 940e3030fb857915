import { readObjects } from "./gator/read-objects.ts";
import { loadPolicies } from "./load-policies.ts";
import { PolicyError } from "./policy-error.ts";

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "a", namespace: "web" },
  spec: { containers: [{ name: "c", image: "i" }] },
};

/** Whatever policies say, they are in force, listed as wrong, or refuse by name; nothing else happens. */
export function fuzz(input: Uint8Array): void {
  try {
    const objects = readObjects(new TextDecoder().decode(input), "input");
    const policies = loadPolicies(objects);
    policies.reviewStrictly(pod, { inventory: [pod] });
    policies.mutate(pod);
    policies.expand(pod);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
  }
}

const template = `apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: k}
spec:
  crd: {spec: {names: {kind: K}, validation: {openAPIV3Schema: {type: object, properties: {most: {type: integer, default: 3}}}}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    code:
    - engine: K8sNativeValidation
      source: {validations: [{expression: "size(object.spec.containers) < variables.params.most", message: "no"}]}
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K
metadata: {name: c}
spec: {match: {kinds: [{apiGroups: [""], kinds: [Pod]}]}, parameters: {most: 1}}
`;

const mutator = `apiVersion: mutations.gatekeeper.sh/v1
kind: Assign
metadata: {name: a}
spec:
  applyTo: [{groups: [""], kinds: [Pod], versions: [v1]}]
  location: "spec.containers[name: *].image"
  parameters: {assign: {value: x}, pathTests: [{subPath: spec.containers, condition: MustExist}]}
`;

const mutatingPolicy = `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  reinvocationPolicy: IfNeeded
  variables: [{name: image, expression: "object.spec.containers[0].image"}]
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration:
      expression: 'Object{spec: Object.spec{containers: [Object.spec.containers{name: "c", image: variables.image + "1"}]}}'
  - patchType: JSONPatch
    jsonPatch:
      expression: '[JSONPatch{op: "add", path: "/spec/" + jsonpatch.escapeKey("a/b"), value: Object.spec{c: [1, {"d": 2.5}]}}, JSONPatch{op: "move", from: "/spec/a~1b", path: "/spec/e"}]'
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: b}
spec: {policyName: p}
`;

/** A template with a constraint, a mutator, and a mutating policy with its binding. */
export function seeds(): readonly Uint8Array[] {
  return [template, mutator, mutatingPolicy].map((text) => new TextEncoder().encode(text));
}
