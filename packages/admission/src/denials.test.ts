import fc from "fast-check";
import { emptyReport, everyKindReport } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { applyChanges, decide } from "./index.ts";
import type { DecisionReason, Evidence } from "./index.ts";

// Every kind of policy that decides, mixed at random. `PLIMSOLL_DENIALS=1000` makes a thousand denials of it.

const denialsWanted = Number(process.env["PLIMSOLL_DENIALS"] ?? 60);

const image = `registry.example/app@sha256:${"0".repeat(64)}`;

function constrained(kind: string, code: object, parameters = {}): readonly object[] {
  return [
    {
      apiVersion: "templates.gatekeeper.sh/v1",
      kind: "ConstraintTemplate",
      metadata: { name: kind.toLowerCase() },
      spec: {
        crd: { spec: { names: { kind } } },
        targets: [{ target: "admission.k8s.gatekeeper.sh", ...code }],
      },
    },
    {
      apiVersion: "constraints.gatekeeper.sh/v1beta1",
      kind,
      metadata: { name: "all" },
      spec: { match: { kinds: [{ apiGroups: ["*"], kinds: ["*"] }] }, parameters },
    },
  ];
}

const rego = `package labels
violation[{"msg": msg}] {
  label := input.parameters.labels[_]
  not input.review.object.metadata.labels[label]
  msg := sprintf("the label %v is missing", [label])
}`;
const resourceRules = [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }];
const kritis = { apiVersion: "kritis.grafeas.io/v1beta1", metadata: { name: "p" } };

/** Of an authority: any P-256 point, by which nothing here is signed. */
const point =
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==";
const key = {
  keyType: "PKIX",
  keyId: "k",
  pkixPublicKey: {
    publicKeyPem: `-----BEGIN PUBLIC KEY-----\n${point}\n-----END PUBLIC KEY-----\n`,
    signatureAlgorithm: "EcdsaP256Sha256",
  },
};

/** Documents of each kind, and the policy that reasons of it name. */
const kinds: Readonly<Record<string, { readonly documents: readonly object[]; readonly says: RegExp }>> = {
  rego: { documents: constrained("Labels", { rego }, { labels: ["owner", "team"] }), says: /^Labels / },
  native: {
    documents: constrained("Hosts", {
      code: [
        {
          engine: "K8sNativeValidation",
          source: {
            variables: [{ name: "host", expression: "has(object.spec.hostNetwork) && object.spec.hostNetwork" }],
            validations: [{ expression: "!variables.host", message: "hostNetwork is not allowed" }],
          },
        },
      ],
    }),
    says: /^Hosts /,
  },
  vap: {
    documents: [
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        metadata: { name: "privileged" },
        spec: {
          matchConstraints: { resourceRules },
          validations: [
            {
              expression:
                "object.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)",
            },
          ],
        },
      },
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name: "privileged" },
        spec: { policyName: "privileged", validationActions: ["Deny"] },
      },
    ],
    says: /^ValidatingAdmissionPolicyBinding /,
  },
  vulnerabilities: {
    documents: [
      {
        ...kritis,
        kind: "ImageSecurityPolicy",
        spec: { packageVulnerabilityRequirements: { maximumSeverity: "LOW", maximumFixUnavailableSeverity: "LOW" } },
      },
    ],
    says: /^ImageSecurityPolicy /,
  },
  signing: {
    documents: [
      {
        ...kritis,
        kind: "VulnzSigningPolicy",
        spec: { imageVulnerabilityRequirements: { maximumFixableSeverity: "LOW", maximumUnfixableSeverity: "MEDIUM" } },
      },
    ],
    says: /^VulnzSigningPolicy /,
  },
  attestations: {
    documents: [
      { ...kritis, kind: "GenericAttestationPolicy", spec: { attestationAuthorityNames: ["qa"] } },
      { ...kritis, kind: "AttestationAuthority", metadata: { name: "qa" }, spec: { publicKeys: [key] } },
    ],
    says: /^GenericAttestationPolicy /,
  },
  builds: {
    documents: [{ ...kritis, kind: "BuildPolicy", spec: { buildRequirements: { builtFrom: "example.com/source" } } }],
    says: /^BuildPolicy /,
  },
  checks: { documents: [], says: /^checks$/ },
  gate: { documents: [], says: /^gate / },
};
/** Changes objects before they are judged, so that changes that turn a denial come on top of it. */
const mutator = {
  apiVersion: "mutations.gatekeeper.sh/v1",
  kind: "AssignMetadata",
  metadata: { name: "zone" },
  spec: { location: "metadata.labels.zone", parameters: { assign: { value: "a" } } },
};

