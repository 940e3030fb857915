import { certificateAddresses, certificateBytes } from "./probe-certificate.ts";

/** Any bytes as a certificate: addresses, or none. */
export function fuzz(input: Uint8Array): void {
  certificateAddresses(input);
  certificateBytes(new TextDecoder().decode(input));
}

export function seeds(): readonly Uint8Array[] {
  const address = [...new TextEncoder().encode("a@example.org")];
  return [Uint8Array.from([0x30, address.length + 2, 0x16, address.length, ...address])];
}
