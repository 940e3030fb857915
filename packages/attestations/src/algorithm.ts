/** A signature algorithm: kind of key, hash, and padding for RSA. */
export interface Algorithm {
  /** The name used by Kritis and Binary Authorization, in this package's spelling. */
  readonly name: string;
  readonly scheme: "rsa-pkcs1" | "rsa-pss" | "ecdsa" | "ed25519";
  /** Absent for Ed25519, which has its own. */
  readonly hash?: "SHA-256" | "SHA-384" | "SHA-512";
  /** Size of an RSA key, in bits. */
  readonly bits?: number;
  readonly curve?: "P-256" | "P-384" | "P-521";
  /** `alg` of a JSON Web Signature (RFC 7518, 3.1 and RFC 8037). */
  readonly jws: string;
}

const rsaSizes = [
  [2048, "256"],
  [3072, "256"],
  [4096, "256"],
  [4096, "512"],
] as const;

const everyAlgorithm: readonly Algorithm[] = [
  ...rsaSizes.map(([bits, hash]): Algorithm => ({
    name: `RsaPss${bits}Sha${hash}`,
    scheme: "rsa-pss",
    hash: `SHA-${hash}`,
    bits,
    jws: `PS${hash}`,
  })),
  ...rsaSizes.map(([bits, hash]): Algorithm => ({
    name: `RsaSignPkcs1${bits}Sha${hash}`,
    scheme: "rsa-pkcs1",
    hash: `SHA-${hash}`,
    bits,
    jws: `RS${hash}`,
  })),
  { name: "EcdsaP256Sha256", scheme: "ecdsa", hash: "SHA-256", curve: "P-256", jws: "ES256" },
  { name: "EcdsaP384Sha384", scheme: "ecdsa", hash: "SHA-384", curve: "P-384", jws: "ES384" },
  { name: "EcdsaP521Sha512", scheme: "ecdsa", hash: "SHA-512", curve: "P-521", jws: "ES512" },
  { name: "Ed25519", scheme: "ed25519", jws: "EdDSA" },
];

const byName: ReadonlyMap<string, Algorithm> = new Map(everyAlgorithm.map((each) => [plain(each.name), each]));

/**
 * The algorithm of a name: `EcdsaP256Sha256`, `ECDSA_P256_SHA256`, `RsaSignPkcs12048Sha256`, `RSA_SIGN_PKCS1_2048_SHA256`, `Ed25519`…
 * Undefined for other names.
 */
export function algorithmOf(name: string): Algorithm | undefined {
  // Google's older names of ECDSA: EC_SIGN_P256_SHA256.
  return byName.get(plain(name).replace(/^ecsign(?=p)/, "ecdsa"));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll("_", "");
}