const anyPod = fc.record({
  labels: fc.subarray(["owner", "team"]),
  hostNetwork: fc.boolean(),
  containers: fc.uniqueArray(
    fc.record({ name: fc.constantFrom("a", "b", "c"), securityContext: fc.record({ privileged: fc.boolean() }) }),
    { minLength: 1, maxLength: 2, selector: ({ name }) => name },
  ),
});
const anyEvidence = fc.record({
  names: fc.subarray(Object.keys(kinds), { minLength: 1 }),
  mutates: fc.boolean(),
  report: fc.constantFrom(undefined, emptyReport, everyKindReport),
  vulnerabilities: fc.option(
    fc.uniqueArray(
      fc.record({
        id: fc.constantFrom("CVE-1", "CVE-2", "CVE-3"),
        severity: fc.constantFrom("LOW", "MEDIUM", "CRITICAL"),
        fixAvailable: fc.boolean(),
      }),
      { maxLength: 3, selector: ({ id }) => id },
    ),
  ),
  sources: fc.subarray(["https://example.com/source", "https://elsewhere.example"]),
});

test("denials by policies of every kind are turned by the changes that their reasons name", async () => {
  const [turned, seen] = [new Set<string>(), new Set<string>()];
  let [denials, whole] = [0, 0];
  const tell = (told: Set<string>, { policy }: DecisionReason): void => {
    for (const [name, { says }] of Object.entries(kinds)) if (says.test(policy)) told.add(name);
  };
  await fc.assert(
    fc.asyncProperty(anyPod, anyEvidence, async ({ labels, ...spec }, { names, mutates, report, ...rest }) => {
      const containers = spec.containers.map((each) => ({ ...each, image }));
      const metadata = { name: "app", labels: Object.fromEntries(labels.map((label) => [label, "x"])) };
      const pod = { apiVersion: "v1", kind: "Pod", metadata, spec: { ...spec, containers } };
      const evidence: Evidence = {
        policies: [...names.flatMap((name) => kinds[name]?.documents ?? []), ...(mutates ? [mutator] : [])],
        ...(names.includes("checks") ? { checks: { ids: ["KSV-0017", "KSV-0009"] } } : {}),
        ...(names.includes("gate") ? { gate: { severity: "HIGH" } } : {}),
        ...(report === undefined ? {} : { reports: { [image]: report } }),
        ...(rest.vulnerabilities === null ? {} : { vulnerabilities: { [image]: rest.vulnerabilities } }),
        sources: { [image]: rest.sources },
      };
      const decision = await decide(pod, evidence, { maxAttempts: 200 });
      if (decision.allowed) return;
      denials += 1;
      expect(decision.reasons.length).toBeGreaterThan(0);
      for (const reason of decision.reasons) tell(seen, reason);
      const without = decision.reasons.filter(({ flip }) => flip === undefined);
      // A reason without a policy says that nothing could be judged; all others say whether they know a change.
      for (const { policy, change } of without) expect(policy === "" ? noChange : change).toContain(noChange);
      const changed = applyChanges(pod, evidence, decision.reasons);
      expect(changed === undefined).toBe(without.length > 0);
      if (changed === undefined) return;
      whole += 1;
      for (const reason of decision.reasons) tell(turned, reason);
      expect(await decide(changed.request, changed.evidence, { maxAttempts: 0 })).toMatchObject({ allowed: true });
    }),
    { numRuns: Math.ceil(denialsWanted * 1.25), seed: 26 },
  );
  expect(denials).toBeGreaterThanOrEqual(denialsWanted);
  expect([...seen].sort()).toEqual(Object.keys(kinds).sort());
  expect([...turned].sort()).toEqual(Object.keys(kinds).sort());
  expect(whole).toBeGreaterThan(denials / 2);
}, 600_000);

const noChange = "no change was found";
