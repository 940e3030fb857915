/** PEM (RFC 7468): blocks of base64 between lines that name what they hold. */

import { fromBase64 } from "../builtins/bytes.ts";
import { BuiltinError } from "../builtins/builtin.ts";

/** One PEM block. */
export interface PemBlock {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const begin = "-----BEGIN ";

/** All complete PEM blocks of a text; other text and broken blocks are ignored. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at + 1)) {
    const lineEnd = text.indexOf("-----", at + begin.length);
    if (lineEnd < 0) break;
    const type = text.slice(at + begin.length, lineEnd);
    const end = text.indexOf(`-----END ${type}-----`, lineEnd);
    if (type.includes("\n") || end < 0) continue;
    const lines = text.slice(lineEnd + 5, end).split(/\r?\n/);
    const body = lines.filter((line) => !line.includes(":")).join("").replace(/\s/g, ""); // prettier-ignore
    try {
      blocks.push({ type, bytes: fromBase64(body) });
      at = end;
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error;
    }
  }
  return blocks;
}
