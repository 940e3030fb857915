import { field, parseJson, textField } from "@plimsoll/formats";
import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { Attestation } from "@plimsoll/model";
import { authorityKeys } from "./authority.ts";
import type { AttestationAuthority, IdentifiedKey } from "./authority.ts";
import { verifyEnvelope } from "./dsse.ts";
import { parseImageName } from "./image-name.ts";
import { inTotoPayloadType, isAbout, readStatement } from "./in-toto.ts";
import { verifyJwt } from "./jwt.ts";
import { payloadMismatch } from "./payload.ts";
import type { SignedImage } from "./payload.ts";
import { verifyPgpMessage } from "./pgp.ts";
import type { PublicKey } from "./public-key.ts";
import { bundleOf, envelopePayload, isBundle, isTrusted, readBundle } from "./sigstore-bundle.ts";
import type { BundleContent } from "./sigstore-bundle.ts";
import { bytesOf, refused, verifyChecks } from "./verification.ts";
import type { SignerIdentity, Verification, VerifyOptions } from "./verification.ts";
import { verifyDetached } from "./verify-detached.ts";

/** Which attestations are valid: signed by the authority and about the image. */
export interface AttestationReview {
  readonly valid: readonly Attestation[];
  /** The other attestations, in order, with the reason. */
  readonly refused: readonly { readonly attestation: Attestation; readonly reason: string }[];
}

/** More attestations of one image than this are an error: each costs a signature check. */
const maxAttestations = 1_000;

/**
 * Verifies attestations about an image with the keys of an authority. Only keys with the attestation's key id are tried. An in-toto statement
 * counts whatever its `predicateType`: {@link reviewStatements} says which it is.
 * @param image With a digest; an image without one has no valid attestations.
 * @throws ScanError where the authority is unusable, or there are more than 1000 attestations.
 */
export async function reviewAttestations(
  image: string,
  attestations: readonly Attestation[],
  authority: AttestationAuthority,
  options: VerifyOptions = {},
): Promise<AttestationReview> {
  checkOptions("reviewAttestations", options, verifyChecks);
  const keys = await authorityKeys(authority);
  const within = { ...options, identities: authority.identities };
  if (attestations.length > maxAttestations) {
    throw new ScanError({ kind: "limit-exceeded", what: `attestations of ${image}`, limit: maxAttestations });
  }
  const valid: Attestation[] = [];
  const refusals: { attestation: Attestation; reason: string }[] = [];
  for (const attestation of attestations) {
    const verification = await verifyAttestation(image, attestation, keys, within);
    if (verification.verified) valid.push(attestation);
    else refusals.push({ attestation, reason: verification.reason });
  }
  return { valid, refused: refusals };
}

/** Options of {@link verifyAttestation}. */
export interface AttestationOptions extends VerifyOptions {
  /** Trusted keyless signers. Absent: none. */
  readonly identities?: readonly SignerIdentity[] | undefined;
}

/**
 * Verifies one attestation: with the keys that have its key id, with every key where it states none or the key has none, or by its certificate,
 * which must name one of `identities`. Never throws because of the content of an attestation.
 */
export async function verifyAttestation(
  image: string,
  attestation: Attestation,
  keys: readonly IdentifiedKey[],
  options: AttestationOptions = {},
): Promise<Verification> {
  checkOptions("verifyAttestation", options, { ...verifyChecks, identities: optionIs.listOf(optionIs.object) });
  const { now, verifyBundle } = options;
  const name = parseImageName(image);
  if (name?.digest === undefined) return refused(`${image} has no digest, so nothing can be signed about it`);
  const signed = { name: name.repository, digest: name.digest };
  const bundle = isBundle(attestation.signature) ? readBundle(attestation.signature) : undefined;
  if (attestation.certificate !== undefined || bundle?.keyed === false)
    return verifyKeyless(signed, attestation, options);
  let result = refused(`no key has the id ${JSON.stringify(attestation.keyId.slice(0, 200))}`);
  for (const { id, key } of keys) {
    if (!sameKeyId(id, attestation.keyId, key)) continue;
    const held = bundle === undefined ? attestation : heldBy(bundle, attestation);
    const verification = await verifyWithKey(signed, held, id, key, { now, verifyBundle });
    if (verification.verified) return verification;
    result = verification;
  }
  return result;
}

