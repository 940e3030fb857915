/** Algorithms and public keys of certificates, numbered as Go numbers them. */

import { toBase64 } from "../builtins/bytes.ts";
import { numberFromInteger } from "../values/number.ts";
import type { Value } from "../values/value.ts";
import { bitsIn, elementsOf, expected, identifierIn, integerIn, membersOf, tags, unsignedIn, type Element } from "./der.ts"; // prettier-ignore

/** An algorithm of signatures: Go's number, and the name of JWS (RFC 7518) where it is one that may be trusted. */
export interface SignatureAlgorithm {
  readonly number: number;
  readonly jws?: string;
}

const signatures: Readonly<Record<string, SignatureAlgorithm>> = {
  "1.2.840.113549.1.1.2": { number: 1 },
  "1.2.840.113549.1.1.4": { number: 2 },
  "1.2.840.113549.1.1.5": { number: 3 },
  "1.3.14.3.2.29": { number: 3 },
  "1.2.840.113549.1.1.11": { number: 4, jws: "RS256" },
  "1.2.840.113549.1.1.12": { number: 5, jws: "RS384" },
  "1.2.840.113549.1.1.13": { number: 6, jws: "RS512" },
  "1.2.840.10040.4.3": { number: 7 },
  "2.16.840.1.101.3.4.3.2": { number: 8 },
  "1.2.840.10045.4.1": { number: 9 },
  "1.2.840.10045.4.3.2": { number: 10, jws: "ES256" },
  "1.2.840.10045.4.3.3": { number: 11, jws: "ES384" },
  "1.2.840.10045.4.3.4": { number: 12, jws: "ES512" },
  "1.3.101.112": { number: 16, jws: "EdDSA" },
};

// RSA-PSS names its hash in the parameters.
const pss: Readonly<Record<string, SignatureAlgorithm>> = {
  "2.16.840.1.101.3.4.2.1": { number: 13, jws: "PS256" },
  "2.16.840.1.101.3.4.2.2": { number: 14, jws: "PS384" },
  "2.16.840.1.101.3.4.2.3": { number: 15, jws: "PS512" },
};

export function signatureAlgorithmOf(element: Element): SignatureAlgorithm {
  const [identifier, parameters] = membersOf(element);
  const name = identifierIn(expected(identifier, tags.oid).content).join(".");
  if (name === "1.2.840.113549.1.1.10" && parameters?.tag === tags.sequence) {
    const hash = membersOf(parameters).find(({ tag }) => tag === 0xa0);
    const [algorithm] = hash === undefined ? [] : membersOf(hash);
    const [used] = algorithm === undefined ? [] : membersOf(algorithm);
    return (used?.tag === tags.oid ? pss[identifierIn(used.content).join(".")] : undefined) ?? { number: 0 };
  }
  return signatures[name] ?? { number: 0 };
}

/** The curve's coordinates' length in bytes. */
const curves: Readonly<Record<string, number>> = {
  "1.3.132.0.33": 28,
  "1.2.840.10045.3.1.7": 32,
  "1.3.132.0.34": 48,
  "1.3.132.0.35": 66,
};

/** A public key as Go prints it, and the number of its algorithm. */
export function publicKeyOf(info: Element): {
  readonly algorithm: number;
  readonly key: Value;
  readonly curve?: number;
} {
  const [algorithm, bits] = membersOf(info);
  const [identifier, parameters] = membersOf(expected(algorithm, tags.sequence));
  const name = identifierIn(expected(identifier, tags.oid).content).join(".");
  const bytes = bitsIn(expected(bits, tags.bits));
  if (name === "1.2.840.113549.1.1.1") {
    const [sequence] = elementsOf(bytes);
    const [modulus, exponent] = membersOf(expected(sequence, tags.sequence));
    const key = {
      N: numberFromInteger(integerIn(expected(modulus, tags.integer))),
      E: numberFromInteger(integerIn(expected(exponent, tags.integer))),
    };
    return { algorithm: 1, key };
  }
  if (name === "1.2.840.10045.2.1" && parameters?.tag === tags.oid) {
    const size = curves[identifierIn(parameters.content).join(".")];
    if (size === undefined || bytes[0] !== 4 || bytes.length !== 1 + 2 * size) return { algorithm: 3, key: null };
    const [x, y] = [bytes.subarray(1, 1 + size), bytes.subarray(1 + size)] as const;
    const key = { Curve: {}, X: numberFromInteger(unsignedIn(x)), Y: numberFromInteger(unsignedIn(y)) };
    return { algorithm: 3, key, curve: size };
  }
  if (name === "1.3.101.112") return { algorithm: 4, key: toBase64(bytes) };
  return { algorithm: name === "1.2.840.10040.4.1" ? 2 : 0, key: null };
}
