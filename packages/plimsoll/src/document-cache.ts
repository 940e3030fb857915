import type { Cache } from "@plimsoll/model";
import { directoryCache } from "@plimsoll/node";
import { maskSecrets } from "@plimsoll/secrets";

/** They are small, and an image has two or three. */
const maxBytes = 64 * 1024 * 1024;

/**
 * Keeps manifests and configurations of images below the cache directory. A configuration with secrets in its environment or
 * history is not kept: no cache holds any in clear, and one that is masked has another digest.
 */
export function documentCache(cacheDirectory: string): Cache {
  const kept = directoryCache(`${cacheDirectory}/documents`, { maxBytes });
  return {
    get: (key, options) => kept.get(key, options),
    async set(key, value, options) {
      const text = new TextDecoder().decode(value);
      if (maskSecrets(text, { path: "config.json" }) === text) await kept.set(key, value, options);
    },
  };
}
