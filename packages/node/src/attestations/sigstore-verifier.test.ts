import { createHash } from "node:crypto";
import { signedBytes, verifyAttestation } from "@plimsoll/attestations";
import type { Attestation, SignerIdentity, VerifyBundle } from "@plimsoll/attestations";
import { ScanError } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { signerIdentity, sigstoreWorld } from "./fixtures/sigstore-world.ts";
import type { SignedThing } from "./fixtures/sigstore-world.ts";
import { sigstoreVerifier } from "./sigstore-verifier.ts";

// Certificates, log entries and timestamps are made here by a test CA, log and TSA: no private key and no recording lies in the repository.

const digest = `sha256:${"a1".repeat(32)}`;
const image = `registry.example/app@${digest}`;
const payload = JSON.stringify({
  critical: {
    identity: { "docker-reference": "registry.example/app" },
    image: { "docker-manifest-digest": digest },
    type: "cosign container image signature",
  },
});
const statement = JSON.stringify({
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "registry.example/app", digest: { sha256: "a1".repeat(32) } }],
  predicateType: "https://slsa.dev/provenance/v1",
  predicate: {},
});
const inToto = "application/vnd.in-toto+json";
const base64 = (value: string | Uint8Array): string => Buffer.from(value).toString("base64");
const hex = (value: string | Uint8Array): string => createHash("sha256").update(value).digest("hex");

const world = sigstoreWorld();
const verifyBundle = sigstoreVerifier(world.trustedRoot());

const hashedRekord = (artifact: string) => (signature: Uint8Array, pem: string) => ({
  apiVersion: "0.0.1",
  kind: "hashedrekord",
  spec: {
    data: { hash: { algorithm: "sha256", value: hex(artifact) } },
    signature: { content: base64(signature), publicKey: { content: base64(pem) } },
  },
});
const dsseEntry = (body: string) => (signature: Uint8Array, pem: string) => ({
  apiVersion: "0.0.1",
  kind: "dsse",
  spec: {
    payloadHash: { algorithm: "sha256", value: hex(body) },
    signatures: [{ signature: base64(signature), verifier: base64(pem) }],
  },
});

/** A signature as cosign keeps it under its tag. */
function legacy(parts: { readonly log: boolean; readonly timestamp: boolean }, text = payload): Attestation {
  const { signature, certificatePem, logEntry, timestamp } = world.sign(Buffer.from(text), hashedRekord(text));
  return {
    keyId: "",
    signature,
    payload: text,
    certificate: certificatePem,
    ...(parts.log ? { logEntry } : {}),
    ...(parts.timestamp ? { timestamp } : {}),
  };
}

function envelopeBundle(body: string, more: (signed: SignedThing) => object): Attestation {
  const signed = world.sign(signedBytes(inToto, Buffer.from(body)), dsseEntry(body));
  const dsseEnvelope = {
    payloadType: inToto,
    payload: base64(body),
    signatures: [{ sig: signed.signature, keyid: "" }],
  };
  return { keyId: "", signature: JSON.stringify({ ...more(signed), dsseEnvelope }) };
}

const version3 = ({ certificateDer, tlogEntry }: SignedThing): object => ({
  mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
  verificationMaterial: { certificate: { rawBytes: base64(certificateDer) }, tlogEntries: [tlogEntry] },
});
const version1 = ({ certificateDer, tlogEntry }: SignedThing): object => ({
  mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
  verificationMaterial: {
    x509CertificateChain: { certificates: [{ rawBytes: base64(certificateDer) }] },
    tlogEntries: [tlogEntry],
  },
});
function messageBundle(): Attestation {
  const { signature, certificateDer, tlogEntry, rfc3161 } = world.sign(Buffer.from(payload), hashedRekord(payload));
  const bundle = {
    mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.2",
    verificationMaterial: {
      x509CertificateChain: { certificates: [{ rawBytes: base64(certificateDer) }] },
      tlogEntries: [tlogEntry],
      timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: rfc3161 }] },
    },
    messageSignature: {
      messageDigest: { algorithm: "SHA2_256", digest: base64(Buffer.from(hex(payload), "hex")) },
      signature,
    },
  };
  return { keyId: "", payload, signature: JSON.stringify(bundle) };
}

const everyForm: readonly (readonly [string, () => Attestation])[] = [
  ["a bundle 0.3 with a statement", () => envelopeBundle(statement, version3)],
  ["a bundle 0.1 with a statement", () => envelopeBundle(statement, version1)],
  ["a bundle 0.2 with a signature beside its payload", messageBundle],
  ["a .sig tag with a log entry", () => legacy({ log: true, timestamp: false })],
  ["a .sig tag with a log entry and a timestamp", () => legacy({ log: true, timestamp: true })],
];

async function verify(
  attestation: Attestation,
  verifier: VerifyBundle | undefined = verifyBundle,
  identities: readonly SignerIdentity[] = [signerIdentity],
  about = image,
): Promise<{ readonly verified: boolean; readonly reason?: string | undefined }> {
  return verifyAttestation(about, attestation, [], { verifyBundle: verifier, identities });
}

/** Every text in a document, changed one after the other: the text with one character exchanged. */
function tampered(document: unknown, path: readonly string[] = []): readonly (readonly [string, unknown])[] {
  if (typeof document === "string") {
    // Near the end, where DER has its signature. Never the same letter in the other case, which is the same digit of
    // a hexadecimal number.
    const at = Math.floor(document.length * 0.9);
    const other = document[at]?.toLowerCase() === "a" ? "B" : "A";
    return document === "" ? [] : [[path.join("."), document.slice(0, at) + other + document.slice(at + 1)]];
  }
  if (typeof document !== "object" || document === null) return [];
  return Object.entries(document).flatMap(([key, member]) =>
    tampered(member, [...path, key]).map(([where, changed]): readonly [string, unknown] => [
      where,
      Array.isArray(document)
        ? document.map((item: unknown, index) => (String(index) === key ? changed : item))
        : { ...document, [key]: changed },
    ]),
  );
}

