import { generateKeyPairSync } from "node:crypto";
import { identifyKey, memoryAttestationStore, signAttestation } from "@plimsoll/attestations";
import type { IdentifiedKey } from "@plimsoll/attestations";
import { ScanError } from "@plimsoll/model";
import type { Attestation, Inventory } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { leftPadStore as advisories } from "./fixtures/left-pad.ts";
import { attestedEvidence, scanInventory } from "./index.ts";
import type { AttestedOptions } from "./index.ts";

const digest = `sha256:${"ab".repeat(32)}` as const;
const image = `registry.example/app@${digest}`;
const purl = "pkg:npm/left-pad@1.0.0";

interface Signer {
  readonly key: IdentifiedKey;
  sign(predicateType: string, predicate: unknown, about?: string): Promise<Attestation>;
}

async function signer(keyId: string): Promise<Signer> {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const privateKeyPem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const data = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  const algorithm = "EcdsaP256Sha256";
  return {
    key: await identifyKey({ type: "PKIX", algorithm, id: keyId, data }),
    sign: (predicateType, predicate, about = image) =>
      signAttestation(about, {
        privateKeyPem,
        algorithm,
        keyId,
        form: "dsse",
        statement: { predicateType, predicate },
      }),
  };
}

const [ada, eve] = await Promise.all([signer("ada"), signer("eve")]);

const empty: Inventory = {
  schemaVersion: 2,
  artifact: { name: "registry.example/app:1", kind: "container-image", digest, layers: [] },
  packages: [],
  diagnostics: [],
};
const component = { type: "library", name: "left-pad", version: "1.0.0", purl, "bom-ref": "a" };
const bom = { bomFormat: "CycloneDX", specVersion: "1.5", version: 1, components: [component] };
const spdx = {
  spdxVersion: "SPDX-2.3",
  dataLicense: "CC0-1.0",
  SPDXID: "SPDXRef-DOCUMENT",
  name: "app",
  documentNamespace: "https://example.org/app",
  creationInfo: { created: "2026-01-01T00:00:00Z", creators: ["Tool: test"] },
  packages: [
    {
      SPDXID: "SPDXRef-a",
      name: "left-pad",
      versionInfo: "1.0.0",
      downloadLocation: "NOASSERTION",
      externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }],
    },
  ],
};
const vex = {
  "@context": "https://openvex.dev/ns/v0.2.0",
  "@id": "https://example.org/vex",
  author: "Ada",
  timestamp: "2026-01-01T00:00:00Z",
  version: 1,
  statements: [
    {
      vulnerability: { name: "GHSA-1" },
      products: [{ "@id": purl }],
      status: "not_affected",
      justification: "vulnerable_code_not_present",
    },
  ],
};
const cyclonedxType = "https://cyclonedx.org/bom";
const spdxType = "https://spdx.dev/Document";
const openvexType = "https://openvex.dev/ns/v0.2.0";

async function found(attestations: AttestedOptions["attestations"], keys = [ada.key], inventory = empty) {
  const report = await scanInventory(inventory, { advisories, attested: { attestations, keys } });
  const { vulnerabilities, suppressed = [], packages, diagnostics, coverage } = report;
  return {
    ids: vulnerabilities.map(({ id }) => id),
    suppressed: suppressed.map(({ by, finding }) => `${finding.id} by ${by}`),
    packages,
    told: diagnostics.map(({ code, message }) => `${code}: ${message}`),
    verdict: coverage.verdict,
  };
}

describe("an SBOM that somebody trusted attests", () => {
  test.each([
    ["CycloneDX", cyclonedxType, bom],
    ["SPDX", spdxType, spdx],
    ["SPDX as cosign wrapped it", spdxType, { Data: JSON.stringify(spdx), Timestamp: "2026-01-01T00:00:00Z" }],
  ])("in %s adds the packages that the scan did not find", async (_, type, document) => {
    const { ids, packages, told } = await found([await ada.sign(type, document)]);

    expect(ids).toEqual(["GHSA-1"]);
    expect(packages).toMatchObject([{ purl, foundBy: ["attested-sbom"] }]);
    expect(told).toEqual([]);
  });

  test("takes nothing away, and says nothing twice", async () => {
    const known = (
      await attestedEvidence(empty, { attestations: [await ada.sign(cyclonedxType, bom)], keys: [ada.key] })
    ).inventory;
    const other = { ...component, name: "right-pad", purl: "pkg:npm/right-pad@1.0.0", "bom-ref": "b" };
    const more = await ada.sign(cyclonedxType, {
      ...bom,
      components: [other, component],
      dependencies: [{ ref: "b", dependsOn: ["a"] }],
    });

    const { packages } = await found([more], [ada.key], known);

    expect(packages).toMatchObject([{ purl }, { purl: other.purl, dependencies: [purl] }]);
  });
});

