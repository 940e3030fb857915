/** What policies in Rego may ask of the process: cryptography with keys, the clock, randomness. */

import {
  constants,
  createPrivateKey,
  createPublicKey,
  randomInt,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
  type SigningOptions,
} from "node:crypto";
import type { Environment, RegoCrypto, VerificationKey } from "@plimsoll/rego";

interface Scheme {
  readonly hash: string | null;
  readonly type: "rsa" | "ec" | "ed25519";
  readonly pss: boolean;
}

function schemeOf(algorithm: string): Scheme | undefined {
  const match = /^(RS|PS|ES)(256|384|512)$/.exec(algorithm);
  if (algorithm === "EdDSA") return { hash: null, type: "ed25519", pss: false };
  if (match === null) return undefined;
  return { hash: `sha${match[2]}`, type: match[1] === "ES" ? "ec" : "rsa", pss: match[1] === "PS" };
}

function optionsFor(scheme: Scheme, key: KeyObject): KeyObject | (SigningOptions & { readonly key: KeyObject }) {
  if (scheme.type === "ec") return { key, dsaEncoding: "ieee-p1363" };
  if (!scheme.pss) return key;
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
}

function publicKey(key: VerificationKey): KeyObject | undefined {
  try {
    // as: a key that is none is refused by the call.
    return "pem" in key ? createPublicKey(key.pem) : createPublicKey({ key: key.jwk as JsonWebKey, format: "jwk" });
  } catch {
    return undefined;
  }
}

/** Node's cryptography for policies: signatures of JSON Web Tokens. */
export const regoCrypto: RegoCrypto = {
  isKey: (pem) => publicKey({ pem, keyId: undefined, algorithm: undefined }) !== undefined,
  verify: (algorithm, key, payload, signature) => {
    const scheme = schemeOf(algorithm);
    const object = publicKey(key);
    if (scheme === undefined || object === undefined || object.asymmetricKeyType !== scheme.type) return false;
    try {
      return verify(scheme.hash, payload, optionsFor(scheme, object), signature);
    } catch {
      return false;
    }
  },
  privateKey: (pem) => {
    try {
      return createPrivateKey(pem).export({ format: "jwk" }) as Record<string, unknown>; // as: an object of texts
    } catch {
      return undefined;
    }
  },
  sign: (algorithm, jwk, payload) => {
    const scheme = schemeOf(algorithm);
    if (scheme === undefined) throw new TypeError(`unknown algorithm: ${algorithm}`);
    const key = createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" }); // as: a key that is none is refused by the call
    return sign(scheme.hash, payload, optionsFor(scheme, key));
  },
};

/** An environment with Node's cryptography, its clock and its randomness. */
export function regoEnvironment(): Environment {
  return {
    crypto: regoCrypto,
    now: () => BigInt(Date.now()) * 1_000_000n,
    random: () => randomInt(2 ** 47) / 2 ** 47,
  };
}
