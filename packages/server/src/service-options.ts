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

/** The roles that a process of the service can have. */
export const serviceRoles = ["all", "api", "worker", "notifier"] as const;

export type ServiceRole = (typeof serviceRoles)[number];

/** Repositories that are watched for new images. */
export interface WatchOptions {
  /**
   * `registry.example/team/app`: every tag of it. `registry.example/team/*`: every tag of all repositories below, which the registry's catalogue
   * must list. A suffix such as `:1.*` selects tags.
   */
  readonly repositories: readonly string[];
  /** Milliseconds between two checks. Absent: 300,000 (5 minutes). */
  readonly interval?: number | undefined;
}

/** Where notifications about changed findings are sent. */
export interface NotifierOptions {
  readonly webhook?: WebhookOptions | undefined;
  readonly amqp?: AmqpOptions | undefined;
  readonly stomp?: StompOptions | undefined;
  /** Directory for a JSON file about each update that changed findings. */
  readonly digestDirectory?: string | undefined;
  /** Notify about every vulnerability. Absent or false: only about the most severe one in each manifest, as Clair does. */
  readonly disableSummary?: boolean | undefined;
}

/** Options of {@link createService}. Only `database` is required. */
export interface ServiceOptions {
  /** `postgres://…`, or a directory for the embedded PostgreSQL, which serves one process; `memory:` keeps nothing. */
  readonly database: string;
  /** Connections to a PostgreSQL server at a time. Absent: 10. */
  readonly connections?: number | undefined;
  /** Absent: `all`. The embedded database supports no other role. */
  readonly role?: ServiceRole | undefined;
  /**
   * An open store, or the location of an advisory database (see `openAdvisories`), or a function that is called repeatedly for the newest store.
   * Absent: the default database of this user, as soon as it exists.
   */
  readonly advisories?: AdvisoryStore | string | (() => Promise<AdvisoryStore | undefined>) | undefined;
  /** Public keys, one of which must have signed the database that `advisories` names; see `openAdvisories`. Absent: no signature is required. */
  readonly advisoryKeys?: OpenAdvisoriesOptions["keys"];
  /** Milliseconds between two checks for newer advisories. Absent: 10,000. */
  readonly advisoryInterval?: number | undefined;
  /** Scanners to run on images. Absent: `vuln` and `secret`. */
  readonly scanners?: readonly ScannerId[] | undefined;
  /** Cache of layer results, which all processes of a fleet should share. Absent: a directory below the user's cache directory. */
  readonly cache?: Cache | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Hosts, domains and networks that layers may be downloaded from. Absent or empty: every public address. */
  readonly allowLayerHosts?: readonly string[] | undefined;
  /** Limits of layer downloads: bytes of one layer, milliseconds without a byte, and milliseconds before the second attempt. */
  readonly downloads?: {
    readonly maxLayerBytes?: number | undefined;
    readonly silence?: number | undefined;
    readonly backoff?: number | undefined;
  };
  /** Absent: every caller of `fetch` has all access. */
  readonly authentication?: AuthenticationOptions | undefined;
  /** Images that this process indexes at a time. Absent: 2. */
  readonly concurrency?: number | undefined;
  /** Milliseconds between checks for jobs of other processes. Absent: 1,000. */
  readonly pollInterval?: number | undefined;
  /** Seconds before a job that failed is tried again, doubled each time. Absent: 5 to 10, by the kind of job. */
  readonly retryDelay?: number | undefined;
  /** Notifications about findings that updates of the advisories change. Absent: none are sent; `GET /api/v1/changes` lists the changes. */
  readonly notifier?: NotifierOptions | undefined;
  /** Milliseconds that `POST index_report` waits for the index at most. Absent: 600,000 (10 minutes). */
  readonly indexTimeout?: number | undefined;
  /** Longest request body in bytes, except image uploads. Absent: 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** Largest image upload in bytes. Absent: 16 GiB. */
  readonly maxUploadBytes?: number | undefined;
  /** Policies that `/api/v1/admission` applies to objects, in addition to the vulnerabilities of their images. */
  readonly admission?: AdmissionOptions | undefined;
  /** Concurrent scans of images of one registry, in all processes together. Absent: 4. A registry that does not answer is paused. */
  readonly scansPerRegistry?: number | undefined;
  /** Repositories that are checked for new images at an interval. */
  readonly watch?: WatchOptions | undefined;
  /** The secret that GitHub signs its webhooks with, at least 16 bytes. Absent: webhooks need a token with write access. */
  readonly hookSecret?: Uint8Array | undefined;
  /** Limits on concurrent requests and on requests per minute. */
  readonly requests?: RequestLimits | undefined;
  /** A token with all access, needed to create other tokens; at least 16 characters. Its digest is stored and replaces the previous one. */
  readonly adminToken?: string | undefined;
  /** Absent: nothing is logged. */
  readonly log?: ServiceLog | undefined;
  /**
   * Key of 32 bytes that encrypts layer addresses and credentials in jobs; processes that share a database need the same one. Absent: the key in
   * the file `sealing.key` of the embedded database's directory; with another database, a random key of this process, so that index jobs that are
   * waiting when the process ends must be requested again.
   */
  readonly sealingKey?: Uint8Array | undefined;
  /** The clock. Absent: the system's. */
  readonly now?: (() => Date) | undefined;
}

