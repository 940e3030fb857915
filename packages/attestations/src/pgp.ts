import { ScanError, checkOptions } from "@plimsoll/model";
import type { Attestation } from "@plimsoll/model";
import { decodeBase64, decodeUtf8 } from "./base64.ts";
import type { OpenPgp, OpenPgpKey } from "./openpgp-api.ts";
import type { PgpKey } from "./public-key.ts";
import { refused, verifyChecks } from "./verification.ts";
import type { Verification, VerifyOptions } from "./verification.ts";

/** The result of {@link verifyPgpMessage}; `payload` is set only when the message is verified. */
export interface PgpVerification {
  readonly verified: boolean;
  /** The signed payload as text (UTF-8). */
  readonly payload?: string;
  /** Why it is not verified. */
  readonly reason?: string;
}

/** Why PGP is refused where its package is missing. */
const absent = "PGP cannot be verified: the package openpgp is not installed (npm install openpgp)";
/** Longer armored texts are refused unread. */
const maxArmored = 1_000_000;
/** A message that is longer once decompressed is refused: a thousand times as long is easy to make, and signed payloads are small. */
const decompressing = { config: { maxDecompressedMessageSize: 10_000_000 } };

let loading: Promise<OpenPgp | undefined> | undefined;

/** The optional package, loaded once when PGP is met. */
async function openPgp(): Promise<OpenPgp | undefined> {
  // Not a literal: bundlers leave it out, and the compiler leaves its declarations alone, which need a package that it does not bring along.
  const optional: string = "openpgp";
  loading ??= import(/* @vite-ignore */ optional).then(
    // as: what this package has under these names is stated in openpgp-api.ts and exercised by the tests.
    (loaded: unknown) => loaded as OpenPgp,
    () => undefined,
  );
  return loading;
}

/**
 * Verifies a signed OpenPGP message that carries its payload, as `gpg --sign` and `skopeo standalone-sign` write it.
 * Needs the optional package `openpgp`; without it nothing is verified. Never throws for a bad message or key.
 */
export async function verifyPgpMessage(
  message: string,
  key: PgpKey,
  options: VerifyOptions = {},
): Promise<PgpVerification> {
  checkOptions("verifyPgpMessage", options, verifyChecks);
  const pgp = await openPgp();
  if (pgp === undefined) return refused(absent);
  const verificationKeys = await readKey(pgp, key);
  if (typeof verificationKeys === "string") return refused(verificationKeys);
  const armored = armorOf(message);
  try {
    const read =
      typeof armored === "string"
        ? await pgp.readMessage({ armoredMessage: armored, ...decompressing })
        : await pgp.readMessage({ binaryMessage: armored, ...decompressing });
    const result = await pgp.verify({ message: read, verificationKeys, format: "binary", date: dateOf(options) });
    const reason = await firstValid(result.signatures);
    if (reason !== undefined) return refused(reason);
    const payload = decodeUtf8(result.data);
    return payload === undefined ? refused("the signed payload is not UTF-8") : { verified: true, payload };
  } catch (error) {
    return refused(`the PGP message cannot be read: ${sentence(error)}`);
  }
}

/** Verifies a detached OpenPGP signature. */
export async function verifyPgpDetached(
  payload: Uint8Array<ArrayBuffer>,
  signature: string | Uint8Array,
  key: PgpKey,
  options: VerifyOptions,
): Promise<Verification> {
  const pgp = await openPgp();
  if (pgp === undefined) return refused(absent);
  const verificationKeys = await readKey(pgp, key);
  if (typeof verificationKeys === "string") return refused(verificationKeys);
  const armored = typeof signature === "string" ? armorOf(signature) : new Uint8Array(signature);
  try {
    const read =
      typeof armored === "string"
        ? await pgp.readSignature({ armoredSignature: armored })
        : await pgp.readSignature({ binarySignature: armored });
    const message = await pgp.createMessage({ binary: payload });
    const date = dateOf(options);
    const result = await pgp.verify({ message, signature: read, verificationKeys, format: "binary", date });
    const reason = await firstValid(result.signatures);
    return reason === undefined ? { verified: true } : refused(reason);
  } catch (error) {
    return refused(`the PGP signature cannot be read: ${sentence(error)}`);
  }
}

