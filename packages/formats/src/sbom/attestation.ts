import { jsonIn } from "../json/json.ts";
import { field, textField } from "../json/fields.ts";

/**
 * The document inside an in-toto attestation, a DSSE envelope or a Sigstore bundle; undefined when the value is none.
 * Signatures are not checked here (https://github.com/secure-systems-lab/dsse, https://github.com/in-toto/attestation).
 */
export function attestedDocument(value: unknown): unknown {
  const envelope = field(value, "dsseEnvelope") ?? value;
  const payload = textField(envelope, "payload");
  if (payload !== undefined && textField(envelope, "payloadType") !== undefined) {
    const text = decodeBase64(payload);
    return text === undefined ? undefined : predicateOf(jsonIn(text));
  }
  return predicateOf(value);
}

function predicateOf(statement: unknown): unknown {
  if (textField(statement, "predicateType") === undefined) return undefined;
  const predicate = field(statement, "predicate");
  // cosign wraps predicates of its own in `Data`, sometimes as text.
  const data = field(predicate, "Data") ?? predicate;
  return typeof data === "string" ? (jsonIn(data) ?? data) : data;
}

function decodeBase64(text: string): string | undefined {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