/** Type checks of {@link ServiceOptions}; `checkServiceOptions` checks the rest. */
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

/** The role needs a PostgreSQL server; the embedded database serves only one process. */
export class RoleNeedsServer extends Error {
  override readonly name = "RoleNeedsServer";
}

/**
 * Checks options.
 * @throws TypeError naming an invalid option; RoleNeedsServer for a role that needs PostgreSQL.
 */
export function checkServiceOptions(options: ServiceOptions): void {
  const { database, role = "all", scanners = [], allowLayerHosts = [] } = options;
  // The address of another server would become a directory of that name.
  const isOtherServer = /^(?!file:)[a-z][a-z\d+.-]*:\/\//i.test(database) && !isServer(database);
  if (typeof database !== "string" || database === "" || isOtherServer)
    throw new TypeError("database: a postgres:// URL or a directory is needed");
  if (!serviceRoles.includes(role))
    throw new TypeError(`role: "${String(role)}" is none of ${serviceRoles.join(", ")}`);
  for (const name of numbers) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw new TypeError(`${name}: ${String(value)} is no whole number above 0`);
  }
  for (const [name, value] of Object.entries(options.requests ?? {}))
    if (value === 0) throw new TypeError(`requests.${name}: 0 would refuse every request`);
  for (const repository of options.watch?.repositories ?? []) watchPattern(repository);
  if (options.watch?.interval === 0) throw new TypeError("watch.interval: 0 is no whole number above 0");
  checkNotifier(options.notifier);
  const { adminToken, advisories, advisoryKeys } = options;
  if (advisoryKeys !== undefined && advisories !== undefined && typeof advisories !== "string")
    throw new TypeError(
      "advisoryKeys: they can be given only where advisories is the location of a database, and not an open one",
    );
  if (adminToken !== undefined && (adminToken.length < 16 || /\s/.test(adminToken)))
    throw new TypeError("adminToken: a token has at least 16 characters, and no blanks");
  const stranger = scanners.find((id) => !everyScanner.some((scanner) => scanner.id === id));
  if (stranger !== undefined) throw new TypeError(`scanners: there is no scanner "${String(stranger)}"`);
  hostRules(allowLayerHosts);
  const psk = options.authentication?.psk;
  if (psk !== undefined && psk.key.length < 16)
    throw new TypeError("authentication.psk.key: a key has at least 16 bytes");
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
    if (stomp.destination === "") throw new TypeError("notifier.stomp.destination: it is missing");
  }
}
