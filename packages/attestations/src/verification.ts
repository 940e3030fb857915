import { optionIs } from "@plimsoll/model";
import type { OptionChecks } from "@plimsoll/model";
/** Whether something is signed by a key. There is no third state: what could not be verified is not verified, and says why. */
export type Verification =
  | { readonly verified: true; readonly reason?: undefined }
  | { readonly verified: false; readonly reason: string };

/** How verification is done. */
export interface VerifyOptions {
  /** RFC 3339. Refuses PGP signatures that are expired or made later; absent: their dates do not count. */
  readonly now?: string | undefined;
  /** Verifies keyless signatures: `sigstoreVerifier` of `@plimsoll/node`. Absent: they cannot be verified. */
  readonly verifyBundle?: VerifyBundle | undefined;
}

/** Of {@link VerifyOptions}. */
export const verifyChecks: OptionChecks<VerifyOptions> = { now: optionIs.time, verifyBundle: optionIs.call };

/** Who may sign without a key, as a certificate names them. */
export interface SignerIdentity {
  /** Who vouched for the signer: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** The signer's name: an address or URI. */
  readonly subject?: string | undefined;
  /** Regular expression (RE2) that the whole name matches; counts where `subject` is absent. */
  readonly subjectPattern?: string | undefined;
}

/** What a verifier of sigstore bundles says. */
export type BundleVerification =
  | { readonly verified: true; readonly signer: { readonly issuer: string; readonly subject: string } }
  | { readonly verified: false; readonly reason: string };

/**
 * Verifies a sigstore bundle (JSON text): certificates, log, timestamps and signature, not who signed and what about.
 * @param artifact What the bundle's signature is over, where the bundle does not hold it.
 */
export type VerifyBundle = (bundle: string, artifact?: Uint8Array) => Promise<BundleVerification>;

/** The reason why something is not verified, as a result. */
export function refused(reason: string): Verification & { readonly verified: false } {
  return { verified: false, reason };
}

/** UTF-8 of text; a copy of bytes. */
export function bytesOf(payload: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof payload === "string" ? new TextEncoder().encode(payload) : new Uint8Array(payload);
}
