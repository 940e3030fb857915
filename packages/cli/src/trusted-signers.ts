import { createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { authorityKeys, identifyKey, readAuthority } from "@plimsoll/attestations";
import type { IdentifiedKey, SignerIdentity } from "@plimsoll/attestations";
import { parseYamlDocuments } from "@plimsoll/formats";
import { UsageError } from "./command-line.ts";
import { readText } from "./read-text.ts";

/** Trusted keys and identities. */
export interface TrustedSigners {
  readonly keys: readonly IdentifiedKey[];
  readonly identities: readonly SignerIdentity[];
}

/** The keys and identities of an AttestationAuthority in a file. */
export async function authorityIn(path: string): Promise<TrustedSigners> {
  const authority = readAuthority(onlyDocument(path));
  return { keys: await authorityKeys(authority), identities: authority.identities ?? [] };
}

/** A public key in a file: PEM, or PGP in ASCII armor. */
export async function keyOf(path: string, algorithm: string | undefined): Promise<IdentifiedKey> {
  const data = readText(path);
  if (data.includes("-----BEGIN PGP")) return identifyKey({ type: "PGP", data });
  const key: IdentifiedKey["key"] = { type: "pkix", pem: data, algorithm: algorithm ?? customaryPublicAlgorithm(data) };
  return { id: "", key };
}

/** The signers in files: public keys, and AttestationAuthority objects. */
export async function signersIn(paths: readonly string[]): Promise<TrustedSigners> {
  const found = await Promise.all(
    paths.map(async (path): Promise<TrustedSigners> => {
      if (!readText(path).trimStart().startsWith("-----BEGIN")) return authorityIn(path);
      return { keys: [await keyOf(path, undefined)], identities: [] };
    }),
  );
  return { keys: found.flatMap(({ keys }) => keys), identities: found.flatMap(({ identities }) => identities) };
}

/** The object in a file that holds exactly one. */
export function onlyDocument(path: string): unknown {
  const { documents, problems } = parseYamlDocuments(readText(path));
  const [problem] = problems;
  if (problem !== undefined) throw new UsageError(`${path}:${problem.line}: ${problem.message}`);
  const [only, ...more] = documents;
  if (only === undefined || more.length > 0) throw new UsageError(`${path} does not hold exactly one object`);
  return only.value;
}

function customaryPublicAlgorithm(pem: string): string {
  try {
    return algorithmFor(createPublicKey(pem));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError("--key: it is not a public key in PEM");
  }
}

/** The usual signature algorithm for a key. */
export function algorithmFor(key: KeyObject): string {
  const { namedCurve = "", modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  const named: Readonly<Record<string, string>> = {
    ed25519: "Ed25519",
    prime256v1: "EcdsaP256Sha256",
    secp384r1: "EcdsaP384Sha384",
    secp521r1: "EcdsaP521Sha512",
    rsa: `RsaSignPkcs1${modulusLength}Sha256`,
  };
  const algorithm = named[key.asymmetricKeyType === "ec" ? namedCurve : (key.asymmetricKeyType ?? "")];
  if (algorithm === undefined)
    throw new UsageError("--key: the signature algorithm does not follow from this kind of key; give --algorithm");
  return algorithm;
}
