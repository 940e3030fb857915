import { FormatError } from "../format-error.ts";
import { openHive } from "./open-hive.ts";
import type { HiveKey } from "./open-hive.ts";

/** Keys that are visited of one input: the reader's own bound is for real hives. */
const maxKeys = 2_000;

/** A hive of any bytes: read, or refused as damaged. */
export function fuzz(input: Uint8Array): void {
  try {
    let left = maxKeys;
    const visit = (key: HiveKey, depth: number): void => {
      key.value("CurrentState");
      for (const inner of key.keys()) {
        left--;
        if (left < 0) return;
        if (depth < 16) visit(inner, depth + 1);
      }
    };
    visit(openHive(input), 0);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
