import { field, listField, record, textField } from "@plimsoll/formats";
import { ScanError } from "@plimsoll/model";
import { algorithmOf } from "./algorithm.ts";
import { decodeBase64 } from "./base64.ts";
import { pgpFingerprint } from "./pgp.ts";
import { derOf, keyNameOf } from "./public-key.ts";
import type { PgpKey, PublicKey } from "./public-key.ts";
import type { SignerIdentity } from "./verification.ts";

/** A key with the id by which attestations refer to it. */
export interface IdentifiedKey {
  readonly id: string;
  /** The key. JSON Web Tokens are verified only with a key that states its algorithm. */
  readonly key: PublicKey;
}

/** Settings of a key, as Kritis' verifier takes them. */
export interface KeySettings {
  readonly type: string;
  /** A name of {@link algorithmOf}; for PGP none, or `PGPUnused`. */
  readonly algorithm?: string | null;
  readonly id?: string;
  /** PEM for PKIX, ASCII armor (or base64 of it) for PGP. */
  readonly data: string;
}

/**
 * The key of some settings with its effective id. The id of a PGP key is always its fingerprint; that of a PKIX key is the one in the settings,
 * which must be a URI reference, or else RFC 6920's name of its DER. PKIX data is parsed only when a signature is verified.
 * @throws ScanError for settings that contradict each other, and PGP keys that cannot be read.
 */
export async function identifyKey(settings: KeySettings): Promise<IdentifiedKey> {
  const { algorithm, id = "", data } = settings;
  switch (settings.type.toLowerCase()) {
    case "pgp": {
      if (algorithm !== undefined && algorithm !== null && !/^(?:PGPUnused)?$/i.test(algorithm)) {
        throw badKey(`a PGP key has no signature algorithm, but ${algorithm} is given`);
      }
      const key: PgpKey = { type: "pgp", armored: data };
      const named = await pgpFingerprint(key);
      if (typeof named === "string") throw badKey(named);
      return { id: named.fingerprint, key };
    }
    case "pkix":
    case "jwt": {
      if (typeof algorithm !== "string" || algorithmOf(algorithm) === undefined) {
        throw badKey(`the signature algorithm ${JSON.stringify(algorithm ?? "")} is not known`);
      }
      if (!isUriReference(id)) throw badKey(`the key id ${JSON.stringify(id.slice(0, 200))} is not a URI`);
      const key = { type: "pkix", pem: data, algorithm } as const;
      if (id !== "") return { id, key };
      const der = derOf(key);
      if (typeof der === "string") throw badKey(der);
      return { id: await keyNameOf(der), key };
    }
    default:
      throw badKey(`the key type ${JSON.stringify(settings.type.slice(0, 200))} is not PGP, PKIX or JWT`);
  }
}

