import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { FormatError, inflatePieces } from "@plimsoll/formats";
import type { FileEngine } from "@plimsoll/model";
import { callsDirectly, openInflater, outputBytes } from "./gunzip.ts";

/**
 * Node's own zlib and OpenSSL for what lies packed in files. Zlib is called directly where that works (see {@link gunzip}): there is no other
 * way to expand piece by piece without waiting.
 */
export const fileEngine: FileEngine = {
  inflateRaw: (packed) => (callsDirectly() ? inflateDirectly(packed) : inflatePieces(packed)),
  crc32,
  sha1() {
    const hash = createHash("sha1");
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
  },
};

function* inflateDirectly(packed: Iterable<Uint8Array>): Generator<Uint8Array> {
  const inflater = openInflater();
  if (inflater === undefined) throw new FormatError("deflate", "unsupported", "zlib cannot be called directly");
  const output = new Uint8Array(outputBytes);
  try {
    for (const part of packed)
      for (let at = 0; ;) {
        const { used, made, state, failure } = inflater.expand(part, at, output, 0);
        if (failure !== undefined) throw malformed(failure);
        at = used;
        if (made > 0) yield output.subarray(0, made);
        if (state === "over") return;
        if (state === "hungry") break;
      }
    const { failure } = inflater.expand(nothing, 0, output, 0, true);
    if (failure !== undefined) throw malformed(failure);
  } finally {
    inflater.close();
  }
}

const nothing = new Uint8Array(0);

function malformed(failure: string): FormatError {
  return new FormatError("deflate", "malformed", failure);
}
