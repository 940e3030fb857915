import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { scrypt } from "@noble/hashes/scrypt.js";
import { describe, expect, test } from "vitest";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { newKeyPair } from "./fixtures/key-pair.ts";
import { signAttestation, verifyDetached } from "./index.ts";
import { bytesOf } from "./verification.ts";

const image = `registry.example/app@sha256:${"a1".repeat(32)}`;

/** A key as `cosign generate-key-pair` writes it; scrypt takes less work here. */
function cosignKey(privateKeyPem: string, password: string, changes: object = {}, label = "SIGSTORE"): string {
  const der = decodeBase64(privateKeyPem.replace(/-----[^-]+-----/g, "")) ?? new Uint8Array();
  const salt = new Uint8Array(32).fill(7);
  const nonce = new Uint8Array(24).fill(9);
  const parameters = { N: 1024, r: 8, p: 1 };
  const key = scrypt(bytesOf(password), salt, { ...parameters, dkLen: 32 });
  const document = {
    kdf: { name: "scrypt", params: parameters, salt: encodeBase64(salt) },
    cipher: { name: "nacl/secretbox", nonce: encodeBase64(nonce) },
    ciphertext: encodeBase64(xsalsa20poly1305(key, nonce).encrypt(der)),
    ...changes,
  };
  const body = encodeBase64(bytesOf(JSON.stringify(document)));
  return `-----BEGIN ENCRYPTED ${label} PRIVATE KEY-----\n${body}\n-----END ENCRYPTED ${label} PRIVATE KEY-----\n`;
}

describe("cosign's encrypted keys", () => {
  test.each(["SIGSTORE", "COSIGN"])("of %s sign with their password", async (label) => {
    const { pem, privateKeyPem, algorithm } = await newKeyPair("EcdsaP256Sha256");
    const key = cosignKey(privateKeyPem, "open", {}, label);
    const { payload = "", signature } = await signAttestation(image, {
      privateKeyPem: key,
      password: "open",
      algorithm,
      keyId: "",
    });
    expect(await verifyDetached(payload, signature, { type: "pkix", pem, algorithm })).toEqual({ verified: true });
  });

  test.each([
    ["a wrong password", "shut", {}, "does not open"],
    ["no password", undefined, {}, "no password"],
    ["another cipher", "open", { cipher: { name: "aes" } }, "is not scrypt"],
    [
      "work without end",
      "open",
      { kdf: { name: "scrypt", params: { N: 2 ** 30, r: 8, p: 1 }, salt: "AAAA" } },
      "bounds",
    ],
    ["work that is no number", "open", { kdf: { name: "scrypt", params: { N: "1", r: 8, p: 1 } } }, "bounds"],
    ["work that is no power of two", "open", { kdf: { name: "scrypt", params: { N: 1000, r: 8, p: 1 } } }, "bounds"],
    ["a text that is cut short", "open", { ciphertext: "AAAA" }, "cut short"],
    ["no JSON", "open", null, "privateKeyPem"],
  ])("with %s are refused, and nothing of the key is told", async (_, password, changes, reason) => {
    const { privateKeyPem, algorithm } = await newKeyPair("EcdsaP256Sha256");
    const pem =
      changes === null
        ? "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----"
        : cosignKey(privateKeyPem, "open", changes);
    const signing = signAttestation(image, { privateKeyPem: pem, password, algorithm, keyId: "" });
    await expect(signing).rejects.toThrow(reason);
    await expect(signing).rejects.not.toThrow(/open1|MIG/);
  });
});