/** RFC 3986 as Go's `url.Parse` reads it: no control characters, percent signs only before two digits, and no scheme without a name. */
function isUriReference(text: string): boolean {
  if (/[\u0000-\u001f\u007f]|%(?![0-9A-Fa-f]{2})/.test(text)) return false;
  const [first = ""] = text.split(/[/?#]/, 1);
  const colon = first.indexOf(":");
  return colon === -1 || /^[A-Za-z][A-Za-z0-9+.-]*$/.test(first.slice(0, colon));
}

/** An attestation authority: its name, the Grafeas note that its attestations belong to, and its keys. */
export interface AttestationAuthority {
  readonly name: string;
  readonly noteReference?: string | undefined;
  readonly publicKeys: readonly AuthorityKey[];
  /** Beyond Kritis: keyless signers (sigstore), by issuer and name. */
  readonly identities?: readonly SignerIdentity[] | undefined;
}

/** A key of Kritis' `AttestationAuthority`. */
export interface AuthorityKey {
  /** `PGP`, `PKIX` or, beyond Kritis, `JWT`. */
  readonly keyType: string;
  readonly keyId?: string | undefined;
  /** Base64 of the armor, as the CRD wants it, or the armor. */
  readonly asciiArmoredPgpPublicKey?: string | undefined;
  readonly pkixPublicKey?: { readonly publicKeyPem?: string; readonly signatureAlgorithm?: string } | undefined;
}

/**
 * Reads an object of kind `AttestationAuthority` (kritis.grafeas.io/v1beta1).
 * @throws ScanError where it is not one.
 */
export function readAuthority(object: unknown): AttestationAuthority {
  const name = textField(field(object, "metadata"), "name");
  const spec = record(field(object, "spec"));
  if (field(object, "kind") !== "AttestationAuthority" || name === undefined || spec === undefined) {
    const reason = "it is not of kind AttestationAuthority with metadata.name and spec";
    throw new ScanError({ kind: "malformed-document", label: "AttestationAuthority", reason });
  }
  const noteReference = textField(spec, "noteReference");
  const publicKeys = listField(spec, "publicKeys").map((value): AuthorityKey => {
    const pkix = record(field(value, "pkixPublicKey"));
    return {
      keyType: textField(value, "keyType") ?? "",
      keyId: textField(value, "keyId"),
      asciiArmoredPgpPublicKey: textField(value, "asciiArmoredPgpPublicKey"),
      pkixPublicKey: pkix && {
        publicKeyPem: textField(pkix, "publicKeyPem") ?? "",
        signatureAlgorithm: textField(pkix, "signatureAlgorithm") ?? "",
      },
    };
  });
  const identities = listField(spec, "identities").map((value): SignerIdentity => {
    const [issuer, subject, subjectPattern] = ["issuer", "subject", "subjectPattern"].map((key) =>
      textField(value, key),
    );
    if (issuer === undefined || (subject === undefined) === (subjectPattern === undefined))
      throw badKey(`${name}: an identity needs issuer, and either subject or subjectPattern`);
    return { issuer, subject, subjectPattern };
  });
  return {
    name,
    publicKeys,
    ...(noteReference === undefined ? {} : { noteReference }),
    ...(identities.length === 0 ? {} : { identities }),
  };
}

/** The authorities that a policy names, in its order. @throws ScanError where one does not exist. */
export function findAuthorities(
  names: readonly string[],
  authorities: readonly AttestationAuthority[],
): readonly AttestationAuthority[] {
  return names.map((name) => {
    const found = authorities.find((authority) => authority.name === name);
    if (found !== undefined) return found;
    const reason = "no such authority exists";
    throw new ScanError({ kind: "malformed-document", label: `AttestationAuthority ${name}`, reason });
  });
}

/**
 * The keys of an authority. A key that cannot be read is left out, since one usable key suffices; contradicting settings are an error.
 * @throws ScanError where a key's type and members contradict each other, or where no key is left.
 */
export async function authorityKeys(authority: AttestationAuthority): Promise<readonly IdentifiedKey[]> {
  const settings = authority.publicKeys.map((key) => settingsOf(key, authority.name));
  const keys: IdentifiedKey[] = [];
  let reason = "it has no keys";
  for (const each of settings) {
    try {
      keys.push(await identifyKey(each));
    } catch (error) {
      if (!(error instanceof ScanError) || each.type !== "PGP") throw error;
      reason = error.message;
    }
  }
  if (keys.length > 0 || (settings.length === 0 && (authority.identities ?? []).length > 0)) return keys;
  throw new ScanError({ kind: "malformed-document", label: `AttestationAuthority ${authority.name}`, reason });
}

function settingsOf(key: AuthorityKey, authority: string): KeySettings {
  const { keyType, keyId, asciiArmoredPgpPublicKey: armored, pkixPublicKey: pkix } = key;
  const pem = pkix?.publicKeyPem;
  const hasPgp = armored !== undefined && armored !== "";
  const hasPkix = pem !== undefined && pem !== "";
  if (keyType === "PGP") {
    if (hasPkix) throw badKey(`${authority}: a key of type PGP has a PKIX key`);
    if (!hasPgp) throw badKey(`${authority}: a key of type PGP has no asciiArmoredPgpPublicKey`);
    return { type: keyType, data: armored };
  }
  if (keyType !== "PKIX" && keyType !== "JWT")
    throw badKey(`${authority}: the key type ${JSON.stringify(keyType)} is not known`);
  if (hasPgp) throw badKey(`${authority}: a key of type ${keyType} has a PGP key`);
  if (!hasPkix) throw badKey(`${authority}: a key of type ${keyType} has no publicKeyPem`);
  const pemText = pem.includes("-----BEGIN") ? pem : decodedPem(pem);
  return { type: keyType, id: keyId ?? "", algorithm: pkix?.signatureAlgorithm ?? null, data: pemText };
}

function decodedPem(text: string): string {
  const bytes = decodeBase64(text);
  const pem = bytes === undefined ? "" : new TextDecoder().decode(bytes);
  return pem.includes("-----BEGIN") ? pem : text;
}

function badKey(reason: string): ScanError {
  return new ScanError({ kind: "malformed-document", label: "public key", reason });
}
