import { field, listField, parseJson, textField } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";
import { parseImageName } from "./image-name.ts";
import { payloadMismatch } from "./payload.ts";
import type { PublicKey } from "./public-key.ts";
import { refused } from "./verification.ts";
import type { Verification, VerifyOptions } from "./verification.ts";
import { verifyDetached } from "./verify-detached.ts";

/** A signature as cosign stores it: the layer of an OCI manifest, with the signature in its annotations. */
export interface CosignLayer {
  /** Digest of the blob that holds the payload. */
  readonly payloadDigest: string;
  /** Base64. */
  readonly signature: string;
}

/** A signature with the text that it signs. */
export interface PayloadSignature {
  readonly payload: string;
  /** Base64 or ASCII armor. */
  readonly signature: string;
}

/** What {@link verifySignatures} says. */
export interface SignaturesVerification {
  /** At least one signature of one of the keys is about the image. */
  readonly verified: boolean;
  /** One for each signature given, in order. */
  readonly signatures: readonly (Verification & { readonly key?: number })[];
}

const signatureAnnotation = "dev.cosignproject.cosign/signature";
const payloadType = "application/vnd.dev.cosign.simplesigning.v1+json";

/** The tag that cosign keeps signatures of a digest under: `sha256-HEX.sig`. */
export function cosignTag(digest: string, suffix: "sig" | "att" | "sbom" = "sig"): string {
  return `${digest.replace(":", "-")}.${suffix}`;
}

/**
 * The signatures in an OCI manifest of cosign; layers of other kinds are left out.
 * @throws ScanError where the text is not a manifest.
 */
export function readCosignManifest(text: string): readonly CosignLayer[] {
  let manifest: unknown;
  try {
    manifest = parseJson(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "not JSON";
    throw new ScanError({ kind: "malformed-document", label: "signature manifest", reason });
  }
  return listField(manifest, "layers").flatMap((layer) => {
    const payloadDigest = textField(layer, "digest");
    const signature = textField(field(layer, "annotations"), signatureAnnotation);
    if (field(layer, "mediaType") !== payloadType || payloadDigest === undefined || signature === undefined) return [];
    return [{ payloadDigest, signature }];
  });
}

/**
 * Verifies signatures about an image with the caller's keys: each key is tried, since cosign's signatures name none.
 * Keyless signatures (certificates and transparency logs) cannot be verified here.
 * @param image With a digest; nothing is verified about an image without one.
 */
export async function verifySignatures(
  image: string,
  options: VerifyOptions & { readonly signatures: readonly PayloadSignature[]; readonly keys: readonly PublicKey[] },
): Promise<SignaturesVerification> {
  const name = parseImageName(image);
  const signatures: (Verification & { readonly key?: number })[] = [];
  for (const each of options.signatures) {
    if (name?.digest === undefined)
      signatures.push(refused(`${image} has no digest, so nothing can be signed about it`));
    else signatures.push(await verifyOne(each, { name: name.repository, digest: name.digest }, options));
  }
  return { verified: signatures.some(({ verified }) => verified), signatures };
}

async function verifyOne(
  { payload, signature }: PayloadSignature,
  image: { readonly name: string; readonly digest: string },
  options: VerifyOptions & { readonly keys: readonly PublicKey[] },
): Promise<Verification & { readonly key?: number }> {
  const mismatch = payloadMismatch(payload, image);
  if (mismatch !== undefined) return refused(mismatch);
  let result: Verification = refused("there is no key to verify the signature with");
  for (const [index, key] of options.keys.entries()) {
    result = await verifyDetached(payload, signature, key, options);
    if (result.verified) return { verified: true, key: index };
  }
  return result;
}
