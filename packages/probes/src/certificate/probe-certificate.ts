import { exposure } from "../shared/exposure.ts";
import type { Exposure } from "../shared/exposure.ts";

const longestCertificate = 1 << 20;
const longestAddress = 254;

/**
 * The e-mail addresses among the strings in the DER structure of a certificate. Strings are read with their encoded lengths, so that the byte after
 * an address never becomes part of it.
 */
export function certificateAddresses(der: Uint8Array): readonly string[] {
  const found = new Set<string>();
  if (der.byteLength <= longestCertificate) collect(der, 0, der.byteLength, found, 0);
  return [...found];
}

/** KHV021: a certificate that names an e-mail address. */
export function certificateExposures(der: Uint8Array, location: string): readonly Exposure[] {
  return certificateAddresses(der).map((address) =>
    exposure("KHV021", { location, evidence: `email: ${address}`, probe: "certificate" }),
  );
}

/** Tags of texts: UTF8String, PrintableString, TeletexString, IA5String; and [1] of a subjectAltName, rfc822Name. */
const textTags = new Set([0x0c, 0x13, 0x14, 0x16, 0x81]);

function collect(der: Uint8Array, from: number, to: number, found: Set<string>, depth: number): void {
  let at = from;
  while (at + 1 < to && found.size < 100) {
    const tag = der[at] ?? 0;
    let length = der[at + 1] ?? 0;
    let start = at + 2;
    if (length >= 0x80) {
      const size = length & 0x7f;
      if (size === 0 || size > 4) return;
      length = 0;
      for (let index = 0; index < size; index++) length = length * 256 + (der[start + index] ?? 0);
      start += size;
    }
    const end = start + length;
    if (end > to) return;
    if ((tag & 0x20) !== 0 && depth < 30) collect(der, start, end, found, depth + 1);
    // An extension holds its value in an octet string.
    else if (tag === 0x04 && depth < 30) collect(der, start, end, found, depth + 1);
    else if (textTags.has(tag) && length <= longestAddress) {
      const text = new TextDecoder().decode(der.subarray(start, end));
      if (/^[a-zA-Z0-9_.+-]{1,64}@[a-zA-Z0-9-]{1,63}(\.[a-zA-Z0-9-]{1,63}){1,10}$/.test(text)) found.add(text);
    }
    at = end;
  }
}

/** The bytes of the first certificate of a PEM text; undefined when it holds none. */
export function certificateBytes(pem: string): Uint8Array | undefined {
  const body = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(
    pem.slice(0, 2 << 20),
  )?.[1];
  if (body === undefined) return undefined;
  try {
    return Uint8Array.from(atob(body.replace(/\s/g, "")), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
