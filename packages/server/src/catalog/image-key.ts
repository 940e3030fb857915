/** Identifies an image of a tenant. Two tenants may have the same image; neither sees the other's. */
export interface ImageKey {
  /** Name of the tenant; empty: the operator. */
  readonly tenant: string;
  /** Digest of the manifest, or of the bytes of an SBOM. */
  readonly digest: string;
}

/**
 * Who vouches that an image with this digest has these packages, weakest first. `client`: the client states it. `layers`: the client states which
 * layers the manifest has, and this service read the layers. `read`: this service read and hashed everything from the manifest down.
 */
export const bases = ["client", "layers", "read"] as const;

export type Basis = (typeof bases)[number];

/** The bases that are weaker than this one: an inventory of a weaker basis never replaces one of a stronger. */
export function weakerThan(basis: string): readonly Basis[] {
  return bases.slice(
    0,
    Math.max(
      0,
      bases.findIndex((known) => known === basis),
    ),
  );
}
