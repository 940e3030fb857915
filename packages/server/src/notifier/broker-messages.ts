import { notificationPage } from "../clair/notification-page.ts";
import type { Database } from "../database/open-database.ts";
import type { OutgoingNotification } from "./channel.ts";

/** Options that all message brokers share, as Clair configures them. */
export interface BrokerOptions {
  /** Addresses of the broker; the first that answers is used. */
  readonly uris: readonly string[];
  /** URL of this service's notifications, to which the id is appended; required unless `direct` is set. */
  readonly callback?: string | undefined;
  /** Send the notifications themselves instead of the URL where they can be fetched. */
  readonly direct?: boolean | undefined;
  /** Notifications in one message, with `direct`. Absent: 1. */
  readonly rollup?: number | undefined;
  /** For `amqps` and `stomp+ssl`, as PEM texts: certificate authorities to trust besides the system's, and the client's certificate and key. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
}

/** How many notifications are read at a time. */
const pageSize = 500;

/** The message bodies of a notification, in order: `{ notification_id, callback }`, or with `direct` lists of its entries. */
export async function* brokerMessages(
  queries: Database["queries"],
  { id }: OutgoingNotification,
  options: BrokerOptions & { readonly summary: boolean },
): AsyncGenerator<string, undefined> {
  const { callback = "", direct = false, rollup = 1, summary } = options;
  if (!direct) {
    yield JSON.stringify({
      notification_id: id,
      callback: new URL(id, callback.endsWith("/") ? callback : `${callback}/`).href,
    });
    return undefined;
  }
  let next: string | undefined;
  let waiting: object[] = [];
  do {
    const page = await notificationPage(queries, id, { tenant: "", size: pageSize, next, summary });
    // It was deleted meanwhile: there is nothing left to tell.
    if (page === undefined) return undefined;
    waiting.push(...page.notifications);
    next = page.page.next;
    while (waiting.length >= rollup) {
      yield JSON.stringify(waiting.slice(0, rollup));
      waiting = waiting.slice(rollup);
    }
  } while (next !== undefined);
  if (waiting.length > 0) yield JSON.stringify(waiting);
  return undefined;
}

/** Connects to the first address that answers, in order. @throws the error of the last one */
export async function firstThatAnswers<T>(uris: readonly string[], connect: (uri: string) => Promise<T>): Promise<T> {
  let failure: unknown = new Error("there is no address of a broker");
  for (const uri of uris) {
    try {
      return await connect(uri);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** @throws TypeError naming the option */
export function checkBroker(
  name: string,
  { uris, callback, direct, rollup }: BrokerOptions,
  schemes: readonly string[],
): void {
  if (!Array.isArray(uris) || uris.length === 0) throw new TypeError(`${name}.uris: name at least one address`);
  for (const uri of uris)
    if (typeof uri !== "string" || !URL.canParse(uri) || !schemes.includes(new URL(uri).protocol.slice(0, -1)))
      // The address itself may hold a password.
      throw new TypeError(
        `${name}.uris: an address begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
      );
  if (direct !== true && (callback === undefined || !URL.canParse(callback) || !/^https?:/.test(callback)))
    throw new TypeError(`${name}.callback: an http address is needed, unless direct is set`);
  if (rollup !== undefined && !(Number.isSafeInteger(rollup) && rollup > 0))
    throw new TypeError(`${name}.rollup: ${String(rollup)} is no whole number above 0`);
}
