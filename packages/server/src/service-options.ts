import { optionIs } from "@plimsoll/model";
import type { AdvisoryStore, Cache, Limits, ScannerId, OptionChecks } from "@plimsoll/model";
import type { OpenAdvisoriesOptions } from "@plimsoll/node";
import { everyScanner } from "plimsoll";
import { isServer } from "./database/database-location.ts";
import { sealingKeyBytes } from "./database/sealing-key.ts";
import type { AuthenticationOptions } from "./http/authentication.ts";
import type { RequestLimits } from "./http/request-limits.ts";
import type { AdmissionOptions } from "./api/admission-route.ts";
import type { AmqpOptions } from "./notifier/amqp.ts";
import { checkBroker } from "./notifier/broker-messages.ts";
import type { StompOptions } from "./notifier/stomp.ts";
import type { WebhookOptions } from "./notifier/webhook.ts";
import { watchPattern } from "./scans/watch-pattern.ts";
import { hostRules } from "./network/address-rules.ts";
import type { ServiceLog } from "./service-core.ts";

/** What a process of the service does. */
export const serviceRoles = ["all", "api", "worker", "notifier"] as const;

export type ServiceRole = (typeof serviceRoles)[number];

/** What is looked for in registries. */
export interface WatchOptions {
  /** `registry.example/team/app`: every tag of it. `registry.example/team/*`: of every repository below, as the registry's catalogue lists them; `:1.*` behind either picks tags. */
  readonly repositories: readonly string[];
  /** Milliseconds between two looks; 5 minutes unless told. */
  readonly interval?: number | undefined;
}

/** Who is told. */
export interface NotifierOptions {
  readonly webhook?: WebhookOptions | undefined;
  readonly amqp?: AmqpOptions | undefined;
  readonly stomp?: StompOptions | undefined;
  /** A directory that gets a file for each update that changed something. */
  readonly digestDirectory?: string | undefined;
  /** Tell of every vulnerability. Absent or false: of the worst in each manifest alone, as Clair does. */
  readonly disableSummary?: boolean | undefined;
}

/** What a service is made of. Only `database` is needed. */
export interface ServiceOptions {
  /** `postgres://…`, or a directory for the embedded PostgreSQL, which serves one process; `memory:` keeps nothing. */
  readonly database: string;
  /** Connections at a time to a PostgreSQL server; 10 unless told. */
  readonly connections?: number | undefined;
  /** `all` unless told; the embedded database takes no other. */
  readonly role?: ServiceRole | undefined;
  /**
   * An open store, or where a database of advisories is (see `openAdvisories`), or a function that is asked for the newest one again and
   * again. Absent: the default database of this user, once it is there.
   */
  readonly advisories?: AdvisoryStore | string | (() => Promise<AdvisoryStore | undefined>) | undefined;
  /** Public keys of which one must have signed the database that `advisories` names; see `openAdvisories`. Absent: signatures are not asked for. */
  readonly advisoryKeys?: OpenAdvisoriesOptions["keys"];
  /** Milliseconds between two looks for newer advisories; 10 seconds unless told. */
  readonly advisoryInterval?: number | undefined;
  /** What to look for in images; `vuln` and `secret` unless told. */
  readonly scanners?: readonly ScannerId[] | undefined;
  /** Where results of layers are kept, for all processes of a fleet. Absent: a directory below the user's cache directory. */
  readonly cache?: Cache | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Hosts, domains and networks that layers may come from. Absent or empty: every public address. */
  readonly allowLayerHosts?: readonly string[] | undefined;
  /** Layers' downloads: bytes of one, and milliseconds of silence and before a second attempt. */
  readonly downloads?: {
    readonly maxLayerBytes?: number | undefined;
    readonly silence?: number | undefined;
    readonly backoff?: number | undefined;
  };
  /** Absent: whoever reaches `fetch` may do everything. */
  readonly authentication?: AuthenticationOptions | undefined;
  /** Images indexed at a time by this process; 2 unless told. */
  readonly concurrency?: number | undefined;
  /** Milliseconds between looks for work that other processes added; 1 second unless told. */
  readonly pollInterval?: number | undefined;
  /** Seconds before a job that failed is tried again, doubled each time. Absent: 5 to 10, by the kind of job. */
  readonly retryDelay?: number | undefined;
  /** Who is told of what updates of the advisories change. Absent: nobody; `GET /api/v1/changes` says it. */
  readonly notifier?: NotifierOptions | undefined;
  /** Milliseconds that `POST index_report` waits for the index at most; 10 minutes unless told. */
  readonly indexTimeout?: number | undefined;
  /** Bytes of a request's body, uploads of images aside; 16 MiB unless told. */
  readonly maxBodyBytes?: number | undefined;
  /** Bytes of an image that is uploaded; 16 GiB unless told. */
  readonly maxUploadBytes?: number | undefined;
  /** What objects are judged by at `/api/v1/admission`, beside the vulnerabilities of their images. */
  readonly admission?: AdmissionOptions | undefined;
  /** Scans of one registry at a time, of all processes together; 4 unless told. One that does not answer rests meanwhile. */
  readonly scansPerRegistry?: number | undefined;
  /** Repositories that are looked at for new images now and then. */
  readonly watch?: WatchOptions | undefined;
  /** Key that GitHub signs its webhooks with; at least 16 bytes. Absent: webhooks need a token that may write. */
  readonly hookSecret?: Uint8Array | undefined;
  /** How many requests are worked on at a time, and how many a client may make. */
  readonly requests?: RequestLimits | undefined;
  /** A token that may everything, for those who make the others; at least 16 characters. Its digest is kept, in place of the one before. */
  readonly adminToken?: string | undefined;
  /** Absent: nothing is logged. */
  readonly log?: ServiceLog | undefined;
  /**
   * 32 bytes that what jobs know of layers' addresses and credentials is sealed with; processes that share a database need the same.
   * Absent: a file `sealing.key` in the embedded database's directory, and else a key of this process alone, so that indexes that wait
   * when it ends must be asked for again.
   */
  readonly sealingKey?: Uint8Array | undefined;
  /** The clock. Absent: the system's. */
  readonly now?: (() => Date) | undefined;
}

