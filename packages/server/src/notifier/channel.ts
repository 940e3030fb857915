/** Ways on which a notification leaves the service. */
export type ChannelId = "webhook" | "file" | "amqp" | "stomp";

/** A notification to be delivered. */
export interface OutgoingNotification {
  readonly id: string;
  /** The delivery's own id: the same at every attempt, so that a receiver can tell a repetition. */
  readonly delivery: string;
}

/** One way. */
export interface Channel {
  readonly id: ChannelId;
  /** @throws Error when the receiver did not take it; it is tried again. */
  deliver(notification: OutgoingNotification, signal: AbortSignal): Promise<void>;
}