describe.each(everyForm)("%s", (_, make) => {
  test("is verified for the image and the signer", async () => {
    expect(await verify(make())).toEqual({ verified: true });
  });

  test("is refused for another image, another signer, another issuer, nobody, and without a verifier", async () => {
    const attestation = make();
    const other = `registry.example/app@sha256:${"b2".repeat(32)}`;
    const { issuer, subject } = signerIdentity;
    expect((await verify(attestation, verifyBundle, [signerIdentity], other)).verified).toBe(false);
    for (const identities of [[{ issuer, subject: `${subject}x` }], [{ issuer: "https://x.example", subject }], []])
      expect((await verify(attestation, verifyBundle, identities)).verified).toBe(false);
    const { reason } = await verifyAttestation(image, attestation, [], { identities: [signerIdentity] });
    expect(reason).toContain("cannot be verified");
  });

  test("is refused with a trust root of another world, and one that does not know the log", async () => {
    const other = sigstoreWorld();
    expect((await verify(make(), sigstoreVerifier(other.trustedRoot()))).verified).toBe(false);
    expect((await verify(make(), sigstoreVerifier(world.trustedRoot({ logs: false })))).verified).toBe(false);
  });

  test("is refused with any of its texts changed", async () => {
    const attestation = make();
    const isBundle = attestation.signature.startsWith("{");
    const document: unknown = isBundle
      ? { ...attestation, signature: JSON.parse(attestation.signature) }
      : {
          ...attestation,
          ...(attestation.logEntry === undefined ? {} : { logEntry: JSON.parse(attestation.logEntry) }),
        };
    const changes = tampered(document);
    expect(changes.length).toBeGreaterThanOrEqual(5);
    const admitted: string[] = [];
    for (const [where, value] of changes) {
      const changed = value as Record<string, unknown>;
      const restored = Object.fromEntries(
        Object.entries(changed).map(([key, member]) => [
          key,
          typeof member === "string" ? member : JSON.stringify(member),
        ]),
      ) as unknown as Attestation;
      if ((await verify(restored)).verified) admitted.push(where);
    }
    // What is not signed and means nothing: hints for whoever looks a thing up.
    expect(admitted.filter((where) => !unsignedTexts.test(where))).toEqual([]);
  });

  test("is refused cut short", async () => {
    const { signature, ...rest } = make();
    for (const share of [0, 0.3, 0.7, 0.95]) {
      const cut = signature.slice(0, Math.floor(signature.length * share));
      expect((await verify({ ...rest, signature: cut })).verified).toBe(false);
    }
  });
});

/** Copies of what is signed elsewhere in the bundle, and the digest that is computed anew. */
const unsignedTexts = /(?:^keyId|keyid|inclusionProof\.(?:rootHash|treeSize))$/;

test("a timestamp alone is enough where the trust root names no log, and nothing without one", async () => {
  const verifier = sigstoreVerifier(world.trustedRoot({ logs: false }));
  const stamped = legacy({ log: false, timestamp: true });
  expect(await verify(stamped, verifier)).toEqual({ verified: true });
  expect((await verify(legacy({ log: false, timestamp: false }), verifier)).verified).toBe(false);
  expect(
    (await verify({ ...stamped, timestamp: legacy({ log: false, timestamp: true }).timestamp }, verifier)).verified,
  ).toBe(false);
  // Where the root has a log, its entry is asked for.
  expect((await verify(stamped)).verified).toBe(false);
});

test("a certificate that had expired when the log saw the signature is refused", async () => {
  const { signature, certificatePem, logEntry } = world.sign(Buffer.from(payload), hashedRekord(payload), true);
  const { verified, reason } = await verify({ keyId: "", signature, payload, certificate: certificatePem, logEntry });
  expect([verified, reason]).toEqual([false, expect.stringContaining("certificate")]);
});

test("a log entry of another signature is refused", async () => {
  const [first, second] = [legacy({ log: true, timestamp: false }), legacy({ log: true, timestamp: false })];
  expect((await verify({ ...first, logEntry: second.logEntry })).verified).toBe(false);
});

test("a signer may be trusted by a pattern, which must match the whole name", async () => {
  const { issuer } = signerIdentity;
  const by = async (subjectPattern: string): Promise<boolean> =>
    (await verify(envelopeBundle(statement, version3), verifyBundle, [{ issuer, subjectPattern }])).verified;
  expect(await by("https://ci\\.example/app/.*")).toBe(true);
  expect(await by("ci\\.example")).toBe(false);
  expect(await by("(")).toBe(false);
  expect(await by("nobody)|(?:https")).toBe(false);
});

test("without the optional package nothing is verified, and the reason names it", async () => {
  const { verified, reason } = await verify(
    legacy({ log: true, timestamp: false }),
    sigstoreVerifier(world.trustedRoot(), () => undefined),
  );
  expect([verified, reason]).toEqual([false, expect.stringContaining("@sigstore/verify is not installed")]);
});

test.each([
  ["nothing", {}],
  ["a text", "root"],
  ["null", null],
  ["a root without authorities", { ...world.trustedRoot(), certificateAuthorities: [] }],
  ["a root without any trusted time", world.trustedRoot({ logs: false, timestamps: false })],
])("a trust root that is %s is an error", (_, root) => {
  expect(() => sigstoreVerifier(root)).toThrow(ScanError);
});