/** Of {@link ServiceOptions}; what they must be beside is looked at further below. */
export const serviceChecks: OptionChecks<ServiceOptions> = {
  database: optionIs.text,
  connections: optionIs.count,
  role: optionIs.text,
  advisories: optionIs.any,
  advisoryKeys: optionIs.listOf(optionIs.object),
  advisoryInterval: optionIs.count,
  scanners: optionIs.listOf(optionIs.text),
  cache: optionIs.having("get", "set"),
  limits: optionIs.limits,
  allowLayerHosts: optionIs.listOf(optionIs.text),
  downloads: optionIs.shape({ maxLayerBytes: optionIs.count, silence: optionIs.count, backoff: optionIs.count }),
  authentication: optionIs.object,
  concurrency: optionIs.count,
  pollInterval: optionIs.count,
  retryDelay: optionIs.count,
  notifier: optionIs.object,
  indexTimeout: optionIs.count,
  maxBodyBytes: optionIs.count,
  maxUploadBytes: optionIs.count,
  admission: optionIs.shape({ policies: optionIs.listOf(optionIs.any) }),
  scansPerRegistry: optionIs.count,
  watch: optionIs.shape({ repositories: optionIs.listOf(optionIs.text), interval: optionIs.count }),
  hookSecret: (value) =>
    value instanceof Uint8Array && value.length >= 16 ? undefined : "a key of at least 16 bytes is needed",
  requests: optionIs.shape({
    concurrent: optionIs.count,
    concurrentPerClient: optionIs.count,
    perMinute: optionIs.count,
  }),
  adminToken: optionIs.text,
  // Says nothing of what it is instead: that may be most of a key.
  sealingKey: (value) =>
    value instanceof Uint8Array && value.length === sealingKeyBytes ? undefined : `a key has ${sealingKeyBytes} bytes`,
  log: optionIs.object,
  now: optionIs.call,
};

const numbers = [
  "connections",
  "advisoryInterval",
  "concurrency",
  "scansPerRegistry",
  "pollInterval",
  "indexTimeout",
  "maxBodyBytes",
  "maxUploadBytes",
] as const;

/** A role that the embedded database cannot serve. */
export class RoleNeedsServer extends Error {
  override readonly name = "RoleNeedsServer";
}

/**
 * Looks whether options can be meant.
 * @throws TypeError naming the option; RoleNeedsServer for a role that needs PostgreSQL.
 */
export function checkServiceOptions(options: ServiceOptions): void {
  const { database, role = "all", scanners = [], allowLayerHosts = [] } = options;
  if (typeof database !== "string" || database === "")
    throw new TypeError("database: a postgres:// URL or a directory is needed");
  if (!serviceRoles.includes(role))
    throw new TypeError(`role: "${String(role)}" is none of ${serviceRoles.join(", ")}`);
  for (const name of numbers) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw new TypeError(`${name}: ${String(value)} is no whole number above 0`);
  }
  for (const [name, value] of Object.entries(options.requests ?? {}))
    if (value === 0) throw new TypeError(`requests.${name}: nobody could ask for anything`);
  for (const repository of options.watch?.repositories ?? []) watchPattern(repository);
  if (options.watch?.interval === 0) throw new TypeError("watch.interval: 0 is no whole number above 0");
  checkNotifier(options.notifier);
  const { adminToken, advisories, advisoryKeys } = options;
  if (advisoryKeys !== undefined && advisories !== undefined && typeof advisories !== "string")
    throw new TypeError("advisoryKeys: nothing says who signed advisories that the caller opens");
  if (adminToken !== undefined && (adminToken.length < 16 || /\s/.test(adminToken)))
    throw new TypeError("adminToken: a token has at least 16 characters, and no blanks");
  const stranger = scanners.find((id) => !everyScanner.some((scanner) => scanner.id === id));
  if (stranger !== undefined) throw new TypeError(`scanners: there is no scanner "${String(stranger)}"`);
  hostRules(allowLayerHosts);
  const psk = options.authentication?.psk;
  if (psk !== undefined && psk.key.length < 16)
    throw new TypeError("authentication.psk.key: fewer than 16 bytes protect nothing");
  if (psk !== undefined && psk.issuers.length === 0)
    throw new TypeError("authentication.psk.issuers: name at least one");
  if (role !== "all" && !isServer(database))
    throw new RoleNeedsServer(
      `role ${role}: the embedded database serves one process; several need a postgres:// database`,
    );
}

function checkNotifier({ webhook, amqp, stomp }: NotifierOptions = {}): void {
  for (const name of ["target", "callback"] as const)
    if (webhook !== undefined && (!URL.canParse(webhook[name]) || !/^https?:/.test(webhook[name])))
      throw new TypeError(`notifier.webhook.${name}: "${webhook[name]}" is no http address`);
  if (amqp !== undefined) {
    checkBroker("notifier.amqp", amqp, ["amqp", "amqps"]);
    if (amqp.routingKey === "" && amqp.exchange === "")
      throw new TypeError("notifier.amqp.routingKey: the default exchange needs the name of a queue");
  }
  if (stomp !== undefined) {
    checkBroker("notifier.stomp", stomp, ["stomp", "stomp+ssl"]);
    if (stomp.destination === "") throw new TypeError("notifier.stomp.destination: name one");
  }
}
