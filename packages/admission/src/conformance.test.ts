import { createPayload } from "@plimsoll/attestations";
import type { Attestation, AttestationAuthority } from "@plimsoll/attestations";
import { imagesOf, kubernetesObjects } from "@plimsoll/kubernetes";
import { sharedFile } from "@plimsoll/testkit";
import { createMessage, generateKey, readPrivateKey, sign } from "openpgp";
import { describe, expect, test } from "vitest";
import {
  areOwnersImages,
  decide,
  evaluateImagePolicies,
  isBuiltFrom,
  isOfRepository,
  matchesNamePattern,
} from "./index.ts";

/** Members of the tables' rows; each table has some of them. */
interface Row {
  readonly id: string;
  readonly image: string;
  readonly images: readonly string[];
  readonly ownerImages: readonly string[];
  readonly object: unknown;
  readonly pod: unknown;
  readonly policy: unknown;
  readonly policies: readonly unknown[];
  readonly patterns?: readonly string[];
  readonly repositories?: readonly string[];
  readonly match: boolean;
  readonly vulnerabilities: readonly {
    readonly cve: string;
    readonly severity: string;
    readonly fixAvailable: boolean;
  }[];
  readonly violations: number & readonly string[];
  readonly error?: boolean;
  readonly builtFrom: string;
  readonly source: string;
  readonly pass: boolean;
  readonly valid: boolean;
  readonly webhook: boolean;
  readonly admit: boolean;
  readonly attested: boolean;
  readonly attestationCreated: boolean;
  readonly violationsHandled: number;
  readonly fullyAttested: boolean;
  readonly attestations: readonly { readonly signer: string; readonly image: string }[];
  readonly authorities: readonly {
    readonly name: string;
    readonly publicKeys: readonly { readonly signer: string }[];
  }[];
  readonly attestationPolicyViolated: boolean;
  readonly imagePolicyViolated: boolean;
  readonly allowed: boolean;
  readonly message: string;
}

function each(table: string, check: (row: Row) => Promise<void> | void): void {
  const text = sharedFile(`conformance/kritis/${table}.json`);
  const rows = text === undefined ? [] : (JSON.parse(text) as Row[]).map((row) => [row.id, row] as const);
  describe.skipIf(rows.length === 0)(`Kritis, ${table}`, () => {
    test.each(rows)("%s", async (_id, row) => check(row));
  });
}

const keys = new Map<string, ReturnType<typeof makeKey>>();

async function keyOf(name: string): ReturnType<typeof makeKey> {
  const made = keys.get(name) ?? makeKey(name);
  keys.set(name, made);
  return made;
}

async function makeKey(name: string): Promise<{ privateKey: string; publicKey: string; fingerprint: string }> {
  const pair = await generateKey({ userIDs: { name }, format: "armored" });
  const fingerprint = (await readPrivateKey({ armoredKey: pair.privateKey })).getFingerprint();
  return { ...pair, fingerprint };
}

async function attest(signer: string, image: string): Promise<Attestation> {
  const { privateKey, fingerprint } = await keyOf(signer);
  const message = await createMessage({ text: JSON.stringify(createPayload(image)) });
  const signature = await sign({ message, signingKeys: await readPrivateKey({ armoredKey: privateKey }) });
  return { keyId: fingerprint, signature: String(signature) };
}

async function authorityOf(name: string, signers: readonly string[]): Promise<AttestationAuthority> {
  const publicKeys = signers.map(async (signer) => ({
    keyType: "PGP",
    asciiArmoredPgpPublicKey: (await keyOf(signer)).publicKey,
  }));
  return { name, publicKeys: await Promise.all(publicKeys) };
}

each("allowlist", ({ patterns, repositories = [], image, match }) => {
  const matched =
    patterns?.some((pattern) => matchesNamePattern(pattern, image)) ?? isOfRepository(image, repositories);
  expect(matched).toBe(match);
});

each("build-policy", ({ builtFrom, source, pass }) => {
  expect(isBuiltFrom(builtFrom, source)).toBe(pass);
});

each("vulnerability-policy", async ({ image, policy, vulnerabilities, violations, error }) => {
  const judged = vulnerabilities.map(({ cve: id, ...rest }) => ({ id, ...rest }));
  const decision = evaluateImagePolicies({ image, policies: [policy], vulnerabilities: judged });
  if (error === true) await expect(decision).rejects.toThrow("is not a severity");
  else expect((await decision).violations.map(({ id }) => id).sort()).toEqual(violations);
});

each("attestation-policy", async (row) => {
  const { image, policies, admit, fullyAttested } = row;
  const authorities = row.authorities.map(async ({ name, publicKeys }) =>
    authorityOf(
      name,
      publicKeys.map(({ signer }) => signer),
    ),
  );
  const attestations = row.attestations.map(async ({ signer, image: signed }) => attest(signer, signed));
  const evidence = {
    image,
    policies,
    authorities: await Promise.all(authorities),
    attestations: await Promise.all(attestations),
  };
  const decision = await evaluateImagePolicies(evidence).catch(() => ({ allowed: false, satisfied: [] }));
  expect(decision.allowed).toBe(admit);
  expect(decision.satisfied.length > 0).toBe(fullyAttested);
});

each("image-policy-review", async (row) => {
  const { image, policy, webhook } = row;
  const decision = await evaluateImagePolicies({
    image,
    policies: [policy],
    authorities: [await authorityOf("test", ["sec"])],
    attestations: await Promise.all(row.attestations.map(async ({ signer, image: signed }) => attest(signer, signed))),
    vulnerabilities: Array.from({ length: row.violations }, (_, index) => ({
      id: `CVE-2020-${index}`,
      // The policies of the table are of the default, which allows CRITICAL: only an odd one violates it.
      severity: "UNKNOWN",
      fixAvailable: true,
    })),
    mode: webhook ? "webhook" : "background",
  });
  expect(decision.allowed).toBe(row.admit);
  expect(decision.violations.length).toBe(row.violationsHandled);
  expect(decision.attestedBy.length > 0).toBe(row.attested);
  expect(decision.toAttest.length > 0).toBe(row.attestationCreated);
});

each("object-images", ({ object, images }) => {
  expect(
    kubernetesObjects(object)
      .flatMap(imagesOf)
      .map(({ image }) => image),
  ).toEqual(images);
});

each("owner-images", ({ images, ownerImages, valid }) => {
  expect(areOwnersImages(images, ownerImages)).toBe(valid);
});

each("admission", async (row) => {
  const attestationPolicy = { kind: "GenericAttestationPolicy", spec: { attestationAuthorityNames: ["nobody"] } };
  const imagePolicy = {
    kind: "ImageSecurityPolicy",
    spec: { packageVulnerabilityRequirements: { maximumSeverity: "LOW" } },
  };
  const policies = [
    ...(row.attestationPolicyViolated ? [attestationPolicy] : []),
    ...(row.imagePolicyViolated ? [imagePolicy] : []),
  ];
  const authorities = [await authorityOf("nobody", ["nobody"])];
  const decision = await decide(row.pod, { policies, authorities });
  expect(decision.allowed).toBe(row.allowed);
  if (row.allowed) expect(decision.message).toBe(row.message);
});
