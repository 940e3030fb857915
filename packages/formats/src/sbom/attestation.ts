import type { Steps } from "../shared/steps.ts";
import { field, textField } from "../json/fields.ts";

/**
 * The document inside an in-toto attestation, a DSSE envelope or a Sigstore bundle; undefined when the value is none.
 * Signatures are not checked here (https://github.com/secure-systems-lab/dsse, https://github.com/in-toto/attestation).
 * @param parse gives undefined for what is no JSON
 */
export function* attestedDocument(value: unknown, parse: (text: string) => Steps<unknown>): Steps<unknown> {
  const envelope = field(value, "dsseEnvelope") ?? value;
  const payload = textField(envelope, "payload");
  if (payload !== undefined && textField(envelope, "payloadType") !== undefined) {
    const text = yield* decodeBase64(payload);
    return text === undefined ? undefined : yield* predicateOf(yield* parse(text), parse);
  }
  return yield* predicateOf(value, parse);
}

function* predicateOf(statement: unknown, parse: (text: string) => Steps<unknown>): Steps<unknown> {
  if (textField(statement, "predicateType") === undefined) return undefined;
  const predicate = field(statement, "predicate");
  // cosign wraps predicates of its own in `Data`, sometimes as text.
  const data = field(predicate, "Data") ?? predicate;
  return typeof data === "string" ? ((yield* parse(data)) ?? data) : data;
}

/** Decoded at once: a multiple of the four characters that three bytes take. */
const portion = 32 * 1024;
/** To decode a character takes about as long as looking at so many bytes. */
const timesToDecode = 8;

function* decodeBase64(encoded: string): Steps<string | undefined> {
  const text = encoded
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .replaceAll(/[\t\n\f\r ]/g, "");
  // What ends a portion ends no text.
  if (/=[^=]/.test(text)) return undefined;
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let length = 0;
  for (let start = 0; start < text.length; start += portion) {
    const decoded = binaryOf(text.slice(start, start + portion));
    if (decoded === undefined) return undefined;
    for (let at = 0; at < decoded.length; at++) bytes[length++] = decoded.charCodeAt(at);
    yield portion * timesToDecode;
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}

function binaryOf(base64: string): string | undefined {
  try {
    return atob(base64);
  } catch {
    return undefined;
  }
}
