import { createHash, createPublicKey } from "node:crypto";
import { createReadStream, lstatSync } from "node:fs";
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

/** What a note says: that these keys signed what it is about. */
interface SignatureNote {
  /** Names what was signed: of a file its state, of a kept database its folder. */
  readonly version: string;
  /** SHA-256 of the bytes, where they may lie elsewhere later, and others may take their place: what a file says of itself, anybody can write. */
  readonly digest?: string | undefined;
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
export async function noteSigners(note: string, { version, digest, signers }: SignatureNote): Promise<void> {
  await writeFile(note, `${JSON.stringify({ version, digest, signers })}\n`, { mode: 0o600 });
}

/** SHA-256 of the bytes of a file. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array); // as: without an encoding they are bytes
  return `sha256:${hash.digest("hex")}`;
}

/** Where the note about a store lies. */
export function signaturePath(store: string): string {
  return `${store}.signed`;
}

/**
 * Makes sure that one of the keys signed a database of the cache directory, as the note says that was written when it was fetched.
 * @param file whose bytes are looked at where they are another version, such as those of a copy. Absent: none are.
 * @throws ScanError `unverified` where there is no such note, it is about something else, or of other keys.
 */
export async function expectNoted(
  note: string,
  version: string,
  label: string,
  keys: readonly PublicKey[],
  file?: string,
): Promise<void> {
  const names = keys.map(nameOfKey);
  const noted = await readNote(note);
  if (
    noted?.signers.some((name) => names.includes(name)) === true &&
    (noted.version === version ||
      (file !== undefined && noted.digest !== undefined && noted.digest === (await digestOfFile(file))))
  )
    return;
  throw new ScanError({ kind: "unverified", label, reason: "it was not fetched as signed by one of the keys" });
}

async function readNote(path: string): Promise<SignatureNote | undefined> {
  try {
    if (distrustOf(lstatSync(path), dirname(path)) !== undefined) return undefined;
    const value = jsonIn(await readFile(path));
    const signers = listField(value, "signers").filter((name) => typeof name === "string");
    return { version: textField(value, "version") ?? "", digest: textField(value, "digest"), signers };
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
