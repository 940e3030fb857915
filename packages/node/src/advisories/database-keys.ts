import { createHash, createPublicKey } from "node:crypto";
import { lstatSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { PublicKey } from "@plimsoll/attestations";
import { jsonIn, listField, textField } from "@plimsoll/formats";
import { ScanError, optionIs } from "@plimsoll/model";
import type { OptionChecks } from "@plimsoll/model";
import { distrustOf } from "../cache/trusted-owner.ts";

/** Whose databases are taken. */
export interface DatabaseKeyOptions {
  /**
   * Public keys, PKIX or PGP. Only a database is opened that one of them signed, as `cosign sign` does it. Signatures lie in registries: a
   * file or a service has none, and is refused. Absent: signatures are not asked for. Empty: nobody is believed.
   */
  readonly keys?: readonly PublicKey[] | undefined;
}

/** Of {@link DatabaseKeyOptions}. */
export const databaseKeyChecks: OptionChecks<DatabaseKeyOptions> = { keys: optionIs.listOf(optionIs.object) };

/** What a note says: that these keys signed what this version is of. */
interface SignatureNote {
  readonly version: string;
  readonly signers: readonly string[];
}

/**
 * The name that a key is noted under: SHA-256 of its DER, or of a PGP key's text.
 * @throws ScanError `invalid-option` where it is no public key.
 */
export function nameOfKey(key: PublicKey): string {
  if (key.type === "pgp") return sha256(key.armored.trim());
  try {
    const read =
      key.pem === undefined
        ? createPublicKey({ key: Buffer.from(key.der ?? []), format: "der", type: "spki" })
        : createPublicKey(key.pem);
    return sha256(read.export({ type: "spki", format: "der" }));
  } catch (cause) {
    throw new ScanError({ kind: "invalid-option", option: "keys", reason: "it is not a public key" }, { cause });
  }
}

/** Notes beside a database, in the cache directory, which keys signed it: it is used without a network, too. */
export async function noteSigners(note: string, { version, signers }: SignatureNote): Promise<void> {
  await writeFile(note, `${JSON.stringify({ version, signers })}\n`, { mode: 0o600 });
}

/** Where the note about a store lies. */
export function signaturePath(store: string): string {
  return `${store}.signed`;
}

/**
 * Makes sure that one of the keys signed a database of the cache directory, as the note says that was written when it was fetched.
 * @throws ScanError `unverified` where there is no such note, it is about another version, or of other keys.
 */
export async function expectNoted(
  note: string,
  version: string,
  label: string,
  keys: readonly PublicKey[],
): Promise<void> {
  const names = keys.map(nameOfKey);
  const noted = await readNote(note);
  if (noted?.version === version && noted.signers.some((name) => names.includes(name))) return;
  throw new ScanError({ kind: "unverified", label, reason: "it was not fetched as signed by one of the keys" });
}

async function readNote(path: string): Promise<SignatureNote | undefined> {
  try {
    if (distrustOf(lstatSync(path), dirname(path)) !== undefined) return undefined;
    const value = jsonIn(await readFile(path));
    const signers = listField(value, "signers").filter((name) => typeof name === "string");
    return { version: textField(value, "version") ?? "", signers };
  } catch {
    return undefined;
  }
}

/** @throws ScanError `unverified` for a location that cannot carry a signature, unless it is the default store's. */
export function refuseUnsigned(location: string, defaultStore: string): void {
  if (resolve(location) === resolve(defaultStore)) return;
  const reason = "only a database in a registry (oci://…) carries a signature; `plimsoll db pull` takes one into use";
  throw new ScanError({ kind: "unverified", label: location, reason });
}

function sha256(content: string | Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
