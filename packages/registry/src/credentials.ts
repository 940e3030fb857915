import type { CallOptions } from "@plimsoll/model";

/** How to authenticate to a registry. */
export type Credentials =
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token (`identitytoken` of Docker's configuration). */
  | { readonly kind: "identity-token"; readonly token: string }
  /** A bearer token to send as it is (`registrytoken`). */
  | { readonly kind: "bearer"; readonly token: string };

/** For what credentials of a registry are needed. */
export interface CredentialOptions extends CallOptions {
  /** `library/alpine`: there may be credentials for one repository, or for those below a path. Absent: for the registry as a whole. */
  readonly repository?: string | undefined;
}

/** Credentials for a registry (`docker.io`, `localhost:5000`); undefined: access it anonymously. */
export type CredentialSource = (registry: string, options: CredentialOptions) => Promise<Credentials | undefined>;
