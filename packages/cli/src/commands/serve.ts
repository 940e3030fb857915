import { homedir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import type { Access, AuthenticationOptions, LogLevel, NotifierOptions, ServeOptions } from "@plimsoll/server";
import { exitCodes, UsageError } from "../command-line.ts";
import type { Terminal } from "../command-line.ts";
import { databaseKeysOf, withDatabaseKeyOption } from "../database-keys.ts";
import type { DatabaseKeyFlags } from "../database-keys.ts";
import { repeated } from "../option-values.ts";
import { policyDocumentsUnder } from "../read-policy-documents.ts";
import { readText } from "../read-text.ts";
import { examples } from "./examples.ts";

interface ServeFlags extends DatabaseKeyFlags {
  readonly listen: string;
  readonly database?: string;
  readonly dataDir?: string;
  readonly layerStore?: string;
  readonly role: string;
  readonly scansPerRegistry?: string;
  readonly watch: readonly string[];
  readonly watchInterval?: string;
  readonly db?: string;
  readonly allowLayerHosts?: string;
  readonly jwtKey?: string;
  readonly jwtIssuers?: string;
  readonly anonymous?: string;
  readonly adminToken?: string;
  readonly sealingKey?: string;
  readonly webhookTarget?: string;
  readonly webhookCallback?: string;
  readonly webhookKey?: string;
  readonly digestDir?: string;
  readonly notifierConfig?: string;
  readonly admissionPolicies?: string;
  readonly disableSummary?: boolean;
  readonly concurrency?: string;
  readonly hookSecret?: string;
  readonly rateLimit?: string;
  readonly maxRequests?: string;
  readonly logLevel: string;
}

/** Adds `serve`: the service, from its own package. */
export function addServeCommand(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  withDatabaseKeyOption(program.command("serve"))
    .description(
      "Runs Clair's API over an index of images that is matched again with every update of the advisory database. Without --database everything is stored in the data directory, for one process: the last seconds may be lost when the power fails. With a PostgreSQL server any number of processes share the work.",
    )
    .option("--listen <address>", "address and port", "127.0.0.1:6060")
    .option(
      "--database <url>",
      "a PostgreSQL server, as postgres://user@host/name; absent: embedded, in the data directory",
    )
    .option(
      "--data-dir <dir>",
      "where the embedded database and results of layers are kept (default: plimsoll in your data directory)",
    )
    .option(
      "--layer-store <place>",
      "where results of layers are kept: a directory, or s3://bucket/prefix?region=…&endpoint=… with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (default: layers in the data directory)",
    )
    .option("--role <role>", "all, api, worker or notifier; others than all need --database", "all")
    .option("--db <file>", "database of advisories; a newer one is taken up when it is there")
    .option(
      "--allow-layer-hosts <list>",
      "hosts, *.domains and networks that layers may come from, by commas; absent: every public address",
    )
    .option("--jwt-key <file>", "key of the tokens that clients send, in base64, as Clair's auth.psk.key")
    .option("--jwt-issuers <list>", "accepted issuers of tokens, by commas", "quay,clairctl")
    .option("--anonymous <access>", "access of callers without a token: none, read or write")
    .option("--admin-token <file>", "a token of your choice with all access, which can create others")
    .option(
      "--sealing-key <file>",
      "32 bytes in base64 that credentials in waiting jobs are encrypted with; processes on one database need the same (default: made in the data directory)",
    )
    .option("--webhook-target <url>", "webhook that is notified about what updates of the advisories change")
    .option(
      "--webhook-callback <url>",
      "this service's notifications as the receiver reaches them: https://…/notifier/api/v1/notification/",
    )
    .option("--webhook-key <file>", "key to sign what is posted with, in base64")
    .option("--digest-dir <dir>", "directory that gets a file for each update that changed something")
    .option(
      "--notifier-config <file>",
      "Clair's configuration, whose notifier.amqp and notifier.stomp name the brokers to notify; AMQP needs the package amqplib",
    )
    .option("--admission-policies <path>", "file or folder of policies that POST /api/v1/admission applies, too")
    .option("--disable-summary", "notify about every vulnerability, not only the most severe of each image")
    .option("--hook-secret <file>", "secret that GitHub signs its webhooks with, at least 16 characters")
    .option("--concurrency <n>", "images indexed at a time")
    .option("--scans-per-registry <n>", "scans of one registry at a time, of all processes together (default: 4)")
    .option(
      "--watch <pattern>",
      "registry/repository[:tags] whose images are scanned when they change, * for anything; may be repeated",
      repeated,
      [],
    )
    .option("--watch-interval <seconds>", "time between two checks of watched repositories (default: 300)")
    .option("--rate-limit <n>", "requests that one client may make in a minute; absent: any number")
    .option("--max-requests <n>", "requests worked on at a time (default: 256)")
    .option("--log-level <level>", "debug, info, warn, error or silent", "info")
    .addHelpText(
      "after",
      examples(
        "plimsoll serve --db advisories.db",
        "plimsoll serve --listen :6060 --jwt-key key.txt --database postgres://clair@db/clair",
        "plimsoll serve --role worker --listen 127.0.0.1:0 --database postgres://clair@db/clair",
      ),
    )
    .action(async (flags: ServeFlags) => {
      const server = await loadServer();
      // To ask for any word.
      if (!(server.logLevels as readonly string[]).includes(flags.logLevel))
        throw new UsageError(`--log-level: "${flags.logLevel}" is none of ${server.logLevels.join(", ")}`);
      const log = server.createLog(flags.logLevel as LogLevel); // as: checked
      const dataDirectory = flags.dataDir ?? defaultDataDirectory(terminal.env);
      try {
        await server.serve({
          listen: flags.listen,
          database: flags.database ?? dataDirectory,
          role: flags.role as ServeOptions["role"], // as: the service looks at it
          advisories: flags.db,
          advisoryKeys: databaseKeysOf(flags),
          allowLayerHosts: listOf(flags.allowLayerHosts),
          authentication: authenticationOf(flags),
          adminToken: flags.adminToken === undefined ? undefined : readText(flags.adminToken).trim(),
          sealingKey:
            flags.sealingKey === undefined
              ? server.sealingKeyIn(dataDirectory)
              : server.readSealingKey(readText(flags.sealingKey), flags.sealingKey),
          notifier: {
            ...(flags.notifierConfig === undefined
              ? {}
              : server.readClairNotifier(readText(flags.notifierConfig), (path) => readText(path))),
            ...notifierOf(flags),
          },
          admission:
            flags.admissionPolicies === undefined
              ? undefined
              : { policies: policyDocumentsUnder(flags.admissionPolicies) },
          cache: server.layerStoreAt(flags.layerStore ?? join(dataDirectory, "layers"), terminal.env, (reason) =>
            log.warn({ reason }, "the layer store cannot be used"),
          ),
          scansPerRegistry: numberOf(flags.scansPerRegistry),
          watch: {
            repositories: flags.watch,
            ...(flags.watchInterval === undefined ? {} : { interval: Number(flags.watchInterval) * 1_000 }),
          },
          hookSecret: flags.hookSecret === undefined ? undefined : Buffer.from(readText(flags.hookSecret).trim()),
          concurrency: numberOf(flags.concurrency),
          requests: { perMinute: numberOf(flags.rateLimit), concurrent: numberOf(flags.maxRequests) },
          log,
          signal: terminal.signal,
          onListening: (url) => log.info({ url }, "listening"),
        });
      } catch (error) {
        // The service's classes are not this program's: it is loaded apart. Their names tell.
        if (error instanceof Error && ["TypeError", "RoleNeedsServer", "OpenToNetwork"].includes(error.name))
          throw new UsageError(error.message);
        throw error;
      }
      finish(exitCodes.done);
    });
}

async function loadServer(): Promise<typeof import("@plimsoll/server")> {
  try {
    return await import("@plimsoll/server/program");
  } catch (error) {
    if (
      error instanceof Error &&
      "code" in error &&
      error.code === "ERR_MODULE_NOT_FOUND" &&
      error.message.includes("@plimsoll/server")
    )
      throw new Error("The service is a package of its own: npm install @plimsoll/server", { cause: error });
    throw error;
  }
}

/** The number that a text spells; NaN for other texts, which the service refuses. */
function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? "").split(",").flatMap((word) => (word.trim() === "" ? [] : [word.trim()]));
}

