import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { generateKey } from "openpgp";
import { describe, expect, test } from "vitest";
import {
  cosignTag,
  inTotoPayloadType,
  isAbout,
  readCosignManifest,
  readStatement,
  resolveTags,
  reviewAttestations,
  signAttestation,
  signedBytes,
  verifyAttestation,
  verifyDetached,
  verifyEnvelope,
  verifyJwt,
  verifyPgpMessage,
  verifySignatures,
} from "./index.ts";
import { decodeBase64, encodeBase64, encodeBase64Url } from "./base64.ts";
import { derEcdsaSignature, rawEcdsaSignature } from "./der.ts";
import { newKeyPair } from "./fixtures/key-pair.ts";
import { bytesOf } from "./verification.ts";

const digest = `sha256:${"a1".repeat(32)}`;
const image = `registry.example/app@${digest}`;
const everyAlgorithm = [
  "RsaSignPkcs12048Sha256",
  "RsaPss2048Sha256",
  "EcdsaP256Sha256",
  "EcdsaP384Sha384",
  "EcdsaP521Sha512",
  "Ed25519",
];

describe.each(everyAlgorithm)("a signature of %s", (algorithm) => {
  test("is verified by the key that made it, as PEM and as DER, and refused over anything else", async () => {
    const signer = await newKeyPair(algorithm);
    const { payload = "", signature } = await signAttestation(image, { ...signer, keyId: "k" });
    const key = { type: "pkix", pem: signer.pem, algorithm } as const;

    expect(await verifyDetached(payload, signature, key)).toEqual({ verified: true });
    expect(await verifyDetached(bytesOf(payload), signature, { type: "pkix", der: signer.der, algorithm })).toEqual({
      verified: true,
    });
    expect((await verifyDetached(`${payload} `, signature, key)).verified).toBe(false);
    const other = await newKeyPair(algorithm, "other");
    expect((await verifyDetached(payload, signature, { ...key, pem: other.pem })).verified).toBe(false);
  });

  test("is refused with any bit changed, and cut short", async () => {
    const signer = await newKeyPair(algorithm);
    const { payload = "", signature } = await signAttestation(image, { ...signer, keyId: "k" });
    const bytes = decodeBase64(signature) ?? new Uint8Array();
    const key = { type: "pkix", pem: signer.pem, algorithm } as const;

    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const forged = new Uint8Array(bytes);
        forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect((await verifyDetached(payload, forged, key)).verified).toBe(false);
        expect((await verifyDetached(payload, bytes.subarray(0, bit >> 3), key)).verified).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  test("as a token is verified, and refused when its claims are exchanged", async () => {
    const signer = await newKeyPair(algorithm);
    const key = { type: "pkix", pem: signer.pem, algorithm, id: "https://keys.example/1" } as const;
    const { signature: token } = await signAttestation(image, { ...signer, keyId: key.id, form: "jwt" });
    const [head, , mark] = token.split(".");
    const [, claims] = (
      await signAttestation(`other@${digest.replace("a1", "b2")}`, { ...signer, keyId: key.id, form: "jwt" })
    ).signature.split(".");

    expect(JSON.parse((await verifyJwt(token, key)).claims ?? "null")).toMatchObject({
      sub: `container:digest:${digest}`,
    });
    expect((await verifyJwt(`${head}.${claims}.${mark}`, key)).verified).toBe(false);
  });
});

describe("a token", () => {
  const now = "2026-06-01T12:00:00Z";
  const at = Date.parse(now) / 1000;
  const sub = `container:digest:${digest}`;

  /** A token with these claims. */
  async function tokenOf(claims: object, keyId: string, privateKeyPem: string): Promise<string> {
    const parts = [{ alg: "EdDSA", typ: "JWT", kid: keyId }, claims].map((part) =>
      encodeBase64Url(bytesOf(JSON.stringify(part))),
    );
    const der = decodeBase64(privateKeyPem.replace(/-----[^-]+-----/g, "")) ?? new Uint8Array();
    const key = await crypto.subtle.importKey("pkcs8", der, { name: "Ed25519" }, false, ["sign"]);
    const mark = await crypto.subtle.sign({ name: "Ed25519" }, key, bytesOf(parts.join(".")));
    return [...parts, encodeBase64Url(new Uint8Array(mark))].join(".");
  }

  test.each([
    [{}, true],
    [{ exp: at + 1, nbf: at }, true],
    [{ exp: at }, false],
    [{ nbf: at + 1 }, false],
    [{ exp: String(at + 60) }, false],
    [{ exp: null }, false],
  ])("with the claims %j is valid: %s", async (dates, verified) => {
    const { pem, privateKeyPem } = await newKeyPair("Ed25519");
    const id = "https://keys.example/1";
    const attestation = { keyId: id, signature: await tokenOf({ sub, ...dates }, id, privateKeyPem) };
    const keys = [{ id, key: { type: "pkix", pem, algorithm: "Ed25519" } as const }];

    expect((await verifyAttestation(image, attestation, keys, { now })).verified).toBe(verified);
    expect((await verifyAttestation(image, attestation, keys)).verified).toBe(true);
  });
});

test("a PGP message that grows without end when it is decompressed is refused", async () => {
  const inner = deflateRawSync(new Uint8Array(40_000_000));
  // RFC 9580, 4.2.1 and 5.6: a packet of type 8 with a length of four bytes, compressed by ZIP.
  const length = inner.length + 1;
  const head = [0xc8, 0xff, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255, 1];
  const message = Buffer.concat([Buffer.from(head), inner]).toString("base64");
  const { publicKey: armored } = await generateKey({ userIDs: [{ name: "qa" }], format: "armored" });

  const { verified, reason } = await verifyPgpMessage(message, { type: "pgp", armored });
  expect([verified, reason]).toEqual([false, expect.stringContaining("decompressed message size exceeded")]);
});

describe("keys", () => {
  test("are refused where they are not what the algorithm uses", async () => {
    const { pem } = await newKeyPair("EcdsaP256Sha256");
    const verify = async (key: { pem: string; algorithm?: string }): Promise<string | undefined> =>
      (await verifyDetached("x", "AAAA", { type: "pkix", ...key })).reason;

    expect(await verify({ pem, algorithm: "EcdsaP384Sha384" })).toContain(
      "ECDSA P-256, which EcdsaP384Sha384 does not use",
    );
    expect(await verify({ pem, algorithm: "RsaPss2048Sha256" })).toContain("does not use");
    expect(await verify({ pem, algorithm: "none" })).toContain("not known");
    expect(await verify({ pem: pem + pem, algorithm: "EcdsaP256Sha256" })).toContain("exactly one PEM block");
    expect(await verify({ pem: pem.replace("MF", "AA") })).toContain("not an RSA, ECDSA");
  });
});

describe("an authority", () => {
  test("finds the attestations that are its own and about the image, and says why the others are not", async () => {
    const algorithm = "EcdsaP256Sha256";
    const [mine, stranger] = [await newKeyPair(algorithm), await newKeyPair(algorithm, "stranger")];
    const keyId = "https://keys.example/1";
    const authority = {
      name: "build",
      publicKeys: [
        { keyType: "PKIX", keyId, pkixPublicKey: { publicKeyPem: mine.pem, signatureAlgorithm: "ECDSA_P256_SHA256" } },
      ],
    };
    const good = await signAttestation(image, { ...mine, keyId });
    const replayed = await signAttestation(`registry.example/other@${digest}`, { ...mine, keyId });
    const forged = await signAttestation(image, { ...stranger, keyId });
    const unknown = await signAttestation(image, { ...mine, keyId: "https://keys.example/2" });

    const review = await reviewAttestations(image, [good, replayed, forged, unknown], authority);
    expect(review.valid).toEqual([good]);
    expect(review.refused.map(({ reason }) => reason)).toEqual([
      `what is signed is about registry.example/other@${digest}, not registry.example/app@${digest}`,
      "the signature was not made by this key over this payload (EcdsaP256Sha256)",
      'no key has the id "https://keys.example/2"',
    ]);
    expect((await reviewAttestations("registry.example/app:tag", [good], authority)).valid).toEqual([]);
  });
});

describe("cosign", () => {
  test("signatures are read from a manifest and verified with any of the keys", async () => {
    const signer = await newKeyPair("EcdsaP256Sha256");
    const other = await newKeyPair("Ed25519");
    const { payload = "", signature } = await signAttestation(image, { ...signer, keyId: "" });
    const mediaType = "application/vnd.dev.cosign.simplesigning.v1+json";
    const layer = { mediaType, digest, annotations: { "dev.cosignproject.cosign/signature": signature } };
    const layers = readCosignManifest(JSON.stringify({ layers: [{ mediaType: "text/plain", digest }, layer, null] }));
    const keys = [other, signer].map(({ pem }) => ({ type: "pkix", pem }) as const);
    const signatures = layers.map((each) => ({ payload, signature: each.signature }));

    expect(cosignTag(digest)).toBe(`sha256-${"a1".repeat(32)}.sig`);
    expect(layers).toMatchObject([{ payloadDigest: digest, signature, attestation: { keyId: "", signature } }]);
    expect(await verifySignatures(image, { signatures, keys })).toEqual({
      verified: true,
      signatures: [{ verified: true, key: 1 }],
    });
    expect((await verifySignatures(image, { signatures, keys: [] })).verified).toBe(false);
    expect((await verifySignatures(image, { signatures: [], keys })).verified).toBe(false);
    expect((await verifySignatures("registry.example/app:1", { signatures, keys })).verified).toBe(false);
  });
});

describe("a DSSE envelope", () => {
  test("with an in-toto statement is verified by one of its signatures, and refused with another type", async () => {
    const signer = await newKeyPair("Ed25519");
    const statement = JSON.stringify({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "app", digest: { sha256: "a1".repeat(32) } }],
      predicateType: "https://slsa.dev/provenance/v1",
      predicate: {},
    });
    const der = decodeBase64(signer.privateKeyPem.replace(/-----[^-]+-----/g, "")) ?? new Uint8Array();
    const privateKey = await crypto.subtle.importKey("pkcs8", der, { name: "Ed25519" }, false, ["sign"]);
    const signed = await crypto.subtle.sign(
      { name: "Ed25519" },
      privateKey,
      signedBytes(inTotoPayloadType, bytesOf(statement)),
    );
    const signatures = [{ keyid: "x", sig: "AAAA" }, { sig: encodeBase64(new Uint8Array(signed)) }];
    const envelope = { payloadType: inTotoPayloadType, payload: encodeBase64(bytesOf(statement)), signatures };
    const keys = [{ type: "pkix", pem: signer.pem } as const];

    const result = await verifyEnvelope(JSON.stringify(envelope), keys);
    expect(result).toMatchObject({ verified: true, payloadType: inTotoPayloadType, key: 0 });
    expect(isAbout(readStatement(result.payload ?? ""), digest)).toBe(true);
    expect(isAbout(readStatement(result.payload ?? ""), digest.replace("a1", "b2"))).toBe(false);
    expect((await verifyEnvelope(JSON.stringify({ ...envelope, payloadType: "text/plain" }), keys)).verified).toBe(
      false,
    );
    expect((await verifyEnvelope(JSON.stringify(envelope), [])).verified).toBe(false);
  });

  test("signs what the specification's example says", () => {
    const bytes = signedBytes("http://example.com/HelloWorld", bytesOf("hello world"));
    expect(new TextDecoder().decode(bytes)).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  });
});