describe("a VEX document that somebody trusted attests", () => {
  test.each([
    ["OpenVEX", openvexType, vex],
    [
      "CycloneDX",
      cyclonedxType,
      {
        ...bom,
        vulnerabilities: [{ id: "GHSA-1", analysis: { state: "not_affected" }, affects: [{ ref: "a" }], bom_ref: "v" }],
      },
    ],
  ])("in %s takes findings out, by name", async (_, type, document) => {
    const store = memoryAttestationStore();
    await store.put(image, await ada.sign(cyclonedxType, bom));
    await store.put(image, await ada.sign(type, document));

    expect(await found(store)).toMatchObject({ ids: [], suppressed: ["GHSA-1 by vex"], told: [] });
  });
});

describe("what nobody trusted says", () => {
  test.each([
    ["an SBOM", cyclonedxType, bom],
    ["a VEX document", openvexType, vex],
  ])("changes nothing and is told: %s", async (_, type, document) => {
    const trusted = await ada.sign(cyclonedxType, bom);
    const before = await found([trusted]);
    const { told, ...after } = await found([trusted, await eve.sign(type, document)]);

    expect({ ...after, told: before.told }).toEqual(before);
    expect(told).toEqual([
      expect.stringMatching(
        /^untrusted-attestation: an attestation of .* by eve is not trusted and was not used: no key has the id "eve"/,
      ),
    ]);
  });

  test("or that is signed under the name of somebody trusted, is about another image, or was changed afterwards", async () => {
    const forged = { ...(await eve.sign(cyclonedxType, bom)), keyId: "ada" };
    const elsewhere = await ada.sign(cyclonedxType, bom, `registry.example/app@sha256:${"cd".repeat(32)}`);
    const signed = await ada.sign(cyclonedxType, { ...bom, components: [] });
    const envelope = JSON.parse(signed.signature) as { payload: string }; // as: signAttestation makes an envelope
    const statement = JSON.parse(atob(envelope.payload)) as { predicate: unknown }; // as: likewise
    const payload = btoa(JSON.stringify({ ...statement, predicate: bom }));
    const changed = { ...signed, signature: JSON.stringify({ ...envelope, payload }) };

    for (const attestation of [forged, elsewhere, changed]) {
      const { ids, packages, told } = await found([attestation]);
      expect([ids, packages]).toEqual([[], []]);
      expect(told).toEqual([expect.stringContaining("is not trusted and was not used")]);
    }
  });

  test("is not told where it is neither SBOM nor VEX", async () => {
    expect(await found([await eve.sign("https://slsa.dev/provenance/v1", {})])).toMatchObject({ told: [] });
  });
});

test("a trusted document that cannot be read makes the result incomplete, and the others count", async () => {
  const { ids, told } = await found([
    await ada.sign(cyclonedxType, { nothing: true }),
    await ada.sign(cyclonedxType, bom),
  ]);

  expect(ids).toEqual(["GHSA-1"]);
  expect(told).toEqual([expect.stringContaining("malformed-file: https://cyclonedx.org/bom attested by ada")]);
});

test("attestations about an index of the image count, an image without a digest has none, a store that fails is no empty one", async () => {
  const index = `sha256:${"ef".repeat(32)}` as const;
  const listed = { ...empty, artifact: { ...empty.artifact, indexDigests: [index] } };
  const store = memoryAttestationStore();
  await store.put(`registry.example/app@${index}`, await ada.sign(cyclonedxType, bom, `registry.example/app@${index}`));
  expect(await found(store, [ada.key], listed)).toMatchObject({ ids: ["GHSA-1"] });

  const { digest: _, ...artifact } = empty.artifact;
  expect((await found(store, [ada.key], { ...empty, artifact })).told).toEqual([
    "untrusted-attestation: the image has no digest, so that nothing can be attested about it",
  ]);

  const failing = { ...store, list: () => Promise.reject(new ScanError({ kind: "aborted" } as never)) }; // as: any failure
  await expect(found(failing)).rejects.toThrow(ScanError);
});