/** What a bundle that a key signed holds; its log entry proves nothing that the key does not. */
function heldBy(bundle: BundleContent, { keyId, payload }: Attestation): Attestation {
  return bundle.envelope === undefined
    ? { keyId, signature: bundle.signature ?? "", payload }
    : { keyId, signature: bundle.envelope };
}

/** A signature whose key a certificate names, which the verifier of bundles believes, of somebody who is trusted. */
async function verifyKeyless(
  image: SignedImage,
  attestation: Attestation,
  { verifyBundle, identities = [] }: AttestationOptions,
): Promise<Verification> {
  if (verifyBundle === undefined)
    return refused("a keyless signature cannot be verified here: there is no verifier of sigstore bundles");
  if (identities.length === 0) return refused("a keyless signature needs a trusted identity, and none is given");
  const { signature, payload } = attestation;
  const bundle = isBundle(signature) ? signature : await bundleOf(attestation);
  if (typeof bundle !== "string") return refused(bundle.reason);
  const content = readBundle(bundle);
  if (content === undefined) return refused("the bundle holds no signature");
  if (content.envelope === undefined && payload === undefined)
    return refused("the bundle has a signature without the payload that it signs");
  const verification = await verifyBundle(bundle, content.envelope === undefined ? bytesOf(payload ?? "") : undefined);
  if (!verification.verified) return refused(verification.reason);
  const { signer } = verification;
  if (!isTrusted(signer, identities)) return refused(`the signer ${signer.subject} (${signer.issuer}) is not trusted`);
  if (content.envelope === undefined) return matches(payloadMismatch(payload ?? "", image));
  const held = envelopePayload(content.envelope);
  return held === undefined
    ? refused("the envelope of the bundle holds no text")
    : matches(envelopeMismatch(held.type, held.text, image));
}

function sameKeyId(id: string, wanted: string, key: PublicKey): boolean {
  // cosign's signatures name no key, and a key that somebody names by itself has no id.
  if (wanted === "" || id === "") return true;
  return key.type === "pgp" ? id.toUpperCase() === wanted.toUpperCase() : id === wanted;
}

async function verifyWithKey(
  image: SignedImage,
  attestation: Attestation,
  id: string,
  key: IdentifiedKey["key"],
  options: VerifyOptions,
): Promise<Verification> {
  const { payload, signature } = attestation;
  if (payload !== undefined) {
    const verification = await verifyDetached(payload, signature, key, options);
    return verification.verified ? matches(payloadMismatch(payload, image)) : verification;
  }
  if (signature.trimStart().startsWith("{")) {
    const envelope = await verifyEnvelope(signature, [key], options);
    if (envelope.payload === undefined) return refused(envelope.reason ?? "the envelope is not verified");
    return matches(envelopeMismatch(envelope.payloadType, envelope.payload, image));
  }
  if (key.type === "pgp") {
    const message = await verifyPgpMessage(signature, key, options);
    if (message.payload === undefined) return refused(message.reason ?? "the PGP message is not verified");
    return matches(payloadMismatch(message.payload, image));
  }
  if (!signature.includes(".")) return refused("the payload of the detached signature is missing");
  const { algorithm } = key;
  if (algorithm === undefined) return refused("a token needs a key that states its algorithm");
  const token = await verifyJwt(signature, { ...key, algorithm, id: id === "" ? attestation.keyId : id }, options);
  if (token.claims === undefined) return refused(token.reason ?? "the token is not verified");
  return matches(claimsMismatch(token.claims, image));
}

function matches(mismatch: string | undefined): Verification {
  return mismatch === undefined ? { verified: true } : refused(mismatch);
}

function envelopeMismatch(payloadType: string | undefined, payload: string, image: SignedImage): string | undefined {
  if (payloadType !== inTotoPayloadType) return payloadMismatch(payload, image);
  try {
    return isAbout(readStatement(payload), image.digest) ? undefined : `the statement is not about ${image.digest}`;
  } catch (error) {
    if (error instanceof ScanError) return error.message;
    throw error;
  }
}

/** Binary Authorization's tokens name the image in `sub`: `container:digest:sha256:…`. */
function claimsMismatch(claims: string, image: SignedImage): string | undefined {
  try {
    const value = parseJson(claims);
    if (textField(value, "sub") === `container:digest:${image.digest}`) return undefined;
    return `sub of the token is ${JSON.stringify(field(value, "sub") ?? null).slice(0, 200)}, not the image's digest`;
  } catch {
    return "the claims of the token are not JSON";
  }
}
