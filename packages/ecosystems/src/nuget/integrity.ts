/** `sha512-<base64>` or bare base64 of 64 bytes as a hash of a package. */
export function sha512Of(text: string | undefined): { readonly hashes?: Readonly<Record<string, string>> } {
  const [, encoded] = /^(?:sha512-)?([A-Za-z0-9+/]{86}==)$/.exec(text ?? "") ?? [];
  if (encoded === undefined) return {};
  const hex = Array.from(atob(encoded), (char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return { hashes: { sha512: hex } };
}
