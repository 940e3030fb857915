import { HttpError } from "./http-error.ts";

/** Limits on the requests of one process. */
export interface RequestLimits {
  /** Concurrent requests. Absent: 256. */
  readonly concurrent?: number | undefined;
  /** Concurrent requests of one client: a credential, or a network address without one. Absent: 64. */
  readonly concurrentPerClient?: number | undefined;
  /** Requests of one client per minute on average; a burst may have as many. Absent: no limit. */
  readonly perMinute?: number | undefined;
}

/** Admits requests within the limits. */
export interface RequestGate {
  /** Checks the rate limit of a client without counting a request. @throws HttpError 429 with `Retry-After` when it is used up. */
  refuseExhausted(client: string): void;
  /**
   * Counts a request as running; the returned function ends it.
   * @throws HttpError 429 when the client is at a limit, 503 when all clients together are; both with `Retry-After`.
   */
  enter(client: string): () => void;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Clients whose use is remembered; the one that was silent for longest is forgotten first, and that one has most room again anyway. */
const maxClients = 10_000;

/** Limits requests by client: a token bucket for the rate, a counter for running ones. `clock`: a monotonic clock in milliseconds. */
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
        throw new HttpError(503, "the service has too many concurrent requests", { "retry-after": "1" });
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
