import { algorithmOf } from "./algorithm.ts";
import type { Algorithm } from "./algorithm.ts";
import { decodeBase64, encodeBase64Url } from "./base64.ts";
import { keyKindOf } from "./der.ts";
import type { KeyKind } from "./der.ts";

/** A public key in the form of PKIX (SubjectPublicKeyInfo), as PEM or DER. */
export interface PkixKey {
  readonly type: "pkix";
  /** One `PUBLIC KEY` block and nothing else. */
  readonly pem?: string | undefined;
  /** The key as bytes; ignored where `pem` is given. */
  readonly der?: Uint8Array | undefined;
  /** A name that {@link algorithmOf} knows. Absent: as cosign signs with such a key (ECDSA by its curve, RSA PKCS #1 v1.5 with SHA-256). */
  readonly algorithm?: string | undefined;
  /** Id of the key. Absent: RFC 6920's name of the DER, `ni:///sha-256;…`. */
  readonly id?: string | undefined;
}

/** An OpenPGP public key. */
export interface PgpKey {
  readonly type: "pgp";
  /** ASCII armor, or base64 of it. */
  readonly armored: string;
}

/** A key that signatures are verified with. */
export type PublicKey = PkixKey | PgpKey;

/** A key that WebCrypto can use, with how it signs. */
interface UsableKey {
  readonly algorithm: Algorithm;
  readonly key: CryptoKey;
  readonly kind: KeyKind;
}

const pemBlock = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]*)-----END PUBLIC KEY-----\s*$/;

/** The DER in a PEM text that has one public key and nothing else; otherwise a sentence with the reason. */
export function derOfPem(pem: string): Uint8Array<ArrayBuffer> | string {
  const body = pemBlock.exec(pem)?.[1];
  const der = body === undefined ? undefined : decodeBase64(body);
  return der ?? "the key is not exactly one PEM block of type PUBLIC KEY";
}

/** The DER of a key in either form; otherwise a sentence with the reason. */
export function derOf(key: PkixKey): Uint8Array<ArrayBuffer> | string {
  if (typeof key.pem === "string") return derOfPem(key.pem);
  return key.der === undefined ? "the key has neither PEM nor DER" : new Uint8Array(key.der);
}

/** The key imported into WebCrypto and checked against its algorithm; otherwise a sentence with the reason. */
export async function usableKey(key: PkixKey): Promise<UsableKey | string> {
  const der = derOf(key);
  if (typeof der === "string") return der;
  const kind = keyKindOf(der);
  if (kind === undefined) return "the key is not an RSA, ECDSA (P-256, P-384, P-521) or Ed25519 public key";
  const algorithm = key.algorithm === undefined ? customaryAlgorithm(kind) : algorithmOf(key.algorithm);
  if (algorithm === undefined) return `the signature algorithm ${JSON.stringify(key.algorithm)} is not known`;
  if (!fits(algorithm, kind)) return `the key is ${describe(kind)}, which ${algorithm.name} does not use`;
  try {
    const imported = await crypto.subtle.importKey("spki", der, importParameters(algorithm), true, ["verify"]);
    return { algorithm, key: imported, kind };
  } catch {
    return `the key is not a valid ${describe(kind)} key`;
  }
}

function customaryAlgorithm(kind: KeyKind): Algorithm | undefined {
  if (kind.kind === "rsa") return { name: "RsaSignPkcs1Sha256", scheme: "rsa-pkcs1", hash: "SHA-256", jws: "RS256" };
  if (kind.kind === "ed25519") return algorithmOf("Ed25519");
  return algorithmOf(
    { "P-256": "EcdsaP256Sha256", "P-384": "EcdsaP384Sha384", "P-521": "EcdsaP521Sha512" }[kind.curve],
  );
}

function fits(algorithm: Algorithm, kind: KeyKind): boolean {
  if (kind.kind === "rsa") return algorithm.scheme.startsWith("rsa-") && (algorithm.bits ?? kind.bits) === kind.bits;
  return algorithm.scheme === kind.kind && (kind.kind === "ed25519" || algorithm.curve === kind.curve);
}

function describe(kind: KeyKind): string {
  if (kind.kind === "rsa") return `RSA of ${kind.bits} bits`;
  return kind.kind === "ecdsa" ? `ECDSA ${kind.curve}` : "Ed25519";
}

/** The algorithm parameter of WebCrypto's `importKey` for keys of an algorithm. */
export function importParameters(
  algorithm: Algorithm,
): RsaHashedImportParams | EcKeyImportParams | { readonly name: "Ed25519" } {
  switch (algorithm.scheme) {
    case "rsa-pkcs1":
      return { name: "RSASSA-PKCS1-v1_5", hash: algorithm.hash ?? "SHA-256" };
    case "rsa-pss":
      return { name: "RSA-PSS", hash: algorithm.hash ?? "SHA-256" };
    case "ecdsa":
      return { name: "ECDSA", namedCurve: algorithm.curve ?? "P-256" };
    case "ed25519":
      return { name: "Ed25519" };
  }
}

/** RFC 6920's name of a key: `ni:///sha-256;` and the SHA-256 of its DER in base64url. */
export async function keyNameOf(der: Uint8Array<ArrayBuffer>): Promise<string> {
  return `ni:///sha-256;${encodeBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", der)))}`;
}
