import { field, listField, parseJson, textField } from "@plimsoll/formats";
import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { Attestation } from "@plimsoll/model";
import { parseTexts } from "@plimsoll/registry";
import { parseImageName } from "./image-name.ts";
import { payloadMismatch } from "./payload.ts";
import type { PublicKey } from "./public-key.ts";
import { refused, verifyChecks } from "./verification.ts";
import type { Verification, VerifyOptions } from "./verification.ts";
import { verifyDetached } from "./verify-detached.ts";

/** A signature as cosign stores it: the layer of an OCI manifest, with the signature in its annotations. */
export interface CosignLayer {
  /** Digest of the blob that holds the payload. */
  readonly payloadDigest: string;
  /** Base64. */
  readonly signature: string;
  /** The signature with its certificate, log entry and other annotations; its payload must be fetched. */
  readonly attestation: Attestation;
}

/** A signature and the signed text. */
export interface PayloadSignature {
  readonly payload: string;
  /** Base64 or ASCII armor. */
  readonly signature: string;
}

/** The result of {@link verifySignatures}. */
export interface SignaturesVerification {
  /** Whether at least one signature by one of the keys is about the image. */
  readonly verified: boolean;
  /** One for each signature given, in order. */
  readonly signatures: readonly (Verification & { readonly key?: number })[];
}

const signatureAnnotation = "dev.cosignproject.cosign/signature";
/** Media type of the payloads that cosign signs. */
export const simpleSigningType = "application/vnd.dev.cosign.simplesigning.v1+json";
/** Annotation with the id of the key that made a signature; cosign's own signatures do not have it. */
export const keyIdAnnotation = "dev.plimsoll.key-id";

/** The tag under which cosign stores signatures of a digest: `sha256-HEX.sig`. */
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
  const layers = listField(manifest, "layers").flatMap((layer) => {
    const digest = textField(layer, "digest");
    const mediaType = textField(layer, "mediaType");
    if (digest === undefined || mediaType === undefined) return [];
    return [{ digest, mediaType, annotations: parseTexts(field(layer, "annotations")) }];
  });
  return cosignLayersOf(layers);
}

/** The members of a manifest's layer that signatures need. */
interface AnnotatedLayer {
  readonly digest: string;
  readonly mediaType?: string;
  readonly annotations: ReadonlyMap<string, string>;
}

/** The signatures among the layers of a manifest; with `unsigned` also layers whose signature is inside the blob. */
export function cosignLayersOf(
  layers: readonly AnnotatedLayer[],
  { unsigned = false }: { readonly unsigned?: boolean } = {},
): readonly CosignLayer[] {
  return layers.flatMap(({ digest, mediaType, annotations }) => {
    const signature = annotations.get(signatureAnnotation) ?? "";
    if (mediaType !== simpleSigningType || (signature === "" && !unsigned)) return [];
    const members: readonly (readonly [string, string | undefined])[] = [
      ["certificate", annotations.get("dev.sigstore.cosign/certificate")],
      ["chain", annotations.get("dev.sigstore.cosign/chain")],
      ["logEntry", annotations.get("dev.sigstore.cosign/bundle")],
      ["timestamp", annotations.get("dev.sigstore.cosign/rfc3161timestamp")],
    ];
    const besides = Object.fromEntries(members.filter(([, value]) => value !== undefined && value !== ""));
    const attestation = { keyId: annotations.get(keyIdAnnotation) ?? "", signature, ...besides };
    return [{ payloadDigest: digest, signature, attestation }];
  });
}

/**
 * Verifies signatures about an image with the caller's keys: each key is tried, because cosign's signatures do not name theirs.
 * Keyless signatures (certificates and transparency logs) cannot be verified here.
 * @param image With a digest; nothing is verified about an image without one.
 */
export async function verifySignatures(
  image: string,
  options: VerifyOptions & { readonly signatures: readonly PayloadSignature[]; readonly keys: readonly PublicKey[] },
): Promise<SignaturesVerification> {
  checkOptions("verifySignatures", options, {
    ...verifyChecks,
    signatures: optionIs.listOf(optionIs.object),
    keys: optionIs.listOf(optionIs.object),
  });
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
  const { now, verifyBundle } = options;
  for (const [index, key] of options.keys.entries()) {
    result = await verifyDetached(payload, signature, key, { now, verifyBundle });
    if (result.verified) return { verified: true, key: index };
  }
  return result;
}
