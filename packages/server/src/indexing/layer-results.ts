import type { Cache } from "@plimsoll/model";
import { contentHash } from "../catalog/content-hash.ts";

/** Cached layer results, separated by who vouches for them. */
export interface LayerResults {
  /** Results of layers that this service read and whose uncompressed bytes it verified by their digest. */
  readonly own: Cache;
  /** Results of layers downloaded by address, under the digest of the compressed layer: the digest of the uncompressed one is not known. */
  readonly byAddress: Cache;
  /**
   * The cache as one client sees it: the service's own results, and those uploaded with the same credential. Uploaded results are visible to that
   * credential only, because they are not verified.
   */
  ofClient(credential: string): Cache;
}

/** The separated caches, all stored in `cache`. */
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
