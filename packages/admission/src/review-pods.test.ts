import { generateKeyPairSync } from "node:crypto";
import { signAttestation } from "@plimsoll/attestations";
import { expect, test } from "vitest";
import { reviewPods } from "./index.ts";
import type { Evidence } from "./index.ts";

const image = (letter: string): string => `registry.example/app@sha256:${letter.repeat(64)}`;
const key = "kritis.grafeas.io/invalidImageSecPolicy";
const attestation = "kritis.grafeas.io/attestation";

function pod(name: string, images: readonly string[], labels: Record<string, string> = {}): object {
  const containers = images.map((each, index) => ({ name: `c${index}`, image: each }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "shop", labels, annotations: labels },
    spec: { containers },
  };
}

const policy = {
  apiVersion: "kritis.grafeas.io/v1beta1",
  kind: "ImageSecurityPolicy",
  metadata: { name: "strict", namespace: "shop" },
  spec: { packageVulnerabilityRequirements: { maximumSeverity: "LOW" } },
};
const high = { id: "CVE-1", severity: "HIGH", fixAvailable: true };
const evidence: Evidence = { policies: [policy], vulnerabilities: { [image("a")]: [], [image("b")]: [high] } };

test("running pods are reviewed as data: marks to set, marks to take off, and nothing where all is as it was", async () => {
  const marked = { [key]: "invalidImageSecPolicy" };
  const pods = [
    pod("good", [image("a")]),
    pod("bad", [image("a"), image("b")]),
    pod("mended", [image("a")], marked),
    pod("unseen", [image("c")]),
  ];
  const list = { apiVersion: "v1", kind: "PodList", items: pods };

  const reviews = await reviewPods([list, { apiVersion: "v1", kind: "Secret" }], evidence);

  expect(reviews).toMatchObject([
    { name: "good", namespace: "shop", allowed: true, violations: [], labels: {}, annotations: {} },
    {
      name: "bad",
      allowed: false,
      violations: [{ id: "CVE-1", image: image("b") }],
      labels: { [key]: "invalidImageSecPolicy" },
      annotations: { [key]: `found 1 CVEs in ${image("b")}` },
    },
    { name: "mended", allowed: true, labels: { [key]: null }, annotations: { [key]: null } },
    {
      name: "unseen",
      allowed: false,
      violations: [{ id: "not scanned" }],
      annotations: { [key]: expect.stringContaining("was not scanned") as string },
    },
  ]);
  // Policies of other namespaces say nothing of it.
  const elsewhere = { ...policy, metadata: { name: "strict", namespace: "bank" } };
  expect(await reviewPods(pods, { ...evidence, policies: [elsewhere] })).toMatchObject([
    { allowed: true },
    { allowed: true },
    { allowed: true },
    { allowed: true },
  ]);
});

test("pods are marked as attested, and vulnerabilities count although they are", async () => {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = "EcdsaP256Sha256";
  const signing = {
    privateKeyPem: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    algorithm,
    keyId: "qa",
  };
  const publicKeyPem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  const publicKeys = [
    { keyType: "PKIX", keyId: "qa", pkixPublicKey: { publicKeyPem, signatureAlgorithm: "ECDSA_P256_SHA256" } },
  ];
  const asking = { ...policy, spec: { ...policy.spec, attestationAuthorityName: "qa" } };
  const attested = {
    ...evidence,
    policies: [asking],
    authorities: [{ name: "qa", publicKeys }],
    attestations: { [image("b")]: [await signAttestation(image("b"), signing)] },
  };

  expect(await reviewPods([pod("p", [image("b")]), pod("q", [image("a")])], attested)).toMatchObject([
    {
      allowed: false,
      labels: { [attestation]: "attested", [key]: "invalidImageSecPolicy" },
      annotations: { [attestation]: "Previously attested." },
    },
    { allowed: true, labels: { [attestation]: "notAttested" } },
  ]);
});

test("what cannot be judged is not called allowed", async () => {
  const authority = { ...policy, spec: { ...policy.spec, attestationAuthorityName: "qa" } };

  expect(await reviewPods([pod("p", [image("a")])], { ...evidence, policies: [authority] })).toMatchObject([
    {
      allowed: false,
      violations: [{ id: "error" }],
      labels: { [key]: "invalidImageSecPolicy", [attestation]: "notAttested" },
      annotations: { [attestation]: "No valid attestations present. This pod will not be able to restart in future" },
    },
  ]);
  await expect(
    reviewPods([], {
      policies: [
        { kind: "ImageSecurityPolicy", spec: { packageVulnerabilityRequirements: { maximumSeverity: "ODD" } } },
      ],
    }),
  ).rejects.toThrow();
  await expect(reviewPods([], evidence, { other: 1 } as never)).rejects.toThrow(TypeError);
});
