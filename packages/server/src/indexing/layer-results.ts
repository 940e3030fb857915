import type { Cache } from "@plimsoll/model";
import { contentHash } from "../catalog/content-hash.ts";

/** Results of layers, apart by whose word they are. */
export interface LayerResults {
  /** Of layers that this service read itself, from bytes that hashed to the digest of the plain layer. */
  readonly own: Cache;
  /** Of layers by address, which go by the digest of the stored layer: nothing says that of the plain one. */
  readonly byAddress: Cache;
  /**
   * What a client is given: the service's own results, and else what came with the same credential. What a client gives is kept for that
   * credential alone: nobody looked whether it is true.
   */
  ofClient(credential: string): Cache;
}

/** Keeps them apart in one cache. */
export function layerResultsIn(cache: Cache): LayerResults {
  const own = under(cache, "own");
  return {
    own,
    byAddress: under(cache, "by-address"),
    ofClient(credential) {
      const claimed = under(cache, `client/${contentHash(credential)}`);
      return {
        get: async (key, options) => (await own.get(key, options)) ?? claimed.get(key, options),
        set: (key, value, options) => claimed.set(key, value, options),
      };
    },
  };
}

function under(cache: Cache, prefix: string): Cache {
  return {
    get: (key, options) => cache.get(`${prefix}/${key}`, options),
    set: (key, value, options) => cache.set(`${prefix}/${key}`, value, options),
  };
}
