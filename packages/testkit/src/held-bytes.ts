import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes that objects in use take in the heap of this thread, when all others have been let go. */
export function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)(); // The flag makes it a function of new contexts.
  return process.memoryUsage().heapUsed;
}

/** The same with texts and buffers that lie outside of the heap. */
export async function heldWithTexts(): Promise<number> {
  // The engine remembers what a pattern was last looked for in.
  /[xy]/.test("x");
  heldBytes();
  // What was let go outside of the heap is counted off in another thread.
  await setTimeout(50);
  return heldBytes() + process.memoryUsage().external;
}
