import { ScanError } from "@plimsoll/model";
import type { Attestation } from "@plimsoll/model";
import { algorithmOf } from "./algorithm.ts";
import type { Algorithm } from "./algorithm.ts";
import { decodeBase64, encodeBase64, encodeBase64Url } from "./base64.ts";
import { derEcdsaSignature } from "./der.ts";
import { parseImageName } from "./image-name.ts";
import { createPayload } from "./payload.ts";
import { importParameters } from "./public-key.ts";
import { bytesOf } from "./verification.ts";

/** Who signs, and how. */
export interface Signer {
  /** PKCS #8 in PEM (`PRIVATE KEY`), unencrypted. Never shown in errors. */
  readonly privateKeyPem: string;
  /** A name of {@link algorithmOf} that fits the key. */
  readonly algorithm: string;
  /** Id of the public key. */
  readonly keyId: string;
  /** Absent: `detached`, a signature beside its payload. `jwt`: one token, as Binary Authorization takes it. */
  readonly form?: "detached" | "jwt" | undefined;
}

/**
 * Signs that an image is attested. PSS salts are as long as the hash.
 * @param image With a digest.
 * @throws ScanError where the image has no digest or the key cannot be used.
 */
export async function signAttestation(image: string, signer: Signer): Promise<Attestation> {
  const { algorithm: named, form = "detached", keyId } = signer;
  if (form !== "detached" && form !== "jwt")
    throw new TypeError(`form: ${JSON.stringify(form)} is not detached or jwt`);
  const payload = createPayload(image);
  const algorithm = algorithmOf(named);
  if (algorithm === undefined) throw unusable(`the signature algorithm ${JSON.stringify(named)} is not known`);
  const key = await importPrivateKey(signer.privateKeyPem, algorithm);
  if (form === "detached") {
    const text = JSON.stringify(payload);
    const raw = await signBytes(text, key, algorithm);
    const signature = algorithm.scheme === "ecdsa" ? derEcdsaSignature(raw) : raw;
    return { keyId, payload: text, signature: encodeBase64(signature) };
  }
  const header = { alg: algorithm.jws, typ: "JWT", kid: keyId };
  const claims = {
    sub: `container:digest:${parseImageName(image)?.digest}`,
    aud: "//binaryauthorization.googleapis.com",
  };
  const signed = [header, claims].map((part) => encodeBase64Url(bytesOf(JSON.stringify(part)))).join(".");
  return { keyId, signature: `${signed}.${encodeBase64Url(await signBytes(signed, key, algorithm))}` };
}

async function importPrivateKey(pem: string, algorithm: Algorithm): Promise<CryptoKey> {
  const body = /^\s*-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]*)-----END PRIVATE KEY-----\s*$/.exec(pem)?.[1];
  const der = body === undefined ? undefined : decodeBase64(body);
  if (der === undefined) throw unusable("it is not exactly one PEM block of type PRIVATE KEY");
  try {
    return await crypto.subtle.importKey("pkcs8", der, importParameters(algorithm), false, ["sign"]);
  } catch {
    throw unusable(`it is not a private key for ${algorithm.name}`);
  }
}

async function signBytes(text: string, key: CryptoKey, algorithm: Algorithm): Promise<Uint8Array> {
  const hash = algorithm.hash ?? "SHA-256";
  const saltLength = Number(hash.slice(4)) / 8;
  const name = { "rsa-pkcs1": "RSASSA-PKCS1-v1_5", "rsa-pss": "RSA-PSS", ecdsa: "ECDSA", ed25519: "Ed25519" }[
    algorithm.scheme
  ];
  return new Uint8Array(await crypto.subtle.sign({ name, hash, saltLength }, key, bytesOf(text)));
}

function unusable(reason: string): ScanError {
  return new ScanError({ kind: "invalid-option", option: "privateKeyPem", reason });
}
