/** The kinds of notification channels. */
export type ChannelId = "webhook" | "file" | "amqp" | "stomp";

/** A notification to be delivered. */
export interface OutgoingNotification {
  readonly id: string;
  /** Id of the delivery, the same at every attempt, so that a receiver can recognise a repetition. */
  readonly delivery: string;
}

/** A notification channel. */
export interface Channel {
  readonly id: ChannelId;
  /** Delivers a notification. @throws Error when the receiver did not accept it; it is then retried. */
  deliver(notification: OutgoingNotification, signal: AbortSignal): Promise<void>;
}
