import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { Attestation } from "@plimsoll/model";
import type { IdentifiedKey } from "./authority.ts";
import { decodeUtf8 } from "./base64.ts";
import { readEnvelope } from "./dsse.ts";
import { inTotoPayloadType, readStatement } from "./in-toto.ts";
import type { InTotoStatement } from "./in-toto.ts";
import { isBundle, readBundle } from "./sigstore-bundle.ts";
import { verifyChecks } from "./verification.ts";
import { verifyAttestation } from "./verify-attestation.ts";
import type { AttestationOptions } from "./verify-attestation.ts";

/** An in-toto statement about an image, and whether its signature is trusted. */
export interface ReviewedStatement {
  readonly statement: InTotoStatement;
  /** The key id that the attestation states, not verified; empty where it states none. */
  readonly keyId: string;
  readonly trusted: boolean;
  /** Why it is not trusted. */
  readonly reason?: string;
}

/**
 * The in-toto statements among attestations of an image. A statement is trusted if one of the keys or identities signed it and it is about the
 * image's digest. Attestations without a statement are left out. Never throws because of the content of an attestation.
 * @param images The image by each of its digests (`registry.example/app@sha256:…`): that of its manifest, and those of the indexes that contain it.
 */
export async function reviewStatements(
  images: readonly string[],
  attestations: readonly Attestation[],
  keys: readonly IdentifiedKey[],
  options: AttestationOptions = {},
): Promise<readonly ReviewedStatement[]> {
  checkOptions("reviewStatements", options, { ...verifyChecks, identities: optionIs.listOf(optionIs.object) });
  const reviewed: ReviewedStatement[] = [];
  for (const attestation of attestations) {
    const statement = statementOf(attestation);
    if (statement === undefined) continue;
    const { keyId } = attestation;
    let reason = "it is about no image";
    let trusted = false;
    for (const image of images) {
      const verification = await verifyAttestation(image, attestation, keys, options);
      ({ verified: trusted, reason = "" } = verification);
      if (trusted) break;
    }
    reviewed.push(trusted ? { statement, keyId, trusted } : { statement, keyId, trusted, reason });
  }
  return reviewed;
}

/** The statement in an envelope, by itself or in a bundle; the same bytes that the verifier looks at. */
function statementOf({ signature }: Attestation): InTotoStatement | undefined {
  const text = isBundle(signature) ? readBundle(signature)?.envelope : signature;
  if (text === undefined || !text.trimStart().startsWith("{")) return undefined;
  try {
    const { payloadType, payload } = readEnvelope(text);
    const held = payloadType === inTotoPayloadType ? decodeUtf8(payload) : undefined;
    return held === undefined ? undefined : readStatement(held);
  } catch (error) {
    if (error instanceof ScanError) return undefined;
    throw error;
  }
}
