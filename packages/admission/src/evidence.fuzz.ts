import { decide, preparePolicies } from "./index.ts";
import type { Evidence } from "./index.ts";

const image = `registry.example/app@sha256:${"0".repeat(64)}`;
const tag = "registry.example/app:1";
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "app", namespace: "shop" },
  spec: {
    containers: [
      { name: "a", image },
      { name: "b", image: tag },
    ],
  },
};

/** Any P-256 point: no input of the fuzzer can be signed by it. */
const point =
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==";
const authority = {
  apiVersion: "kritis.grafeas.io/v1beta1",
  kind: "AttestationAuthority",
  metadata: { name: "qa" },
  spec: {
    noteReference: "v1beta1/projects/p",
    publicKeys: [
      {
        keyType: "PKIX",
        keyId: "k",
        pkixPublicKey: {
          publicKeyPem: `-----BEGIN PUBLIC KEY-----\n${point}\n-----END PUBLIC KEY-----\n`,
          signatureAlgorithm: "EcdsaP256Sha256",
        },
      },
    ],
  },
};
/** Wants an attestation that nobody can have made. */
const attested = {
  apiVersion: "kritis.grafeas.io/v1beta1",
  kind: "GenericAttestationPolicy",
  metadata: { name: "attested" },
  spec: { attestationAuthorityNames: ["qa"] },
};
const nothing = 'package nothing\nviolation[{"msg": "nothing is allowed"}] { input.review }';
const refusing = [
  {
    apiVersion: "templates.gatekeeper.sh/v1",
    kind: "ConstraintTemplate",
    metadata: { name: "nothing" },
    spec: {
      crd: { spec: { names: { kind: "Nothing" } } },
      targets: [{ target: "admission.k8s.gatekeeper.sh", rego: nothing }],
    },
  },
  { apiVersion: "constraints.gatekeeper.sh/v1beta1", kind: "Nothing", metadata: { name: "all" }, spec: {} },
];
const unsigned = preparePolicies([authority, attested]);
const all = preparePolicies([...refusing, authority, attested]);

/** Members of the evidence that are said of images: the input is the value of each, and of each with the images as its keys. */
const ofImages = ["attestations", "vulnerabilities", "reports", "sources", "digests"] as const;
const others = ["authorities", "ownerImages", "allowedRepositories", "inventory", "exemptions", "now"] as const;

/** What an exemption must have to be leave from a reason, and an owner or a list to let an image off. */
const isLeave = /Nothing|attested|app|shop|Pod|registry|not/;

/**
 * Whatever stands in one member of the evidence: policies that refuse everything refuse, and nothing that is no attestation is one. A member that cannot
 * be read is no leave.
 */
export async function fuzz(input: Uint8Array): Promise<void> {
  const text = new TextDecoder().decode(input);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  // Not the text: JSON may spell a word in other ways.
  const said = JSON.stringify(value);
  for (const name of ofImages)
    for (const given of [value, { [image]: value, [tag]: value }]) await refused({ [name]: given }, await unsigned);
  if (!isLeave.test(said))
    for (const name of others)
      for (const policies of [await unsigned, await all]) await refused({ [name]: value }, policies);
  // What policies are added takes nothing away from those that are there, but for Gatekeeper's Config and another policy of the same name.
  if (!/config\.gatekeeper|nothing/i.test(said)) await refused({}, [...refusing, value]);
  for (const gate of [value, { severity: "UNKNOWN", kinds: value }, { severity: "UNKNOWN" }])
    await refused({ gate: gate as Evidence["gate"] }, []);
  // Whatever is no list of secrets is no report in which somebody looked for them.
  const gate = { severity: "UNKNOWN", kinds: ["secret"] } as const;
  if (!said.includes("secrets")) await refused({ gate, reports: { [image]: value, [tag]: value } }, []);
  await refused({ checks: { ids: value } as Evidence["checks"] }, [...refusing]);
}

async function refused(evidence: object, policies: Evidence["policies"]): Promise<void> {
  const { allowed, reasons } = await decide(pod, { ...evidence, policies }, { maxAttempts: 0 });
  if (allowed) throw new Error(`${Object.keys(evidence).join()} admitted what is refused`);
  if (reasons.length === 0) throw new Error("a refusal without a reason");
}

/** Members of each kind, some of them misshapen. */
export function seeds(): readonly string[] {
  return [
    [{ keyId: "k", signature: "AAAA", payload: "e30=" }],
    [{ id: "CVE-1", severity: "LOW", fixAvailable: true }],
    { schemaVersion: 2, vulnerabilities: [], coverage: { verdict: "complete", gaps: [] } },
    { vulnerabilities: {}, coverage: null },
    ["https://example.com/source"],
    `sha256:${"1".repeat(64)}`,
    [{ by: "a", reason: "b", expires: "2000-01-01" }],
    [{ by: "a", reason: "b", id: 5, image: {} }],
    [null],
    { severity: "LOW", kinds: ["vulnerability"] },
    ["KSV-0017"],
    "2026-01-01T00:00:00Z",
  ].map((each) => JSON.stringify(each));
}
