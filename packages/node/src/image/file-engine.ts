import { createHash } from "node:crypto";
import * as zlib from "node:zlib";
import { FormatError, inflatePieces } from "@plimsoll/formats";
import type { FileEngine } from "@plimsoll/model";
import { callsDirectly, openInflater, outputBytes } from "./gunzip.ts";

/**
 * Node's own zlib and OpenSSL for what lies packed in files. Zlib is called directly where that works (see {@link gunzip}): there is no other
 * way to expand piece by piece without waiting.
 */
export const fileEngine: FileEngine = {
  inflateRaw: (packed) => (callsDirectly() ? inflateDirectly(packed) : inflatePieces(packed)),
  // From Node 20.15 and 22.2 on.
  ...(typeof zlib.crc32 === "function" ? { crc32: zlib.crc32 } : {}),
  sha1() {
    const hash = createHash("sha1");
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
  },
};

function* inflateDirectly(packed: Iterable<Uint8Array>): Generator<Uint8Array> {
  const inflater = openInflater();
  if (inflater === undefined) throw new FormatError("deflate", "unsupported", "zlib cannot be called directly");
  const { handle, left } = inflater;
  let failure: FormatError | undefined;
  handle.onerror = (message) => (failure = new FormatError("deflate", "malformed", message));
  const output = new Uint8Array(outputBytes);
  try {
    for (const part of packed) {
      for (let at = 0; ;) {
        handle.writeSync(zlib.constants.Z_NO_FLUSH, part, at, part.length - at, output, 0, outputBytes);
        if (failure !== undefined) throw failure;
        const [space = 0, rest = 0] = left;
        at = part.length - rest;
        if (space < outputBytes) yield output.subarray(0, outputBytes - space);
        if (space === 0) continue;
        // Room for output, yet input left: it stands behind the end.
        if (rest > 0) return;
        break;
      }
    }
    handle.writeSync(zlib.constants.Z_FINISH, output, 0, 0, output, 0, outputBytes);
    if (failure !== undefined) throw failure;
  } finally {
    inflater.close();
  }
}
