import type { PublicKey } from "@plimsoll/attestations";
import type { Command } from "commander";
import { repeated } from "./option-values.ts";
import { readText } from "./read-text.ts";

/** The option for required signatures of databases. */
export interface DatabaseKeyFlags {
  readonly dbKey?: readonly string[];
}

/** Adds the option to a command. */
export function withDatabaseKeyOption(command: Command): Command {
  return command.option(
    "--db-key <file>",
    "take only a database that this key signed (cosign's public key in PEM, or PGP), from oci://… or db pull; may be repeated",
    repeated,
  );
}

/** The keys, one of which must have signed the database; undefined: no signature is required. */
export function databaseKeysOf({ dbKey }: DatabaseKeyFlags): readonly PublicKey[] | undefined {
  return dbKey?.map((path): PublicKey => {
    const text = readText(path);
    return text.includes("-----BEGIN PGP") ? { type: "pgp", armored: text } : { type: "pkix", pem: text };
  });
}