/**
 * Signs a text as a PGP message that carries it, as `gpg --sign` does.
 * @throws ScanError where the key cannot be used or the package `openpgp` is not installed; the message never contains the key.
 */
export async function signPgpMessage(
  payload: string,
  signer: { readonly pgpPrivateKey: string; readonly password?: string | undefined; readonly now?: string | undefined },
): Promise<Attestation> {
  const unusable = (reason: string): ScanError =>
    new ScanError({ kind: "invalid-option", option: "pgpPrivateKey", reason });
  const pgp = await openPgp();
  if (pgp === undefined)
    throw unusable("PGP cannot be signed: the package openpgp is not installed (npm install openpgp)");
  const { password: passphrase, now } = signer;
  let privateKey: OpenPgpKey;
  try {
    privateKey = await pgp.readPrivateKey({ armoredKey: signer.pgpPrivateKey });
  } catch {
    throw unusable("it is not a PGP private key in ASCII armor");
  }
  if (!privateKey.isDecrypted()) {
    if (passphrase === undefined) throw unusable("it is locked, and there is no password for it");
    try {
      privateKey = await pgp.decryptKey({ privateKey, passphrase });
    } catch {
      throw unusable("the password does not open it");
    }
  }
  const message = await pgp.createMessage({ text: payload });
  const date = now === undefined ? {} : { date: new Date(now) };
  try {
    const signature = await pgp.sign({ message, signingKeys: privateKey, ...date });
    return { keyId: privateKey.getFingerprint().toUpperCase(), signature };
  } catch (error) {
    throw unusable(`it does not sign: ${sentence(error)}`);
  }
}

/** The fingerprint of a PGP key in upper-case hexadecimal digits, which is its id; otherwise a sentence that says why there is none. */
export async function pgpFingerprint(key: PgpKey): Promise<{ readonly fingerprint: string } | string> {
  const pgp = await openPgp();
  if (pgp === undefined) return absent;
  const read = await readKey(pgp, key);
  return typeof read === "string" ? read : { fingerprint: read.getFingerprint().toUpperCase() };
}

async function readKey(pgp: OpenPgp, key: PgpKey): Promise<OpenPgpKey | string> {
  const armored = armorOf(key.armored);
  try {
    const read =
      typeof armored === "string"
        ? await pgp.readKey({ armoredKey: armored })
        : await pgp.readKey({ binaryKey: armored });
    return read.isPrivate() ? read.toPublic() : read;
  } catch (error) {
    return `the PGP key cannot be read: ${sentence(error)}`;
  }
}

/** Armor as it stands; base64 of armor or of packets is decoded, because Kubernetes objects and notes carry keys that way. */
function armorOf(text: string): string | Uint8Array<ArrayBuffer> {
  if (text.length > maxArmored) return "";
  if (text.includes("-----BEGIN PGP")) return text;
  const bytes = decodeBase64(text);
  if (bytes === undefined || bytes.length === 0) return text;
  const inner = decodeUtf8(bytes);
  return inner?.includes("-----BEGIN PGP") === true ? inner : bytes;
}

/** Undefined as soon as one signature is valid; otherwise why the first is not. */
async function firstValid(signatures: readonly { readonly verified: Promise<unknown> }[]): Promise<string | undefined> {
  let reason: string | undefined;
  for (const { verified } of signatures) {
    try {
      await verified;
      return undefined;
    } catch (error) {
      reason ??= `the PGP signature is not valid: ${sentence(error)}`;
    }
  }
  return reason ?? "the PGP message is not signed";
}

/** Null switches the checks of dates off. */
function dateOf(options: VerifyOptions): Date | null {
  return options.now === undefined ? null : new Date(options.now);
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : "unknown reason";
}
