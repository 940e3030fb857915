/** JSON Web Tokens (RFC 7515, 7519). Secrets need nothing; keys need an injected `crypto`. */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { compareNumbers, integerOf, numberFromText, numberText, type NumberValue } from "../values/number.ts";
import { jsonText, toPlain } from "../values/text.ts";
import { isArray, isNumber, isObject, objectEntries, objectGet, objectKeys, RegoObject, RegoSet, type ObjectValue, type Value } from "../values/value.ts"; // prettier-ignore
import { builtin, BuiltinError, RefusedBuiltin, type Builtin, type BuiltinContext, type RegoCrypto, type VerificationKey } from "./builtin.ts"; // prettier-ignore
import { fromBase64, textOfBytes, toBase64, utf8 } from "./bytes.ts";
import { readJson } from "./json-reader.ts";
import { objectAt, stringAt } from "./operands.ts";

const digests = { HS256: sha256, HS384: sha384, HS512: sha512 };
const algorithms = new Set(["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]); // prettier-ignore

function isHmac(algorithm: string): algorithm is keyof typeof digests {
  return Object.hasOwn(digests, algorithm);
}

/** The three parts of a token, still encoded. */
interface Token {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

function tokenOf(text: string): Token {
  const parts = text.split(".");
  if (parts.length === 1) throw new BuiltinError("encoded JWT had no period separators");
  const [header = "", payload = "", signature = ""] = parts;
  if (parts.length !== 3) throw new BuiltinError(`encoded JWT must have 3 sections, found ${parts.length}`);
  return { header, payload, signature };
}

function decodePart(part: string, name: string): Uint8Array {
  try {
    return fromBase64(part, true, part.endsWith("="));
  } catch (error) {
    if (!(error instanceof BuiltinError)) throw error;
    throw new BuiltinError(`JWT ${name} had invalid encoding: ${error.message}`);
  }
}

function objectOf(text: string): ObjectValue {
  const value = readJson(text);
  if (!isObject(value)) throw new BuiltinError("decoded JSON type was not an Object");
  return value;
}

function textMember(object: ObjectValue, name: string): string {
  const value = objectGet(object, name);
  return typeof value === "string" ? value : "";
}

/** The header of a token that is signed; one that is encrypted is refused. */
function headerOf(token: Token): ObjectValue {
  const header = objectOf(textOfBytes(decodePart(token.header, "header")));
  if (objectGet(header, "enc") !== undefined) throw new BuiltinError("JWT is a JWE object, which is not supported");
  return header;
}

function decode(text: string): Value {
  const token = tokenOf(text);
  const header = headerOf(token);
  const payload = textOfBytes(decodePart(token.payload, "payload"));
  if (textMember(header, "cty").toUpperCase() === "JWT") return decode(payload.replace(/^"(.*)"$/s, "$1"));
  return [header, objectOf(payload), bytesToHex(decodePart(token.signature, "signature"))];
}

function cryptoOf(context: BuiltinContext): RegoCrypto {
  const { crypto } = context.environment;
  if (crypto === undefined) throw new RefusedBuiltin("cryptography with keys is not available: none was injected");
  return crypto;
}

/** Keys in PEM, a JWK, or a set of them. */
function keysOf(text: string, crypto: RegoCrypto): VerificationKey[] {
  if (text.trimStart().startsWith("-----BEGIN")) return [pemKey(text, crypto)];
  const problem = new BuiltinError("failed to parse a JWK key (set)");
  let parsed: unknown;
  try {
    parsed = toPlain(readJson(text));
  } catch {
    throw problem;
  }
  const set = isRecord(parsed) ? parsed["keys"] : undefined;
  const keys = (Array.isArray(set) ? set : [parsed])
    .filter(isRecord)
    .filter(({ kty }) => kty === "RSA" || kty === "EC" || kty === "OKP");
  if (keys.length === 0) throw problem;
  return keys.map((jwk) => ({
    jwk,
    keyId: typeof jwk["kid"] === "string" ? jwk["kid"] : undefined,
    algorithm: typeof jwk["alg"] === "string" ? jwk["alg"] : undefined,
  }));
}

function pemKey(text: string, crypto: RegoCrypto): VerificationKey {
  const match = /^\s*-----BEGIN ([A-Z ]+)-----[\s\S]*?-----END \1-----\s*/.exec(text);
  if (match === null) throw new BuiltinError("failed to parse a PEM certificate");
  const isCertificate = match[1] === "CERTIFICATE";
  if (match[0].length < text.length && text.slice(match[0].length).trim() !== "") {
    throw new BuiltinError(`extra data after a PEM ${isCertificate ? "certificate" : "public key"} block`);
  }
  if (!isCertificate && match[1] !== "PUBLIC KEY")
    throw new BuiltinError("failed to extract a Key from the PEM certificate");
  if (!crypto.isKey(text))
    throw new BuiltinError(isCertificate ? "failed to parse a PEM certificate" : "failed to parse a PEM key");
  return { pem: text, keyId: undefined, algorithm: undefined };
}

function signatureHolds(algorithm: string, token: Token, key: string, keyId: string, context: BuiltinContext): boolean {
  const signed = utf8(`${token.header}.${token.payload}`);
  const signature = decodePart(token.signature, "signature");
  context.step(1 + (signed.length >> 6));
  if (isHmac(algorithm)) {
    const wanted = hmac(digests[algorithm], utf8(key), signed);
    return wanted.length === signature.length && wanted.every((byte, index) => byte === signature[index]);
  }
  const crypto = cryptoOf(context);
  const keys = keysOf(key, crypto);
  // A named key is the one that counts, if it is there.
  const named = keyId === "" ? [] : keys.filter((each) => each.keyId === keyId);
  return (named.length > 0 ? named : keys).some((each) => crypto.verify(algorithm, each, signed, signature));
}

function verifier(name: string, algorithm: string): Builtin {
  return builtin(`io.jwt.verify_${name}`, "(string, string) => boolean", (args, context) => {
    const token = tokenOf(stringAt(args, 0));
    const key = stringAt(args, 1);
    const header = objectOf(textOfBytes(decodePart(token.header, "header")));
    return signatureHolds(algorithm, token, key, textMember(header, "kid"), context);
  });
}

interface Constraints {
  readonly cert: string | undefined;
  readonly secret: string | undefined;
  readonly algorithm: string;
  readonly issuer: string;
  readonly audience: string;
  /** Nanoseconds. */
  readonly time: () => number;
}

const constraintNames = new Set(["cert", "secret", "alg", "iss", "aud", "time"]);

function constraintsOf(options: ObjectValue, context: BuiltinContext): Constraints {
  for (const key of objectKeys(options)) {
    if (typeof key !== "string" || !constraintNames.has(key))
      throw new BuiltinError(`unknown token validation constraint: ${String(key)}`);
  }
  const read = (name: string): string | undefined => {
    const value = objectGet(options, name);
    if (value !== undefined && typeof value !== "string")
      throw new BuiltinError(`${name} constraint: must be a string`);
    return value;
  };
  const [cert, secret] = [read("cert"), read("secret")];
  if (cert !== undefined && secret !== undefined) throw new BuiltinError("duplicate key constraints");
  if (cert === undefined && secret === undefined) throw new BuiltinError("no key constraint");
  const time = objectGet(options, "time");
  if (time !== undefined && !isNumber(time)) throw new BuiltinError("token time constraint must be a number");
  return {
    cert,
    secret,
    algorithm: read("alg") ?? "",
    issuer: read("iss") ?? "",
    audience: read("aud") ?? "",
    time: () => (time === undefined ? nowOf(context) : Number(numberText(time))),
  };
}

/** The current time in nanoseconds since 1970; the same throughout an evaluation. */
export function nowOf(context: BuiltinContext): number {
  const { now } = context.environment;
  if (now === undefined) throw new RefusedBuiltin("the clock is not available: none was injected");
  return Number(context.remember("time.now_ns", () => numberFromText(now().toString())));
}

const refused: Value = [false, new RegoObject(), new RegoObject()];

function decodeVerify(args: readonly Value[], context: BuiltinContext): Value {
  const constraints = constraintsOf(objectAt(args, 1), context);
  let text = stringAt(args, 0);
  for (let nesting = 0; nesting < 100; nesting++) {
    const token = tokenOf(text);
    const header = headerOf(token);
    const algorithm = textMember(header, "alg");
    if (objectGet(header, "crit") !== undefined || !algorithms.has(algorithm)) return refused;
    if (constraints.algorithm !== "" && constraints.algorithm !== algorithm) return refused;
    // A key of the wrong kind would let a public key count as a secret.
    const key = isHmac(algorithm) ? constraints.secret : constraints.cert;
    if (key === undefined || !signatureHolds(algorithm, token, key, textMember(header, "kid"), context)) return refused;
    const payload = textOfBytes(decodePart(token.payload, "payload"));
    if (textMember(header, "cty").toUpperCase() === "JWT") {
      text = payload;
      continue;
    }
    const claims = objectOf(payload);
    return claimsHold(claims, constraints) ? [true, header, claims] : refused;
  }
  return refused;
}

function claimsHold(claims: ObjectValue, constraints: Constraints): boolean {
  if (constraints.issuer !== "" && objectGet(claims, "iss") !== constraints.issuer) return false;
  const audience = objectGet(claims, "aud");
  if (audience === undefined ? constraints.audience !== "" : !isAudience(audience, constraints.audience)) return false;
  const seconds = (name: string): NumberValue | undefined => {
    const value = objectGet(claims, name);
    if (value !== undefined && !isNumber(value)) throw new BuiltinError(`${name} value must be a number`);
    return value;
  };
  const [expires, notBefore] = [seconds("exp"), seconds("nbf")];
  if (expires === undefined && notBefore === undefined) return true;
  const now = constraints.time() / 1_000_000_000;
  if (expires !== undefined && compareNumbers(now, expires) >= 0) return false;
  return notBefore === undefined || compareNumbers(now, notBefore) >= 0;
}

function isAudience(value: Value, wanted: string): boolean {
  if (wanted === "") return false;
  return isArray(value) ? value.includes(wanted) : value === wanted;
}

function encode(header: string, payload: string, key: string, context: BuiltinContext): string {
  const algorithm = algorithmOf(header);
  const typ = memberOf(header, "typ");
  if ((typ === undefined || typ === "JWT") && !isJson(payload))
    throw new BuiltinError("type is JWT but payload is not JSON");
  const jwk = keyOf(key);
  const signed = `${toBase64(utf8(header), true, false)}.${toBase64(utf8(payload), true, false)}`;
  if (isHmac(algorithm)) {
    const secret = typeof jwk["k"] === "string" ? fromBase64(jwk["k"].replace(/=+$/, ""), true, false) : undefined;
    if (secret === undefined || jwk["kty"] !== "oct") throw new BuiltinError("failed to parse a JWK key");
    return `${signed}.${toBase64(hmac(digests[algorithm], secret, utf8(signed)), true, false)}`;
  }
  return `${signed}.${toBase64(cryptoOf(context).sign(algorithm, jwk, utf8(signed)), true, false)}`;
}

function algorithmOf(header: string): string {
  const missing = "missing or invalid 'alg' header";
  if (header === "") throw new BuiltinError(`${missing}: cannot parse JSON: cannot parse empty string`);
  if (/^\s*\{/.test(header) && !isJson(header)) throw new BuiltinError(`${missing}: cannot parse JSON`);
  const algorithm = memberOf(header, "alg");
  if (typeof algorithm !== "string") throw new BuiltinError(`${missing}: jwsbb: header "alg" not found`);
  if (!algorithms.has(algorithm)) throw new BuiltinError(`unknown JWS algorithm: ${algorithm}`);
  return algorithm;
}

function isJson(text: string): boolean {
  try {
    readJson(text);
    return true;
  } catch {
    return false;
  }
}

function memberOf(text: string, name: string): Value | undefined {
  if (!isJson(text)) return undefined;
  const value = readJson(text);
  return isObject(value) ? objectGet(value, name) : undefined;
}

function keyOf(text: string): Record<string, unknown> {
  const problem = new BuiltinError("failed to parse a JWK key");
  if (!isJson(text)) throw problem;
  const key = toPlain(readJson(text));
  if (!isRecord(key)) throw problem;
  return key;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Claims of time are whole seconds where they can be. */
function wholeTimes(payload: Value): Value {
  if (!isObject(payload)) return payload;
  const copy = new RegoObject();
  for (const [key, value] of objectEntries(payload)) {
    const integer = isNumber(value) ? integerOf(value) : undefined;
    copy.set(
      key,
      integer === undefined ? (value instanceof RegoSet ? value.sorted() : value) : numberFromText(integer.toString()),
    );
  }
  return copy;
}

const verifiers = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"]; // prettier-ignore
const object = "object<>[string: any]";

export const jwtBuiltins: readonly Builtin[] = [
  ...verifiers.map((algorithm) => verifier(algorithm.toLowerCase(), algorithm)),
  builtin("io.jwt.decode", "(string) => array<object<>[any: any], object<>[any: any], string>", (args) =>
    decode(stringAt(args, 0)),
  ),
  builtin(
    "io.jwt.decode_verify",
    `(string, ${object}) => array<boolean, object<>[any: any], object<>[any: any]>`,
    decodeVerify,
  ),
  builtin("io.jwt.encode_sign", `(${object}, ${object}, ${object}) => string`, (args, context) =>
    encode(jsonText(objectAt(args, 0)), jsonText(wholeTimes(objectAt(args, 1))), jsonText(objectAt(args, 2)), context),
  ),
  builtin("io.jwt.encode_sign_raw", "(string, string, string) => string", (args, context) =>
    encode(stringAt(args, 0), stringAt(args, 1), stringAt(args, 2), context),
  ),
];
