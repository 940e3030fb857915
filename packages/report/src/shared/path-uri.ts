/** A path as a relative URI reference (RFC 3986 §3.3): each segment percent-encoded, lone surrogates replaced. */
export function pathUri(path: string): string {
  const segments = path
    .replace(/\p{Cs}/gu, "\ufffd")
    .split("/")
    .map(encodeURIComponent);
  return segments.filter((segment, index) => segment !== "" || index > 0).join("/") || ".";
}
