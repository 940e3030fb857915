import type { ByteStream } from "./bytes.ts";
import { FormatError } from "./format-error.ts";

/** Expands bzip2. */
// eslint-disable-next-line require-yield
export async function* bunzip2(_input: ByteStream): AsyncGenerator<Uint8Array> {
  throw new FormatError("bzip2", "unsupported", "no decoder");
}
