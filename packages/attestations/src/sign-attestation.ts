import type { Attestation } from "@plimsoll/model";
import { algorithmOf } from "./algorithm.ts";
import type { Algorithm } from "./algorithm.ts";
import { encodeBase64, encodeBase64Url } from "./base64.ts";
import { derEcdsaSignature } from "./der.ts";
import { parseImageName } from "./image-name.ts";
import { createPayload } from "./payload.ts";
import { importPrivateKey, unusable } from "./private-key.ts";
import { signPgpMessage } from "./pgp.ts";
import { signedBytes } from "./dsse.ts";
import { inTotoPayloadType } from "./in-toto.ts";
import { bytesOf } from "./verification.ts";

/** A PKIX private key, and the form of the signature. */
export interface PkixSigner {
  /** PKCS #8 in PEM (`PRIVATE KEY`), or cosign's encrypted key. Never part of errors. */
  readonly privateKeyPem: string;
  /** Password of an encrypted key. */
  readonly password?: string | undefined;
  /** A name of {@link algorithmOf} that fits the key. */
  readonly algorithm: string;
  /** Id of the public key. */
  readonly keyId: string;
  /**
   * `detached`: a signature beside its payload, cosign's form. `jwt`: a JSON Web Token, as Binary Authorization takes it. `dsse`: an envelope with
   * an in-toto statement about the image. Absent: `detached`.
   */
  readonly form?: "detached" | "jwt" | "dsse" | undefined;
  /** The predicate of the statement in an envelope. Absent: a predicate type for "attested", with an empty predicate. */
  readonly statement?: { readonly predicateType: string; readonly predicate: unknown } | undefined;
}

/** An OpenPGP private key; needs the optional package `openpgp`. */
export interface PgpSigner {
  /** ASCII armor of a private key. Never part of errors. */
  readonly pgpPrivateKey: string;
  /** Password of a locked key. */
  readonly password?: string | undefined;
  /** RFC 3339: the signature's time. Absent: the clock of `openpgp`. */
  readonly now?: string | undefined;
}

/** A private key, and how to sign with it. */
export type Signer = PkixSigner | PgpSigner;

/**
 * Creates an attestation of an image. PSS salts are as long as the hash.
 * @param image With a digest.
 * @throws ScanError where the image has no digest or the key cannot be used.
 */
export async function signAttestation(image: string, signer: Signer): Promise<Attestation> {
  const payload = createPayload(image);
  if ("pgpPrivateKey" in signer) return signPgpMessage(JSON.stringify(payload), signer);
  const { algorithm: named, form = "detached", keyId, password } = signer;
  if (form !== "detached" && form !== "jwt" && form !== "dsse")
    throw new TypeError(`form: ${JSON.stringify(form)} is not detached, jwt or dsse`);
  const algorithm = algorithmOf(named);
  if (algorithm === undefined) throw unusable(`the signature algorithm ${JSON.stringify(named)} is not known`);
  const key = await importPrivateKey(signer.privateKeyPem, algorithm, password);
  if (form === "detached") {
    const text = JSON.stringify(payload);
    const signature = await signDer(bytesOf(text), key, algorithm);
    return { keyId, payload: text, signature: encodeBase64(signature) };
  }
  if (form === "dsse") {
    const body = bytesOf(JSON.stringify(statementAbout(image, signer.statement)));
    const sig = encodeBase64(await signDer(signedBytes(inTotoPayloadType, body), key, algorithm));
    const signatures = [{ keyid: keyId, sig }];
    return {
      keyId,
      signature: JSON.stringify({ payloadType: inTotoPayloadType, payload: encodeBase64(body), signatures }),
    };
  }
  const header = { alg: algorithm.jws, typ: "JWT", kid: keyId };
  const claims = {
    sub: `container:digest:${parseImageName(image)?.digest}`,
    aud: "//binaryauthorization.googleapis.com",
  };
  const signed = [header, claims].map((part) => encodeBase64Url(bytesOf(JSON.stringify(part)))).join(".");
  return { keyId, signature: `${signed}.${encodeBase64Url(await signBytes(bytesOf(signed), key, algorithm))}` };
}

/** An in-toto statement about an image. */
function statementAbout(image: string, said: PkixSigner["statement"]): object {
  const name = parseImageName(image);
  const [algorithm = "", hex = ""] = name?.digest?.split(":") ?? [];
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: name?.repository ?? "", digest: { [algorithm]: hex } }],
    predicateType: said?.predicateType ?? "https://cosign.sigstore.dev/attestation/v1",
    predicate: said?.predicate ?? {},
  };
}

async function signDer(bytes: Uint8Array<ArrayBuffer>, key: CryptoKey, algorithm: Algorithm): Promise<Uint8Array> {
  const raw = await signBytes(bytes, key, algorithm);
  return algorithm.scheme === "ecdsa" ? derEcdsaSignature(raw) : raw;
}

async function signBytes(bytes: Uint8Array<ArrayBuffer>, key: CryptoKey, algorithm: Algorithm): Promise<Uint8Array> {
  const hash = algorithm.hash ?? "SHA-256";
  const saltLength = Number(hash.slice(4)) / 8;
  const name = { "rsa-pkcs1": "RSASSA-PKCS1-v1_5", "rsa-pss": "RSA-PSS", ecdsa: "ECDSA", ed25519: "Ed25519" }[
    algorithm.scheme
  ];
  return new Uint8Array(await crypto.subtle.sign({ name, hash, saltLength }, key, bytes));
}
