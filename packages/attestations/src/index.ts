/**
 * Signatures and statements about images: simple signing payloads, cosign's signatures, DSSE envelopes, in-toto statements, JSON Web Tokens and
 * OpenPGP messages, verified by WebCrypto (PGP by the optional package `openpgp`). Nothing is fetched. What cannot be verified is not verified,
 * and the reason says why.
 * @module
 * @example
 * import { verifyDetached } from "@plimsoll/attestations";
 * await verifyDetached(payload, signature, { type: "pkix", pem, algorithm: "EcdsaP256Sha256" }); // { verified: true }
 */

// Keys and detached signatures
export { algorithmOf } from "./algorithm.ts";
export type { Algorithm } from "./algorithm.ts";
export type { PgpKey, PkixKey, PublicKey } from "./public-key.ts";
export { verifyDetached } from "./verify-detached.ts";
export type { BundleVerification, SignerIdentity, Verification, VerifyBundle, VerifyOptions } from "./verification.ts";

// Images and what is signed about them
export { canonicalRepository, imageDigest, parseImageName } from "./image-name.ts";
export type { ImageName } from "./image-name.ts";
export { createPayload, readPayload, sameImage } from "./payload.ts";
export type { SignedImage, SigningPayload } from "./payload.ts";

// Signed documents that carry their payload
export { verifyJwt } from "./jwt.ts";
export type { JwtKey, JwtVerification } from "./jwt.ts";
export { verifyPgpMessage } from "./pgp.ts";
export type { PgpVerification } from "./pgp.ts";
export { readEnvelope, signedBytes, verifyEnvelope } from "./dsse.ts";
export type { DsseEnvelope, EnvelopeVerification } from "./dsse.ts";
export { inTotoPayloadType, isAbout, readStatement } from "./in-toto.ts";
export type { InTotoStatement, StatementSubject } from "./in-toto.ts";
export { cosignTag, readCosignManifest, verifySignatures } from "./cosign.ts";
export type { CosignLayer, PayloadSignature, SignaturesVerification } from "./cosign.ts";

// Attestations of authorities
export { authorityKeys, findAuthorities, identifyKey, readAuthority } from "./authority.ts";
export type { AttestationAuthority, AuthorityKey, IdentifiedKey, KeySettings } from "./authority.ts";
export { reviewAttestations, verifyAttestation } from "./verify-attestation.ts";
export type { AttestationOptions, AttestationReview } from "./verify-attestation.ts";
export type { Attestation, AttestationStore } from "@plimsoll/model";
export { parseNoteReference } from "./note-reference.ts";
export type { NoteReference } from "./note-reference.ts";
export { signAttestation } from "./sign-attestation.ts";
export type { PgpSigner, PkixSigner, Signer } from "./sign-attestation.ts";

// Where attestations are kept
export { memoryAttestationStore } from "./stores/memory-store.ts";
export { registryAttestationStore } from "./stores/registry-store.ts";
export type { RegistryStoreOptions } from "./stores/registry-store.ts";
export { grafeasAttestationStore } from "./stores/grafeas-store.ts";
export type { GrafeasStoreOptions } from "./stores/grafeas-store.ts";
export { plainAttestation } from "./stores/same-attestation.ts";

// Tags
export { resolveTags, taggedImages } from "./resolve-tags.ts";
export type { ResolvedTags, ResolveTagsOptions } from "./resolve-tags.ts";
export { reviewStatements } from "./statements.ts";
export type { ReviewedStatement } from "./statements.ts";
