/** Private keys: read by an injected `crypto`, and written as Go's `encoding/json` writes its keys. */

import { numberFromInteger } from "../values/number.ts";
import { equalValues, isObject, objectGet, RegoObject, type Value } from "../values/value.ts";
import { readCertificates, type Certificate } from "../x509/certificate.ts";
import { CertificateError, unsignedIn } from "../x509/der.ts";
import { pemBlocks } from "../x509/pem.ts";
import { builtin, BuiltinError, RefusedBuiltin, type Builtin, type BuiltinContext } from "./builtin.ts";
import { fromBase64, textOfBytes, toBase64 } from "./bytes.ts";
import { stringAt } from "./operands.ts";

const keyTypes: readonly string[] = ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY"];

/** A key as JSON Web Keys have it: texts by name. */
type Jwk = Readonly<Record<string, string>>;

/** The text itself, or what it is the base64 of. */
function unwrapped(text: string): string {
  try {
    return textOfBytes(fromBase64(text));
  } catch (error) {
    if (!(error instanceof BuiltinError)) throw error;
    return text;
  }
}

function keysOf(text: string, context: BuiltinContext): readonly Jwk[] {
  context.step(1 + (text.length >> 2));
  return pemBlocks(text)
    .filter(({ type }) => keyTypes.includes(type))
    .map(({ type, bytes }) => {
      const read = context.environment.crypto?.privateKey;
      if (read === undefined) throw new RefusedBuiltin("cryptography with keys is not available: none was injected");
      context.step(1000);
      const jwk = read(`-----BEGIN ${type}-----\n${toBase64(bytes)}\n-----END ${type}-----\n`);
      if (jwk === undefined) throw new BuiltinError(`asn1: structure error: no private key in a block of ${type}`);
      return Object.fromEntries(
        Object.entries(jwk).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      );
    });
}

/** Base64 of URLs as an integer. */
function integer(text: string | undefined): Value {
  return numberFromInteger(unsignedIn(fromBase64(text ?? "", true, false)));
}

/** The fields of Go's `rsa.PrivateKey` and `ecdsa.PrivateKey`; the bytes of an `ed25519.PrivateKey`. */
function goKey(key: Jwk): Value {
  switch (key["kty"]) {
    case "RSA":
      return RegoObject.of([
        ["N", integer(key["n"])],
        ["E", integer(key["e"])],
        ["D", integer(key["d"])],
        ["Primes", [integer(key["p"]), integer(key["q"])]],
        [
          "Precomputed",
          RegoObject.of([
            ["Dp", integer(key["dp"])],
            ["Dq", integer(key["dq"])],
            ["Qinv", integer(key["qi"])],
            ["CRTValues", []],
          ]),
        ],
      ]);
    case "EC":
      return RegoObject.of([
        ["Curve", new RegoObject()],
        ["D", integer(key["d"])],
        ["X", integer(key["x"])],
        ["Y", integer(key["y"])],
      ]);
    default:
      // The seed, and the public key after it.
      return toBase64(
        Uint8Array.from([...fromBase64(key["d"] ?? "", true, false), ...fromBase64(key["x"] ?? "", true, false)]),
      );
  }
}

function parsePrivateKeys(args: readonly Value[], context: BuiltinContext): Value {
  const text = stringAt(args, 0);
  if (text === "") return null;
  return keysOf(unwrapped(text), context).map(goKey);
}

function parseOne(args: readonly Value[], context: BuiltinContext): Value {
  const text = stringAt(args, 0);
  if (text === "") throw new BuiltinError("input PEM data was empty");
  const [key] = keysOf(pemOf(text), context);
  return key === undefined ? null : RegoObject.of(Object.entries(key));
}

function certificatesOf(text: string): readonly Certificate[] {
  const blocks = pemBlocks(text);
  const found = blocks.filter(({ type }) => type === "CERTIFICATE");
  if (found.length === 0 && blocks.some(({ type }) => type.endsWith("PRIVATE KEY")))
    throw new BuiltinError(
      "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched",
    );
  if (found.length === 0) throw new BuiltinError("tls: failed to find any PEM data in certificate input");
  try {
    return found.flatMap(({ bytes }) => readCertificates(bytes));
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new BuiltinError(error.message);
  }
}

/** PEM, or base64 of it. */
function pemOf(text: string): string {
  return text.startsWith("-----BEGIN") ? text : textOfBytes(fromBase64(text));
}

function parseKeyPair(args: readonly Value[], context: BuiltinContext): Value {
  const [first, second] = [stringAt(args, 0), stringAt(args, 1)];
  context.step(1 + ((first.length + second.length) >> 2));
  const certificates = certificatesOf(pemOf(first));
  const text = pemOf(second);
  const [key] = keysOf(text, context);
  if (key === undefined) {
    const isCertificate = pemBlocks(text).some(({ type }) => type === "CERTIFICATE");
    throw new BuiltinError(
      isCertificate
        ? "tls: found a certificate rather than a key in the PEM for the private key"
        : "tls: failed to find any PEM data in key input",
    );
  }
  const [leaf] = certificates as readonly [Certificate]; // as: there is at least one
  const publicKey = objectGet(leaf.value, "PublicKey") ?? null;
  if (kindOf(publicKey) !== key["kty"]) throw new BuiltinError("tls: private key type does not match public key type");
  if (!isPublicPart(publicKey, key)) throw new BuiltinError("tls: private key does not match public key");
  for (const { bytes } of certificates) context.charge(10 * bytes.length);
  return RegoObject.of([
    ["Certificate", certificates.map(({ bytes }) => toBase64(bytes))],
    ["Leaf", leaf.value],
    ["OCSPStaple", null],
    ["PrivateKey", goKey(key)],
    ["SignedCertificateTimestamps", null],
    ["SupportedSignatureAlgorithms", null],
  ]);
}

/** The kind of a certificate's public key, as JWKs name it. */
function kindOf(publicKey: Value): string {
  if (!isObject(publicKey)) return "OKP";
  return objectGet(publicKey, "N") === undefined ? "EC" : "RSA";
}

/** Whether a certificate's public key is that of a private one. */
function isPublicPart(publicKey: Value, key: Jwk): boolean {
  if (typeof publicKey === "string") return publicKey === toBase64(fromBase64(key["x"] ?? "", true, false));
  if (!isObject(publicKey)) return false;
  const names = key["kty"] === "RSA" ? [["N", "n"]] as const : ([["X", "x"], ["Y", "y"]] as const); // prettier-ignore
  return names.every(([field, name]) => {
    const value = objectGet(publicKey, field);
    return value !== undefined && equalValues(value, integer(key[name]));
  });
}

const object = "object<>[string: any]";

export const privateKeyBuiltins: readonly Builtin[] = [
  builtin("crypto.parse_private_keys", `(string) => array[${object}]`, parsePrivateKeys),
  builtin("crypto.x509.parse_rsa_private_key", `(string) => ${object}`, parseOne),
  builtin("crypto.x509.parse_keypair", `(string, string) => ${object}`, parseKeyPair),
];
