/** A checksum algorithm: OCI's name, CycloneDX's, SPDX's, and the length of its hex form. */
export interface HashAlgorithm {
  readonly id: string;
  readonly cyclonedx: string;
  readonly spdx: string;
  readonly hexLength: number;
}

/** The algorithms that all SBOM formats have a name for. */
export const hashAlgorithms: readonly HashAlgorithm[] = [
  { id: "md5", cyclonedx: "MD5", spdx: "MD5", hexLength: 32 },
  { id: "sha1", cyclonedx: "SHA-1", spdx: "SHA1", hexLength: 40 },
  { id: "sha256", cyclonedx: "SHA-256", spdx: "SHA256", hexLength: 64 },
  { id: "sha384", cyclonedx: "SHA-384", spdx: "SHA384", hexLength: 96 },
  { id: "sha512", cyclonedx: "SHA-512", spdx: "SHA512", hexLength: 128 },
];

/** OCI's name of an algorithm that a document names in its own way; undefined when it is none of these. */
export function hashName(name: string): string | undefined {
  return hashAlgorithms.find(({ id }) => id === plainName(name))?.id;
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll("-", "");
}
