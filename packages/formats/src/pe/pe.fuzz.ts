import { oddProgram } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { readAssembly } from "./assembly.ts";
import { FormatError } from "../format-error.ts";
import { readPe } from "./pe.ts";
import { readVersionResource } from "./version-resource.ts";

/** Programs whose tables are where they belong and say odd things. */
export function make(random: Random): Uint8Array {
  return oddProgram(random);
}

/** Version resources and metadata of any bytes: read, or refused as damaged, and never larger than the input. */
export function fuzz(input: Uint8Array): void {
  for (const read of [readVersionResource, readAssembly] as const) {
    try {
      const said = JSON.stringify(read(readPe(input)) ?? "");
      if (said.length > 4_096 + input.length * 1_024)
        throw new Error(`${said.length} characters of ${input.length} bytes`);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
}
