import type { Cache } from "@plimsoll/model";
import { directoryCache } from "@plimsoll/node";

/** The most bytes of the cache. Documents are small, and an image has two or three. */
const maxBytes = 64 * 1024 * 1024;

/**
 * A cache of image manifests and configurations below the cache directory. A configuration with secrets in its environment or history is not
 * cached: no cache may contain secrets in clear, and a masked configuration has another digest.
 */
export function documentCache(cacheDirectory: string): Cache {
  const kept = directoryCache(`${cacheDirectory}/documents`, { maxBytes });
  return {
    get: (key, options) => kept.get(key, options),
    async set(key, value, options) {
      const { maskSecrets } = await import("@plimsoll/secrets");
      const text = new TextDecoder().decode(value);
      if (maskSecrets(text, { path: "config.json" }) === text) await kept.set(key, value, options);
    },
  };
}
