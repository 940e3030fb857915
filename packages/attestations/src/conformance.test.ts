import { sharedFile } from "@plimsoll/testkit";
import { generateKey, readPrivateKey, createMessage, sign } from "openpgp";
import { describe, expect, test } from "vitest";
import {
  createPayload,
  findAuthorities,
  identifyKey,
  parseNoteReference,
  readPayload,
  resolveTags,
  reviewAttestations,
  sameImage,
  signAttestation,
  taggedImages,
  verifyAttestation,
  verifyDetached,
  verifyJwt,
  verifyPgpMessage,
} from "./index.ts";
import type { Attestation, AuthorityKey } from "./index.ts";
import { parseImageName } from "./image-name.ts";
import { newKeyPair } from "./fixtures/key-pair.ts";

/** Members of the tables' rows; each table has some of them. */
interface Row {
  readonly id: string;
  readonly algorithm: string;
  readonly publicKeyPem: string;
  readonly payload: string | undefined;
  readonly signatureBase64Url: string;
  readonly valid: boolean | readonly string[];
  readonly message: string;
  readonly publicKey: string;
  readonly error?: boolean;
  readonly type: string;
  readonly keyId: string;
  readonly keyData: string;
  readonly wantKeyId: string;
  readonly text: string;
  readonly want: object | string;
  readonly token: string;
  readonly reason: string;
  readonly image: string & { readonly name: string; readonly digest: string };
  readonly createFor?: string;
  readonly first: string;
  readonly second: string;
  readonly equal: boolean;
  readonly attestationKeyId: string;
  readonly keyIds: readonly string[];
  readonly signatureVerifies: boolean;
  readonly known: readonly string[];
  readonly wanted: readonly string[];
  readonly found: number;
  readonly publicKeys: readonly (AuthorityKey & { readonly signer?: string })[];
  readonly attestations: readonly Record<string, string>[];
  readonly manifest: string;
  readonly tagged?: readonly string[];
  readonly digests?: Readonly<Record<string, string>>;
}

function rows(table: string): readonly (readonly [string, Row])[] {
  const text = sharedFile(`conformance/kritis/${table}.json`);
  return text === undefined ? [] : (JSON.parse(text) as Row[]).map((row) => [row.id, row] as const);
}

function each(table: string, check: (row: Row) => Promise<void>): void {
  const all = rows(table);
  describe.skipIf(all.length === 0)(`Kritis, ${table}`, () => {
    test.each([...all])("%s", async (_id, row) => check(row));
  });
}

async function fails(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return false;
  } catch {
    return true;
  }
}

each("signature", async (row) => {
  const key = { type: "pkix", pem: row.publicKeyPem, algorithm: row.algorithm } as const;
  expect((await verifyDetached(row.payload ?? "", row.signatureBase64Url, key)).verified).toBe(row.valid);
});

each("pgp-message", async (row) => {
  const result = await verifyPgpMessage(row.message, { type: "pgp", armored: row.publicKey });
  expect(result.verified).toBe(row.valid);
  expect(result.payload).toBe(row.payload);
});

each("public-key", async (row) => {
  const settings = { type: row.type, algorithm: row.algorithm, id: row.keyId, data: row.keyData };
  if (row.error === true) expect(await fails(() => identifyKey(settings))).toBe(true);
  else expect((await identifyKey(settings)).id).toBe(row.wantKeyId);
});

each("note-reference", async (row) => {
  if (row.error === true) expect(await fails(() => parseNoteReference(row.text))).toBe(true);
  else expect(parseNoteReference(row.text)).toMatchObject(row.want as object);
});

each("jwt", async (row) => {
  const { pem } = await newKeyPair(row.algorithm);
  const key = { type: "pkix", pem, algorithm: row.algorithm, id: row.keyId } as const;
  const result = await verifyJwt(row.token, key);
  expect(result.verified).toBe(row.valid);
  const words = row.reason.replace("not three parts", "three parts");
  expect(result.reason).toContain(words);
});

