import { findSecrets, openSecretSearch } from "./index.ts";

/** Any bytes: places lie in the file, and pieces yield what the whole yields. */
export function fuzz(input: Uint8Array): void {
  searchBothWays(input, "etc/settings.yaml");
  searchBothWays(input, "app/settings.pyc");
}

function searchBothWays(input: Uint8Array, path: string): void {
  const whole = findSecrets(input, { path });
  for (const { line, column, endLine, endColumn } of whole) {
    if (line < 1 || column < 1 || endLine < line || (endLine === line && endColumn < column))
      throw new Error("a place that is none");
  }
  const search = openSecretSearch({ path });
  for (let at = 0; at < input.length; at += 777) search.push(input.subarray(at, at + 777));
  if (JSON.stringify(search.finish().secrets) !== JSON.stringify(whole)) throw new Error("pieces differ");
}

export function seeds(): readonly Uint8Array[] {
  return [
    `api_key: "${"a1B2c3D4".repeat(4)}"\npassword = 'x9y8z7w6v5u4'\ncurl -u user:secret1 https://a\n`,
    `-----BEGIN ${"RSA PRIVATE"} KEY-----\n${"MIIE0a1b".repeat(12)}\n-----END ${"RSA PRIVATE"} KEY-----\n`,
    "kind: Secret\ndata:\n  token: YWJjZGVmZ2hpams=\n",
    "\0\0z\u0010password=x9y8z7w6Ns\u0005\0\0\0a1b2cZ\u0003key",
  ].map((text) => new TextEncoder().encode(text));
}
