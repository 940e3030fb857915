import { deflateRawSync, inflateRawSync } from "node:zlib";
import { openInflater } from "./inflater.ts";

/** A dynamic block, one of fixed codes, stored blocks, and long runs. */
export function seeds(): Uint8Array[] {
  return [
    deflateRawSync("the quick brown fox, and what it jumps over ".repeat(40)),
    deflateRawSync("hello hello hello", { strategy: 4 }),
    deflateRawSync("stored", { level: 0 }),
    deflateRawSync(new Uint8Array(30_000)),
  ].map((bytes) => new Uint8Array(bytes));
}

/** The same content and the same end as zlib says, or damage to both; whether all comes at once or byte by byte. */
export function fuzz(input: Uint8Array): void {
  const wanted = byZlib(input);
  for (const step of [input.length, 1]) {
    const said = expanded(input, Math.max(1, step));
    if (said !== wanted) throw new Error(`zlib: ${wanted}; in steps of ${step}: ${said}`);
  }
}

function byZlib(input: Uint8Array): string {
  try {
    // Its types do not know of `info`.
    const { buffer, engine } = inflateRawSync(input, { info: true }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return `${engine.bytesWritten} bytes are ${buffer.toString("base64")}`;
  } catch {
    return "damaged or cut";
  }
}

function expanded(input: Uint8Array, step: number): string {
  const inflater = openInflater();
  const content: Buffer[] = [];
  try {
    for (let at = 0; at < input.length && inflater.unused === undefined; at += step) {
      const part = input.subarray(at, at + step);
      for (const piece of inflater.push(part)) content.push(Buffer.from(piece));
      if (inflater.unused !== undefined)
        return `${at + part.length - inflater.unused} bytes are ${Buffer.concat(content).toString("base64")}`;
    }
  } catch {
    // As below.
  } finally {
    inflater.close();
  }
  return "damaged or cut";
}
