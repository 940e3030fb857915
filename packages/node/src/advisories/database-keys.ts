import { createHash, createPublicKey } from "node:crypto";
import { createReadStream, lstatSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { PublicKey } from "@plimsoll/attestations";
import { field, jsonIn, listField, textField } from "@plimsoll/formats";
import { ScanError, optionIs } from "@plimsoll/model";
import type { OptionChecks } from "@plimsoll/model";
import { distrustOf } from "../cache/trusted-owner.ts";
import { replaceFile } from "./replace-file.ts";

/** Which signatures of databases are required. */
export interface DatabaseKeyOptions {
  /**
   * Public keys, PKIX or PGP. A database is opened only if one of them signed it with `cosign sign`. Signatures are kept in registries, so a file
   * or a service is refused. Absent: no signature is required. Empty: every database is refused.
   */
  readonly keys?: readonly PublicKey[] | undefined;
}

/** The checks of {@link DatabaseKeyOptions}. */
export const databaseKeyChecks: OptionChecks<DatabaseKeyOptions> = { keys: optionIs.listOf(optionIs.object) };

/** What a note says: that these keys signed what it is about. */
export interface SignatureNote {
  /** Names what was signed: the state of a file, or the folder of a kept database. */
  readonly version: string;
  /** SHA-256 of the bytes, where they may lie elsewhere later, and others may take their place: what a file says of itself, anybody can write. */
  readonly digest?: string | undefined;
  readonly signers: readonly string[];
}

/**
 * The name under which a key is recorded: SHA-256 of its DER, or of a PGP key's text.
 * @throws ScanError `invalid-option` for an invalid public key.
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

/**
 * Records beside a database in the cache directory which keys signed it, so that it can be used offline. Readers see the former record or this one.
 * @param former what is recorded of the database that is still in place; absent: only the new one is.
 */
export async function noteSigners(
  note: string,
  { version, digest, signers }: SignatureNote,
  former?: SignatureNote,
): Promise<void> {
  const content = `${JSON.stringify({ version, digest, signers, former })}\n`;
  await replaceFile(note, (file) => file.writeFile(content));
}

/** What is recorded of the database that is in place, whoever signed it; undefined when there is no record, or it is about another one. */
export async function notedSigners(note: string, file: string, version: string): Promise<SignatureNote | undefined> {
  const noted = await readNotes(note);
  const ofVersion = noted.find((one) => one.version === version);
  if (ofVersion !== undefined || noted.every((one) => one.digest === undefined)) return ofVersion;
  const digest = await digestOfFile(file);
  return noted.find((one) => one.digest === digest);
}

/** SHA-256 of the bytes of a file. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array); // as: without an encoding they are bytes
  return `sha256:${hash.digest("hex")}`;
}

/** Path of the file that records the signers of a store. */
export function signaturePath(store: string): string {
  return `${store}.signed`;
}

/**
 * Checks that one of the keys signed a database of the cache directory, by the record that was written when it was fetched.
 * @param file The database file, hashed where it is of another version, such as a copy. Absent: another version is refused.
 * @throws ScanError `unverified` where there is no record, or it is about other bytes or other keys.
 */
export async function expectNoted(
  note: string,
  version: string,
  label: string,
  keys: readonly PublicKey[],
  file?: string,
): Promise<void> {
  const names = keys.map(nameOfKey);
  const signed = (await readNotes(note)).filter(({ signers }) => signers.some((name) => names.includes(name)));
  if (signed.some((noted) => noted.version === version)) return;
  if (file !== undefined && signed.some((noted) => noted.digest !== undefined)) {
    const digest = await digestOfFile(file);
    if (signed.some((noted) => noted.digest === digest)) return;
  }
  throw new ScanError({
    kind: "unverified",
    label,
    reason: "it was not signed by one of the keys when it was fetched",
  });
}

/** The notes of a file, the newest first: while a database is replaced, of the one that comes and of the one that is there. */
async function readNotes(path: string): Promise<readonly SignatureNote[]> {
  try {
    if (distrustOf(lstatSync(path), dirname(path)) !== undefined) return [];
    const value = jsonIn(await readFile(path));
    const former = field(value, "former");
    return [value, ...(former === undefined ? [] : [former])].map((one) => ({
      version: textField(one, "version") ?? "",
      digest: textField(one, "digest"),
      signers: listField(one, "signers").filter((name) => typeof name === "string"),
    }));
  } catch {
    return [];
  }
}

/** @throws ScanError `unverified` for a location without signatures, unless it is that of the default store. */
export function refuseUnsigned(location: string, defaultStore: string): void {
  if (resolve(location) === resolve(defaultStore)) return;
  const reason = "only a database in a registry (oci://…) carries a signature; `plimsoll db pull` takes one into use";
  throw new ScanError({ kind: "unverified", label: location, reason });
}

function sha256(content: string | Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
