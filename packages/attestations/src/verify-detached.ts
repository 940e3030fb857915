import { checkOptions } from "@plimsoll/model";
import type { Algorithm } from "./algorithm.ts";
import { decodeBase64 } from "./base64.ts";
import { rawEcdsaSignature } from "./der.ts";
import type { KeyKind } from "./der.ts";
import { verifyPgpDetached } from "./pgp.ts";
import { usableKey } from "./public-key.ts";
import type { PublicKey } from "./public-key.ts";
import { bytesOf, refused, verifyChecks } from "./verification.ts";
import type { Verification, VerifyOptions } from "./verification.ts";

/** How an ECDSA signature is written: DER (X.509, cosign, DSSE), or the two numbers one behind the other (JSON Web Signatures). */
type EcdsaForm = "der" | "raw";

/**
 * Verifies a detached signature.
 * Never throws for bad keys, signatures or payloads: the reason says what is wrong.
 * @param payload The signed bytes, or a text whose UTF-8 bytes are signed.
 * @param signature Bytes, or base64 of either alphabet; ASCII armor for PGP.
 */
export async function verifyDetached(
  payload: string | Uint8Array,
  signature: string | Uint8Array,
  key: PublicKey,
  options: VerifyOptions = {},
): Promise<Verification> {
  checkOptions("verifyDetached", options, verifyChecks);
  const signed = bytesOf(payload);
  if (key.type === "pgp") return verifyPgpDetached(signed, signature, key, options);
  const bytes = typeof signature === "string" ? decodeBase64(signature) : new Uint8Array(signature);
  if (bytes === undefined) return refused("the signature is not base64");
  return verifyBytes(signed, bytes, key, "der");
}

/** As {@link verifyDetached}, for bytes and a PKIX key. */
export async function verifyBytes(
  payload: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  key: PublicKey & { readonly type: "pkix" },
  form: EcdsaForm,
): Promise<Verification> {
  const usable = await usableKey(key);
  if (typeof usable === "string") return refused(usable);
  const { algorithm, kind } = usable;
  const raw =
    form === "der" && kind.kind === "ecdsa" ? rawEcdsaSignature(signature, curveBytes[kind.curve]) : signature;
  if (raw === undefined) return refused("the signature is not ECDSA's in DER");
  for (const parameters of verifyParameters(algorithm, kind)) {
    try {
      if (await crypto.subtle.verify(parameters, usable.key, raw, payload)) return { verified: true };
    } catch {
      return refused(`the key cannot verify ${algorithm.name} on this platform`);
    }
  }
  return refused(`the signature was not made by this key over this payload (${algorithm.name})`);
}

/** Bytes of each of the two numbers of an ECDSA signature. */
export const curveBytes: Readonly<Record<"P-256" | "P-384" | "P-521", number>> = {
  "P-256": 32,
  "P-384": 48,
  "P-521": 66,
};
const hashBytes = { "SHA-256": 32, "SHA-384": 48, "SHA-512": 64 } as const;

function verifyParameters(
  algorithm: Algorithm,
  kind: KeyKind,
): readonly (RsaPssParams | EcdsaParams | NamedParameters)[] {
  const hash = algorithm.hash ?? "SHA-256";
  if (algorithm.scheme === "ecdsa") return [{ name: "ECDSA", hash }];
  if (algorithm.scheme === "ed25519") return [{ name: "Ed25519" }];
  if (algorithm.scheme === "rsa-pkcs1" || kind.kind !== "rsa") return [{ name: "RSASSA-PKCS1-v1_5" }];
  // The standard leaves the salt's length to the signer: that of the hash is customary, cloud services use the longest that fits.
  const longest = Math.ceil((kind.bits - 1) / 8) - hashBytes[hash] - 2;
  return [hashBytes[hash], longest].map((saltLength) => ({ name: "RSA-PSS", saltLength }));
}

interface NamedParameters {
  readonly name: string;
}
