import { optionIs } from "@plimsoll/model";
import type { OptionChecks } from "@plimsoll/model";
/** Whether a signature is verified. There is no third state: what could not be checked is not verified, with the reason. */
export type Verification =
  | { readonly verified: true; readonly reason?: undefined }
  | { readonly verified: false; readonly reason: string };

/** Options of verification. */
export interface VerifyOptions {
  /** RFC 3339. PGP signatures and tokens that have expired or hold only later are refused. Absent: their dates are not checked. */
  readonly now?: string | undefined;
  /** Verifies keyless signatures: `sigstoreVerifier` of `@plimsoll/node`. Absent: they cannot be verified. */
  readonly verifyBundle?: VerifyBundle | undefined;
}

/** The checks of {@link VerifyOptions}. */
export const verifyChecks: OptionChecks<VerifyOptions> = { now: optionIs.time, verifyBundle: optionIs.call };

/** A trusted keyless signer, as certificates name it. */
export interface SignerIdentity {
  /** The identity provider: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** The signer's name: an address or URI. */
  readonly subject?: string | undefined;
  /** Regular expression (RE2) that the whole name must match; used where `subject` is absent. */
  readonly subjectPattern?: string | undefined;
}

/** The result of verifying a sigstore bundle. */
export type BundleVerification =
  | { readonly verified: true; readonly signer: { readonly issuer: string; readonly subject: string } }
  | { readonly verified: false; readonly reason: string };

/**
 * Verifies a sigstore bundle (JSON text): certificates, log, timestamps and signature, but not whether the signer is trusted or what was signed.
 * @param artifact The signed bytes, where the bundle does not contain them.
 */
export type VerifyBundle = (bundle: string, artifact?: Uint8Array) => Promise<BundleVerification>;

/** The result "not verified", with the reason. */
export function refused(reason: string): Verification & { readonly verified: false } {
  return { verified: false, reason };
}

/** UTF-8 of text; a copy of bytes. */
export function bytesOf(payload: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof payload === "string" ? new TextEncoder().encode(payload) : new Uint8Array(payload);
}
