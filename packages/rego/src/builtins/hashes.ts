/** Digests and message authentication codes, as lower-case hexadecimal text. */

import { hmac } from "@noble/hashes/hmac.js";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { builtin, type Builtin } from "./builtin.ts";
import { stringAt } from "./operands.ts";

const hashes = { md5, sha1, sha256, sha512 };

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function digest(name: "md5" | "sha1" | "sha256"): Builtin {
  return builtin(`crypto.${name}`, "(string) => string", (args, context) => {
    const bytes = bytesOf(stringAt(args, 0));
    context.step(1 + (bytes.length >> 6));
    return bytesToHex(hashes[name](bytes));
  });
}

function code(name: keyof typeof hashes): Builtin {
  return builtin(`crypto.hmac.${name}`, "(string, string) => string", (args, context) => {
    const bytes = bytesOf(stringAt(args, 0));
    context.step(1 + (bytes.length >> 6));
    return bytesToHex(hmac(hashes[name], bytesOf(stringAt(args, 1)), bytes));
  });
}

export const hashBuiltins: readonly Builtin[] = [
  digest("md5"),
  digest("sha1"),
  digest("sha256"),
  code("md5"),
  code("sha1"),
  code("sha256"),
  code("sha512"),
  builtin("crypto.hmac.equal", "(string, string) => boolean", (args) => stringAt(args, 0) === stringAt(args, 1)),
];
