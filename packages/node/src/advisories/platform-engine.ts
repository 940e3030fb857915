import { inflateRawSync } from "node:zlib";
import * as zlib from "node:zlib";
import type { StoreEngine } from "@plimsoll/advisories";

/** Native decompression and, from Node 20.15 and 22.2 on, native checksums. */
export const platformEngine: StoreEngine = {
  inflateRaw: (data, maxBytes) => inflateRawSync(data, { maxOutputLength: Math.max(1, maxBytes) }),
  ...("crc32" in zlib && typeof zlib.crc32 === "function" ? { crc32: zlib.crc32 as (data: Uint8Array) => number } : {}), // as: the typings may be older than the runtime
};
