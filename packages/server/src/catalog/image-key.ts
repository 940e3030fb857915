/** What an image goes by here: two tenants may have the same, and neither sees the other's. */
export interface ImageKey {
  /** Empty: the operator's own. */
  readonly tenant: string;
  /** Digest of the manifest, or of the bytes of an SBOM. */
  readonly digest: string;
}

/**
 * Whose word it is that an image of this digest holds these packages: `read`, of this service, which hashed everything from the manifest
 * down; `layers`, of a client for which layers belong to the manifest, and of this service for what is in them; `client`, of a client.
 */
export const bases = ["client", "layers", "read"] as const;

export type Basis = (typeof bases)[number];

/** The bases that may not replace what stands on this one: a client's word never takes the place of what was read here. */
export function weakerThan(basis: string): readonly Basis[] {
  return bases.slice(
    0,
    Math.max(
      0,
      bases.findIndex((known) => known === basis),
    ),
  );
}