each("payload", async (row) => {
  if (row.payload !== undefined) {
    const signed = readPayload(row.payload);
    expect(signed !== undefined && sameImage(signed, row.image)).toBe(row.valid);
  } else if (row.createFor !== undefined) {
    if (row.error === true) expect(() => createPayload(row.createFor ?? "")).toThrow("no digest");
    else expect(createPayload(row.createFor)).toEqual(row.want);
  } else {
    const [first, second] = [row.first, row.second].map((text) => {
      const { repository: name, digest = "" } = parseImageName(text) ?? { repository: "" };
      return { name, digest };
    });
    expect(first && second && sameImage(first, second)).toBe(row.equal);
  }
});

const image = `registry.example/app@sha256:${"0".repeat(64)}`;

each("key-lookup", async (row) => {
  const signer = await newKeyPair("EcdsaP256Sha256");
  const attestation = await signAttestation(image, { ...signer, keyId: row.attestationKeyId });
  const key = { type: "pkix", pem: signer.pem, algorithm: signer.algorithm } as const;
  const signature = row.signatureVerifies === true ? attestation.signature : "AAAA";
  const keys = row.keyIds.map((id) => ({ id, key }));
  expect((await verifyAttestation(image, { ...attestation, signature }, keys)).verified).toBe(row.valid);
});

each("authorities", async (row) => {
  const known = row.known.map((name) => ({ name, publicKeys: [] }));
  const find = (): number => findAuthorities(row.wanted, known).length;
  if (row.error === true) expect(find).toThrow("no such authority");
  else expect(find()).toBe(row.found);
});

const pgpKeys = new Map<string, Promise<{ privateKey: string; publicKey: string; fingerprint: string }>>();

async function pgpKey(name: string): Promise<{ privateKey: string; publicKey: string; fingerprint: string }> {
  const made = pgpKeys.get(name) ?? makePgpKey(name);
  pgpKeys.set(name, made);
  return made;
}

async function makePgpKey(name: string): Promise<{ privateKey: string; publicKey: string; fingerprint: string }> {
  const pair = await generateKey({ userIDs: { name }, format: "armored" });
  const fingerprint = (await readPrivateKey({ armoredKey: pair.privateKey })).getFingerprint().toUpperCase();
  return { ...pair, fingerprint };
}

async function attestationOf(row: Record<string, string>): Promise<Attestation> {
  const { signer, publicKeyOf, publicKeyId = "", signature = "" } = row;
  if (publicKeyOf !== undefined) return { keyId: (await pgpKey(publicKeyOf)).fingerprint, signature };
  if (signer === undefined) return { keyId: publicKeyId, signature };
  const { privateKey, fingerprint } = await pgpKey(signer);
  const message = await createMessage({ text: JSON.stringify(createPayload(row["image"] ?? "")) });
  const signed = await sign({ message, signingKeys: await readPrivateKey({ armoredKey: privateKey }) });
  return { keyId: fingerprint, signature: signed };
}

each("attestor-keys", async (row) => {
  const publicKeys = await Promise.all(
    row.publicKeys.map(async ({ signer, ...key }) =>
      signer === undefined ? key : { ...key, asciiArmoredPgpPublicKey: (await pgpKey(signer)).publicKey },
    ),
  );
  const attestations = await Promise.all(row.attestations.map(attestationOf));
  const review = async (): Promise<number> =>
    (await reviewAttestations(row.image, attestations, { name: "test", publicKeys })).valid.length;
  if (row.error === true) expect(await fails(review)).toBe(true);
  else expect(await review()).toBe((row.valid as readonly string[]).length);
});

each("resolve-tags", async (row) => {
  if (row.tagged !== undefined) expect(taggedImages(row.manifest)).toEqual(row.tagged);
  const { digests } = row;
  if (digests === undefined) return;
  const { text, problems } = await resolveTags(row.manifest, { digestOf: (name) => digests[name] });
  expect(text).toBe(row.want);
  expect(problems).toEqual([]);
});
