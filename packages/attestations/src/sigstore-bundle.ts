import { field, listField, parseJson, textField } from "@plimsoll/formats";
import type { Attestation } from "@plimsoll/model";
import { compile } from "@plimsoll/re2";
import { decodeBase64, decodeUtf8, encodeBase64 } from "./base64.ts";
import { bytesOf } from "./verification.ts";
import type { SignerIdentity } from "./verification.ts";

/** Media types of sigstore bundles, in both spellings that are in use. */
const bundleType = /^application\/vnd\.dev\.sigstore\.bundle(?:\+json;version=0\.[123]|\.v0\.3\+json)$/;

/** Longer bundles are refused unread. */
const maxBundle = 12_000_000;

/** Whether a text is a sigstore bundle, by its media type. */
export function isBundle(text: string): boolean {
  if (text.length > maxBundle || !text.trimStart().startsWith("{")) return false;
  try {
    return bundleType.test(textField(parseJson(text), "mediaType") ?? "");
  } catch {
    return false;
  }
}

/** The parts of a bundle that are used here, not verified. */
export interface BundleContent {
  /** Whether it is signed by a key that the verifier must know, rather than by a certificate. */
  readonly keyed: boolean;
  /** The DSSE envelope, as JSON text. */
  readonly envelope?: string;
  /** Base64 of a signature over an artifact that is not in the bundle. */
  readonly signature?: string;
}

/** Reads the content of a bundle. Undefined where it has none. */
export function readBundle(text: string): BundleContent | undefined {
  let bundle: unknown;
  try {
    bundle = parseJson(text);
  } catch {
    return undefined;
  }
  const keyed = field(field(bundle, "verificationMaterial"), "publicKey") !== undefined;
  const envelope = field(bundle, "dsseEnvelope");
  const signature = textField(field(bundle, "messageSignature"), "signature");
  if (envelope !== undefined) return { keyed, envelope: JSON.stringify(envelope) };
  return signature === undefined ? undefined : { keyed, signature };
}

/**
 * Converts a signature by cosign, with its certificate, log entry and timestamp, to a bundle of version 0.1; otherwise the reason why it cannot be
 * converted.
 */
export async function bundleOf(attestation: Attestation): Promise<string | { readonly reason: string }> {
  const { signature, payload, certificate, logEntry, timestamp } = attestation;
  const certificates = pemBlocks(certificate ?? "");
  const [leaf] = certificates;
  if (leaf === undefined) return { reason: "the certificate of the signature is not PEM" };
  const chain = [leaf, ...certificates.slice(1), ...pemBlocks(attestation.chain ?? "")];
  const entries: unknown[] = [];
  if (logEntry !== undefined) {
    const entry = logEntryOf(logEntry);
    if (entry === undefined) return { reason: "the log entry of the signature cannot be read" };
    entries.push(entry);
  }
  const signedTimestamp = timestamp === undefined ? undefined : timestampOf(timestamp);
  if (timestamp !== undefined && signedTimestamp === undefined)
    return { reason: "the timestamp of the signature cannot be read" };
  const content = payload === undefined ? envelopeOf(signature) : await messageOf(signature, payload);
  if (content === undefined) return { reason: "the signature is neither base64 nor a DSSE envelope" };
  return JSON.stringify({
    mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
    verificationMaterial: {
      x509CertificateChain: { certificates: chain.map((rawBytes) => ({ rawBytes })) },
      tlogEntries: entries,
      ...(signedTimestamp === undefined
        ? {}
        : { timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp }] } }),
    },
    ...content,
  });
}

function envelopeOf(text: string): object | undefined {
  try {
    const dsseEnvelope = parseJson(text);
    return field(dsseEnvelope, "payloadType") === undefined ? undefined : { dsseEnvelope };
  } catch {
    return undefined;
  }
}

async function messageOf(signature: string, payload: string): Promise<object | undefined> {
  const bytes = decodeBase64(signature);
  if (bytes === undefined) return undefined;
  const digest = encodeBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(payload))));
  return {
    messageSignature: { messageDigest: { algorithm: "SHA2_256", digest }, signature: encodeBase64(bytes) },
  };
}

/** Rekor's entry as cosign keeps it: `{ SignedEntryTimestamp, Payload: { body, integratedTime, logIndex, logID } }`. */
function logEntryOf(text: string): object | undefined {
  try {
    const entry = parseJson(text);
    const payload = field(entry, "Payload");
    const [signedEntryTimestamp, body, logId] = [
      textField(entry, "SignedEntryTimestamp"),
      textField(payload, "body"),
      textField(payload, "logID"),
    ];
    const [integratedTime, logIndex] = [field(payload, "integratedTime"), field(payload, "logIndex")];
    const decoded = decodeUtf8(decodeBase64(body ?? "") ?? new Uint8Array());
    if (!isCount(integratedTime) || !isCount(logIndex) || signedEntryTimestamp === undefined) return undefined;
    if (logId === undefined || !/^(?:[0-9a-f]{2})+$/i.test(logId) || decoded === undefined) return undefined;
    const kind = parseJson(decoded);
    const keyId = Uint8Array.from(logId.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    return {
      logIndex: String(logIndex),
      logId: { keyId: encodeBase64(keyId) },
      kindVersion: { kind: textField(kind, "kind") ?? "", version: textField(kind, "apiVersion") ?? "" },
      integratedTime: String(integratedTime),
      inclusionPromise: { signedEntryTimestamp },
      canonicalizedBody: body,
    };
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** cosign's `{ SignedRFC3161Timestamp }`. */
function timestampOf(text: string): string | undefined {
  try {
    const stamp = textField(parseJson(text), "SignedRFC3161Timestamp");
    return stamp === undefined || decodeBase64(stamp) === undefined ? undefined : stamp;
  } catch {
    return undefined;
  }
}

/** The base64 bodies of PEM blocks of certificates. */
function pemBlocks(text: string): readonly string[] {
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g);
  return [...blocks].map(([, body = ""]) => body.replace(/\s+/g, "")).filter((body) => body !== "");
}

/**
 * Whether a signer is one of the trusted identities: same issuer, and the same name or a name that matches the regular expression (RE2) as a whole.
 */
export function isTrusted(
  signer: { readonly issuer: string; readonly subject: string },
  identities: readonly SignerIdentity[],
): boolean {
  return identities.some(({ issuer, subject, subjectPattern }) => {
    if (issuer !== signer.issuer) return false;
    if (subject !== undefined) return subject === signer.subject;
    if (subjectPattern === undefined) return false;
    try {
      // By itself first: with a bracket too few and one too many it would be a pattern for parts of names.
      compile(subjectPattern);
      return compile(`^(?:${subjectPattern})$`).test(signer.subject);
    } catch (error) {
      if (error instanceof SyntaxError) return false;
      throw error;
    }
  });
}

/** The payload type of an envelope, and its payload as text. */
export function envelopePayload(envelope: string): { readonly type: string; readonly text: string } | undefined {
  try {
    const value = parseJson(envelope);
    const type = textField(value, "payloadType");
    const bytes = decodeBase64(textField(value, "payload") ?? "");
    const text = bytes === undefined ? undefined : decodeUtf8(bytes);
    return type === undefined || text === undefined || listField(value, "signatures").length === 0
      ? undefined
      : { type, text };
  } catch {
    return undefined;
  }
}
