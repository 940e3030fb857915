/** Hex digests of a Subresource Integrity text (https://www.w3.org/TR/SRI/), by algorithm; undefined when it holds none. */
export function hashesOf(integrity: string | undefined): Readonly<Record<string, string>> | undefined {
  const hashes: Record<string, string> = {};
  for (const part of integrity?.split(/\s+/, 8) ?? []) {
    const [, algorithm, base64] = /^(sha1|sha256|sha384|sha512)-([A-Za-z0-9+/]{20,}={0,2})$/.exec(part) ?? [];
    const hex = base64 === undefined ? undefined : hexOf(base64);
    if (algorithm !== undefined && hex !== undefined) hashes[algorithm] = hex;
  }
  return Object.keys(hashes).length === 0 ? undefined : hashes;
}

/** The two digits of each byte. */
const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hexOf(base64: string): string | undefined {
  try {
    const bytes = atob(base64);
    const pairs: string[] = [];
    for (let at = 0; at < bytes.length; at++) pairs.push(digits[bytes.charCodeAt(at)] ?? "");
    return pairs.join("");
  } catch {
    return undefined;
  }
}
