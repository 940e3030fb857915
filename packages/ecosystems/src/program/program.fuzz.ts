import { fuzzAnalyzers } from "@plimsoll/testkit";
import { program } from "./index.ts";

/** Files of several rules, programs and scripts. */
export const paths: readonly string[] = ["bin/redis-server", "bin/nginx", "bin/python3", "bin/composer", "bin/java"];

/** All analyzers of this folder on any bytes, and behind the first bytes of a program. */
export async function fuzz(input: Uint8Array): Promise<void> {
  await fuzzAnalyzers(program.analyzers, input, paths);
  const elf = new Uint8Array(input.length + 4);
  elf.set([0x7f, 0x45, 0x4c, 0x46]);
  elf.set(input, 4);
  await fuzzAnalyzers(program.analyzers, elf, paths);
}
