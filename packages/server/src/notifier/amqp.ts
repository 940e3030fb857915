import type { Queries } from "../database/open-database.ts";
import { brokerMessages, firstThatAnswers } from "./broker-messages.ts";
import type { BrokerOptions } from "./broker-messages.ts";
import type { Channel } from "./channel.ts";

/** An AMQP 0-9-1 broker, and the exchange and routing key of messages. */
export interface AmqpOptions extends BrokerOptions {
  /** The exchange, which must exist; empty: the default exchange, whose routing keys are queue names. */
  readonly exchange: string;
  readonly routingKey: string;
}

/** The functions of `amqplib` 2 that are used here. */
export interface Amqplib {
  connect(url: string, options: object): Promise<Connection>;
}

interface Connection {
  on(event: "error", listener: (error: unknown) => void): unknown;
  createConfirmChannel(): Promise<ConfirmChannel>;
  close(): Promise<void>;
}

interface ConfirmChannel {
  on(event: "error", listener: (error: unknown) => void): unknown;
  checkExchange(name: string): Promise<unknown>;
  publish(exchange: string, routingKey: string, content: Buffer, options: object): boolean;
  waitForConfirms(): Promise<void>;
}

/** How many milliseconds reaching a broker may take. */
const timeout = 10_000;

/**
 * Publishes notifications to an exchange; one is delivered when the broker has confirmed each of its messages. Needs the optional package
 * `amqplib`. `message-id` and the header `idempotency-key` are the same at every attempt.
 */
export function amqp(
  options: AmqpOptions & { readonly summary: boolean },
  queries: Queries,
  load: () => Promise<Amqplib | undefined> = loadAmqplib,
): Channel {
  const { uris, exchange, routingKey, tls = {} } = options;
  return {
    id: "amqp",
    async deliver(notification, signal) {
      signal.throwIfAborted();
      const library = await load();
      if (library === undefined) throw new Error("AMQP needs the package amqplib, which is not installed");
      const connection = await firstThatAnswers(uris, (uri) => library.connect(uri, { timeout, ...tls }));
      let failure: unknown;
      let abort = (): void => undefined;
      const failed = new Promise<never>((_, reject) => {
        connection.on("error", reject);
        abort = () => reject(signal.reason);
        signal.addEventListener("abort", abort, { once: true });
      });
      failed.catch((error: unknown) => (failure = error));
      try {
        const channel = await Promise.race([connection.createConfirmChannel(), failed]);
        channel.on("error", (error) => (failure = error));
        if (exchange !== "") await Promise.race([channel.checkExchange(exchange), failed]);
        let part = 0;
        for await (const body of brokerMessages(queries, notification, options)) {
          channel.publish(exchange, routingKey, Buffer.from(body), {
            contentType: "application/json",
            appId: "plimsoll",
            messageId: notification.delivery,
            persistent: true,
            headers: { "idempotency-key": `${notification.delivery}/${part++}` },
          });
          // One at a time: a slow broker must not fill this process's memory.
          await Promise.race([channel.waitForConfirms(), failed]);
        }
      } catch (error) {
        // What the broker said on the channel tells more than that it closed.
        throw failure ?? error;
      } finally {
        // The signal is the service's and outlives every delivery.
        signal.removeEventListener("abort", abort);
        await connection.close().catch(() => undefined);
      }
    },
  };
}

async function loadAmqplib(): Promise<Amqplib | undefined> {
  try {
    return await import("amqplib");
  } catch {
    return undefined;
  }
}
