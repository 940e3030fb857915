import { HttpError } from "./http-error.ts";

/** How much one process takes on. */
export interface RequestLimits {
  /** Requests worked on at a time; 256 unless told. */
  readonly concurrent?: number | undefined;
  /** Of those, for one client: a credential, or an address that shows none; 64 unless told. */
  readonly concurrentPerClient?: number | undefined;
  /** Requests that one client may make in a minute, in the long run; so many may come at once. Absent: any number. */
  readonly perMinute?: number | undefined;
}

/** Whether there is room for a request. */
export interface RequestGate {
  /** Whether a client has used up what it may ask for. @throws HttpError 429 with `Retry-After` */
  refuseExhausted(client: string): void;
  /**
   * Takes a place, which the function that it gives returns.
   * @throws HttpError 429 when the client has too much, 503 when everybody together has; both with `Retry-After`.
   */
  enter(client: string): () => void;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Clients whose use is remembered; the one that was silent for longest is forgotten first, and that one has most room again anyway. */
const maxClients = 10_000;

/** Counts requests by client: a token bucket for the rate, a counter for those that run. `clock`: milliseconds, never going back. */
export function requestGate(limits: RequestLimits = {}, clock: () => number = () => performance.now()): RequestGate {
  const { concurrent = 256, concurrentPerClient = 64, perMinute } = limits;
  const buckets = new Map<string, Bucket>();
  const running = new Map<string, number>();
  let total = 0;

  function bucketOf(client: string, most: number): Bucket {
    const now = clock();
    const known = buckets.get(client);
    const tokens = known === undefined ? most : Math.min(most, known.tokens + ((now - known.at) * most) / 60_000);
    const bucket = { tokens, at: now };
    buckets.delete(client);
    buckets.set(client, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > maxClients && oldest !== undefined) buckets.delete(oldest);
    return bucket;
  }

  function refuseExhausted(client: string): void {
    if (perMinute === undefined) return;
    const { tokens } = bucketOf(client, perMinute);
    if (tokens >= 1) return;
    const seconds = Math.max(1, Math.ceil(((1 - tokens) * 60) / perMinute));
    throw new HttpError(429, `more than ${perMinute} requests a minute`, { "retry-after": String(seconds) });
  }

  return {
    refuseExhausted,
    enter(client) {
      refuseExhausted(client);
      if (perMinute !== undefined) bucketOf(client, perMinute).tokens--;
      const own = running.get(client) ?? 0;
      if (own >= concurrentPerClient)
        throw new HttpError(429, `more than ${concurrentPerClient} requests at a time`, { "retry-after": "1" });
      if (total >= concurrent)
        throw new HttpError(503, "the service takes on no further request now", { "retry-after": "1" });
      total++;
      running.set(client, own + 1);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        total--;
        const rest = (running.get(client) ?? 1) - 1;
        if (rest === 0) running.delete(client);
        else running.set(client, rest);
      };
    },
  };
}
