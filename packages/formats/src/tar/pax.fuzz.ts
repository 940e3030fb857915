import { FormatError } from "../format-error.ts";
import { parsePax } from "./pax.ts";
import { paxSparse } from "./sparse.ts";

/** Records as they are, with keys that repeat, and sparse maps. */
export function seeds(): string[] {
  return [
    "12 path=abc\n15 size=123456\n",
    "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n27 GNU.sparse.realsize=100\n",
    "22 GNU.sparse.size=10\n23 GNU.sparse.offset=0\n25 GNU.sparse.numbytes=5\n",
    "24 GNU.sparse.map=0,1,5\n22 GNU.sparse.size=10\n",
  ];
}

/** Values together are never longer than the header, and a sparse map is one or a FormatError. */
export function fuzz(input: Uint8Array): void {
  try {
    const records = parsePax(input, 0);
    let held = 0;
    for (const [key, value] of records) held += key.length + value.length;
    if (held > input.length + 64) throw new Error(`${held} bytes held of ${input.length}`);
    paxSparse(records, input.length, 0);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
