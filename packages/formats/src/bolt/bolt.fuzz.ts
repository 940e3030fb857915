import { FormatError } from "../format-error.ts";
import { openBolt } from "./open-bolt.ts";
import type { BoltBucket } from "./open-bolt.ts";

/** Every byte sequence gives entries or a FormatError, and the walk ends. */
export async function fuzz(input: Uint8Array): Promise<void> {
  try {
    const source = {
      size: input.length,
      async *read(start: number, end: number) {
        yield input.subarray(start, end);
      },
    };
    await walk(await openBolt(source), { left: 10_000 });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}

async function walk(bucket: BoltBucket, budget: { left: number }): Promise<void> {
  for await (const entry of bucket.entries()) {
    if (budget.left-- <= 0) return;
    if (entry.bucket !== undefined) await walk(entry.bucket, budget);
  }
}
