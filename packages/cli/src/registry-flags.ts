import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { ArtifactOptions } from "@plimsoll/node";
import { UsageError } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";
import { underHeading } from "./under-heading.ts";

/** Options of commands that access registries. */
export interface RegistryFlags {
  readonly insecure?: boolean;
  readonly cacert?: string;
  readonly username?: string;
  readonly password?: string;
}

/** Adds the options about registries to a command. */
export function withRegistryOptions(command: Command): Command {
  underHeading(command, "Registries:", () =>
    command
      .option("--username <name>", "else what docker login left")
      .option("--password <secret>", "the variable is better, which no process list shows")
      .option("--insecure", "accept any certificate")
      .option("--cacert <file>", "certificate authorities to trust, PEM"),
  );
  return command;
}

/** The registry options that the flags state. @throws UsageError when `--username` is given without a password. */
export function registryOf(flags: RegistryFlags, { env }: Pick<Terminal, "env">): ArtifactOptions["registry"] {
  const ca = flags.cacert === undefined ? undefined : readFileSync(flags.cacert);
  const username = flags.username ?? env["PLIMSOLL_USERNAME"];
  const password = flags.password ?? env["PLIMSOLL_PASSWORD"];
  if (flags.username !== undefined && password === undefined)
    throw new UsageError("--username needs --password or PLIMSOLL_PASSWORD");
  const credentials =
    username === undefined || password === undefined
      ? {}
      : { credentials: async () => ({ kind: "password" as const, username, password }) };
  return { insecure: flags.insecure, ca, ...credentials };
}
