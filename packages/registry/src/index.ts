/**
 * A client for OCI registries: manifests, blobs, referrers, and small artifacts read and pushed. Everything is bounded in size and time, no secret
 * crosses an origin, and what is asked for by digest is that or an error.
 * @module
 * @example
 * import { parseReference, registryRepository, resolveManifest } from "@plimsoll/registry";
 * const { registry, repository, tag } = parseReference("registry.example/app:1");
 * const { digest } = await resolveManifest(registryRepository(registry, repository), tag ?? "latest");
 */

// References
export { formatReference, parseReference } from "./reference.ts";
export type { Reference } from "./reference.ts";

// Repositories
export { referrersTag, registryCatalog, registryChecks, registryRepository } from "./registry-client.ts";
export type { ManifestReceipt, ReferrersOptions, RegistryRepository } from "./registry-client.ts";
export type { RegistryOptions } from "./registry-options.ts";
export type { CredentialOptions, CredentialSource, Credentials } from "./credentials.ts";

// Manifests and artifacts
export { parseDescriptor, parseDigest, parseManifest, parsePlatform, parseTexts } from "./manifest.ts";
export type { Descriptor, Index, Manifest } from "./manifest.ts";
export { manifestMediaType, pushArtifact, readBlob, resolveManifest } from "./artifact.ts";
export type { ArtifactLayer, NewArtifact, ResolvedManifest } from "./artifact.ts";

// Digests
export { algorithmOf, digestOf, portableHasher, verifyDigest } from "./digest.ts";
export type { Hasher, HasherFactory } from "./digest.ts";

// Credentials asked for
export { parseChallenges } from "./challenge.ts";
export type { Challenge } from "./challenge.ts";
