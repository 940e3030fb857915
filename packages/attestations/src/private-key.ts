import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { field, parseJson, textField } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";
import type { Algorithm } from "./algorithm.ts";
import { decodeBase64, decodeUtf8 } from "./base64.ts";
import { importParameters } from "./public-key.ts";
import { bytesOf } from "./verification.ts";

const pemBlock = /^\s*-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----\s*$/;

/** Labels of PEM blocks with cosign's encrypted keys, of today's versions and earlier ones. */
const encryptedLabels: ReadonlySet<string> = new Set([
  "ENCRYPTED SIGSTORE PRIVATE KEY",
  "ENCRYPTED COSIGN PRIVATE KEY",
]);

/** Bytes of memory that a key file may ask for; cosign's own ask for 64 MiB. */
const maxMemory = 256 * 1024 * 1024;

/**
 * Imports a private key for signing with WebCrypto: PKCS #8 in PEM, or cosign's encrypted form (scrypt and NaCl's secretbox).
 * @throws ScanError with the reason; its message never contains the key.
 */
export async function importPrivateKey(
  pem: string,
  algorithm: Algorithm,
  password: string | undefined,
): Promise<CryptoKey> {
  const der = await pkcs8Of(pem, password);
  try {
    return await crypto.subtle.importKey("pkcs8", der, importParameters(algorithm), false, ["sign"]);
  } catch {
    throw unusable(`it is not a private key for ${algorithm.name}`);
  }
}

async function pkcs8Of(pem: string, password: string | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const [, label = "", body = ""] = pemBlock.exec(pem) ?? [];
  const bytes = decodeBase64(body);
  if (bytes === undefined || bytes.length === 0) throw unusable("it is not exactly one PEM block of a private key");
  if (label === "PRIVATE KEY") return bytes;
  if (!encryptedLabels.has(label))
    throw unusable(`it is a block of type ${label}; PKCS #8 (PRIVATE KEY) and cosign's encrypted keys are read`);
  if (password === undefined) throw unusable("it is encrypted, and there is no password for it");
  return decrypt(bytes, password);
}

/** go-securesystemslib's `encrypted`: scrypt makes a key of the password, secretbox opens what it closed. */
async function decrypt(file: Uint8Array, password: string): Promise<Uint8Array<ArrayBuffer>> {
  const document = jsonOf(file);
  const kdf = field(document, "kdf");
  const cipher = field(document, "cipher");
  const parameters = field(kdf, "params");
  const [n, r, p] = ["N", "r", "p"].map((name) => field(parameters, name));
  if (textField(kdf, "name") !== "scrypt" || textField(cipher, "name") !== "nacl/secretbox")
    throw unusable("its encryption is not scrypt with nacl/secretbox");
  if (!isWhole(n) || !isWhole(r) || !isWhole(p) || 128 * n * r > maxMemory || p > 16 || (n & (n - 1)) !== 0 || n < 2)
    throw unusable("its parameters of scrypt are out of bounds");
  const [salt, nonce, ciphertext] = [
    decodeBase64(textField(kdf, "salt") ?? ""),
    decodeBase64(textField(cipher, "nonce") ?? ""),
    decodeBase64(textField(document, "ciphertext") ?? ""),
  ];
  if (salt === undefined || nonce?.length !== 24 || ciphertext === undefined || ciphertext.length < 17)
    throw unusable("its encryption is cut short");
  const key = await scryptAsync(bytesOf(password), salt, { N: n, r, p, dkLen: 32, maxmem: maxMemory + 1024 * 1024 });
  try {
    return new Uint8Array(xsalsa20poly1305(key, nonce).decrypt(ciphertext));
  } catch {
    throw unusable("the password does not open it");
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseJson(decodeUtf8(bytes) ?? "");
  } catch {
    throw unusable("what is encrypted in it is not JSON");
  }
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

/** The error for a private key that cannot be used. */
export function unusable(reason: string): ScanError {
  return new ScanError({ kind: "invalid-option", option: "privateKeyPem", reason });
}