function notifierOf(flags: ServeFlags): NotifierOptions {
  const { webhookTarget: target, webhookCallback: callback, webhookKey: key, digestDir, disableSummary } = flags;
  if ((target === undefined) !== (callback === undefined))
    throw new UsageError("--webhook-target and --webhook-callback have to be given together");
  return {
    ...(target === undefined || callback === undefined
      ? {}
      : {
          webhook: {
            target,
            callback,
            ...(key === undefined ? {} : { key: Buffer.from(readText(key).trim(), "base64") }),
          },
        }),
    digestDirectory: digestDir,
    ...(disableSummary === undefined ? {} : { disableSummary }),
  };
}

function authenticationOf({
  jwtKey,
  jwtIssuers,
  anonymous,
  adminToken,
}: ServeFlags): AuthenticationOptions | undefined {
  const access: Readonly<Record<string, readonly Access[]>> = { none: [], read: ["read"], write: ["read", "write"] };
  if (anonymous !== undefined && access[anonymous] === undefined)
    throw new UsageError(`--anonymous: "${anonymous}" is none of ${Object.keys(access).join(", ")}`);
  if (jwtKey === undefined && anonymous === undefined && adminToken === undefined) return undefined;
  return {
    tokens: true,
    ...(anonymous === undefined ? {} : { anonymous: access[anonymous] }),
    ...(jwtKey === undefined
      ? {}
      : { psk: { key: Buffer.from(readText(jwtKey).trim(), "base64"), issuers: listOf(jwtIssuers) } }),
  };
}

function defaultDataDirectory(env: Terminal["env"]): string {
  return join(env["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), "plimsoll", "server");
}
