/** Whether something is signed by a key. There is no third state: what could not be verified is not verified, and says why. */
export type Verification =
  | { readonly verified: true; readonly reason?: undefined }
  | { readonly verified: false; readonly reason: string };

/** How verification is done. */
export interface VerifyOptions {
  /** RFC 3339. Refuses PGP signatures that are expired or made later; absent: their dates do not count. */
  readonly now?: string | undefined;
}

/** The reason why something is not verified, as a result. */
export function refused(reason: string): Verification & { readonly verified: false } {
  return { verified: false, reason };
}

/** UTF-8 of text; a copy of bytes. */
export function bytesOf(payload: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof payload === "string" ? new TextEncoder().encode(payload) : new Uint8Array(payload);
}