describe("ECDSA signatures in DER", () => {
  test("are the same after a round trip, and numbers that are padded or negative are refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (raw) => {
        expect(rawEcdsaSignature(derEcdsaSignature(raw), 32)).toEqual(new Uint8Array(raw));
      }),
    );
    expect(rawEcdsaSignature(new Uint8Array([0x30, 6, 2, 1, 0x81, 2, 1, 1]), 32)).toBeUndefined();
    expect(rawEcdsaSignature(new Uint8Array([0x30, 7, 2, 2, 0, 1, 2, 1, 1]), 32)).toBeUndefined();
    expect(rawEcdsaSignature(new Uint8Array([0x30, 6, 2, 1, 1, 2, 1, 1, 0]), 32)).toBeUndefined();
  });
});

describe("resolving tags", () => {
  test("keeps quotes, comments and line ends, and says which images stay", async () => {
    const text =
      'a: # nginx:1\r\n  image: "nginx:1" # pinned?\r\n  note: |\r\n    image: nginx:1\r\nb: [{image: nginx:1}, {image: lost}]\r\n';
    const {
      text: pinned,
      resolved,
      problems,
    } = await resolveTags(text, {
      digestOf: (name) => (name === "nginx:1" ? digest : undefined),
    });

    expect(pinned).toBe(
      text.replace('"nginx:1"', `"nginx@${digest}"`).replace("{image: nginx:1}", `{image: nginx@${digest}}`),
    );
    expect(resolved.map(({ line }) => line)).toEqual([2, 5]);
    expect(problems).toEqual([{ line: 5, message: "lost has no digest that could be found" }]);
  });
});
