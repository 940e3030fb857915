import { FormatError, concatBytes } from "@plimsoll/formats";
import type { ByteStream } from "@plimsoll/model";
import { decodeText } from "../shared/document-text.ts";

/** The most bytes of a line. Clair itself writes no longer ones than 1 MiB. */
const maxLineBytes = 16 * 1024 * 1024;

/**
 * The lines of a document of any size, in the memory of one; empty ones are left out.
 * @throws FormatError for a line above 16 MiB.
 */
export async function* documentLines(content: ByteStream): AsyncGenerator<string> {
  let begun: Uint8Array[] = [];
  let length = 0;
  const take = (rest: Uint8Array): string => {
    const whole = concatBytes([...begun, rest]);
    [begun, length] = [[], 0];
    return decodeText(whole).trim();
  };
  for await (const chunk of content) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const line = take(chunk.subarray(from, end));
      from = end + 1;
      if (line !== "") yield line;
    }
    begun.push(chunk.slice(from));
    length += chunk.length - from;
    if (length > maxLineBytes)
      throw new FormatError("document", "limit-exceeded", `a line of more than ${maxLineBytes} bytes`);
  }
  const last = take(new Uint8Array(0));
  if (last !== "") yield last;
}

const newline = 0x0a;
