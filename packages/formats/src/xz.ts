import type { ByteStream } from "./bytes.ts";
import { FormatError } from "./format-error.ts";

/** Expands xz. */
// eslint-disable-next-line require-yield
export async function* unxz(_input: ByteStream): AsyncGenerator<Uint8Array> {
  throw new FormatError("xz", "unsupported", "no decoder");
}
