import { field, listField, parseJson, textField } from "@plimsoll/formats";
import { ScanError, checkOptions } from "@plimsoll/model";
import { decodeBase64, decodeUtf8 } from "./base64.ts";
import type { PublicKey } from "./public-key.ts";
import { bytesOf, refused, verifyChecks } from "./verification.ts";
import type { VerifyOptions } from "./verification.ts";
import { verifyDetached } from "./verify-detached.ts";

/** A signed envelope: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export interface DsseEnvelope {
  readonly payloadType: string;
  /** The payload, decoded from base64. */
  readonly payload: Uint8Array<ArrayBuffer>;
  readonly signatures: readonly { readonly keyId?: string; readonly signature: Uint8Array<ArrayBuffer> }[];
}

/** The result of {@link verifyEnvelope}; `payload` is set only when the envelope is verified. */
export interface EnvelopeVerification {
  readonly verified: boolean;
  readonly payloadType?: string;
  /** The payload as text (UTF-8). */
  readonly payload?: string;
  /** Index of the key that verified it, in the list given. */
  readonly key?: number;
  readonly reason?: string;
}

/** The most signatures of an envelope. No real one has as many. */
const maxSignatures = 64;

/**
 * Reads an envelope.
 * @throws ScanError where the text is not one, with the reason.
 */
export function readEnvelope(text: string): DsseEnvelope {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : "not JSON");
  }
  const payloadType = textField(value, "payloadType");
  const encoded = field(value, "payload");
  const payload = typeof encoded === "string" ? decodeBase64(encoded) : undefined;
  if (payloadType === undefined) throw malformed("payloadType is missing");
  if (payload === undefined) throw malformed("payload is not base64");
  const list = listField(value, "signatures");
  if (list.length === 0) throw malformed("signatures is empty");
  if (list.length > maxSignatures) throw malformed(`more than ${maxSignatures} signatures`);
  const signatures = list.map((each) => {
    const keyId = textField(each, "keyid");
    const signature = decodeBase64(textField(each, "sig") ?? "");
    if (signature === undefined || signature.length === 0) throw malformed("a signature is not base64");
    return { signature, ...(keyId === undefined ? {} : { keyId }) };
  });
  return { payloadType, payload, signatures };
}

/** The bytes that an envelope's signatures sign: DSSE's pre-authentication encoding. */
export function signedBytes(payloadType: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const type = bytesOf(payloadType);
  return concat([bytesOf(`DSSEv1 ${type.length} `), type, bytesOf(` ${payload.length} `), payload]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Verifies an envelope: one signature by one of the keys is enough. Key ids in the envelope are not signed, so they are ignored.
 * Never throws for a bad envelope.
 */
export async function verifyEnvelope(
  text: string,
  keys: readonly PublicKey[],
  options: VerifyOptions = {},
): Promise<EnvelopeVerification> {
  checkOptions("verifyEnvelope", options, verifyChecks);
  let envelope: DsseEnvelope;
  try {
    envelope = readEnvelope(text);
  } catch (error) {
    if (error instanceof ScanError) return refused(error.message);
    throw error;
  }
  const signed = signedBytes(envelope.payloadType, envelope.payload);
  let reason = "there is no key to verify the envelope with";
  for (const [index, key] of keys.entries()) {
    for (const { signature } of envelope.signatures) {
      const verification = await verifyDetached(signed, signature, key, options);
      if (!verification.verified) {
        reason = verification.reason;
        continue;
      }
      const payload = decodeUtf8(envelope.payload);
      if (payload === undefined) return refused("the signed payload is not UTF-8");
      return { verified: true, payloadType: envelope.payloadType, payload, key: index };
    }
  }
  return refused(reason);
}

function malformed(reason: string): ScanError {
  return new ScanError({ kind: "malformed-document", label: "DSSE envelope", reason });
}
