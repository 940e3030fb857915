import { signalAfter } from "@plimsoll/model";
import { createHmac } from "node:crypto";
import type { Channel, OutgoingNotification } from "./channel.ts";

/** Options of a webhook. */
export interface WebhookOptions {
  /** URL that notifications are posted to. */
  readonly target: string;
  /** URL of this service's notifications, to which the id is appended: `https://clair.example/notifier/api/v1/notification/`. */
  readonly callback: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Shared key: each request is signed with it as Standard Webhooks define. Absent: requests are not signed. */
  readonly key?: Uint8Array | undefined;
  /** Milliseconds to wait for a response. Absent: 10,000. */
  readonly timeout?: number | undefined;
}

/**
 * Posts Clair's webhook, `{ notification_id, callback }`; the receiver fetches the notification from the callback, page by page, and deletes
 * it. `webhook-id` and `Idempotency-Key` stay the same at every attempt (https://www.standardwebhooks.com).
 */
export function webhook(options: WebhookOptions, now: () => Date): Channel {
  return {
    id: "webhook",
    async deliver({ id, delivery }: OutgoingNotification, signal: AbortSignal) {
      const body = JSON.stringify({ notification_id: id, callback: new URL(id, withSlash(options.callback)).href });
      const timestamp = String(Math.floor(now().getTime() / 1000));
      const response = await fetch(options.target, {
        method: "POST",
        redirect: "error",
        headers: {
          ...options.headers,
          "content-type": "application/vnd.clair.notification_webhook.v1+json",
          "idempotency-key": delivery,
          "webhook-id": delivery,
          "webhook-timestamp": timestamp,
          ...(options.key === undefined
            ? {}
            : { "webhook-signature": `v1,${signatureOf(options.key, delivery, timestamp, body)}` }),
        },
        body,
        signal: signalAfter(options.timeout ?? 10_000, signal),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the webhook's receiver answers ${response.status}`);
    },
  };
}

/** The signature of a request, for receivers to compare. */
export function signatureOf(key: Uint8Array, id: string, timestamp: string, body: string): string {
  return createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
