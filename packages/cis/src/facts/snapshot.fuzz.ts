import { BenchmarkError } from "../benchmark/benchmark-error.ts";
import { readSnapshot, snapshotFacts } from "./snapshot.ts";

/** Any text as a snapshot: facts that can be asked, or a refusal. */
export async function fuzz(input: Uint8Array): Promise<void> {
  try {
    const facts = snapshotFacts(readSnapshot(new TextDecoder().decode(input), "input"));
    await facts.processes();
    for (const path of ["/", "/etc/passwd", "a/../b"]) {
      await facts.stat(path);
      await facts.readFile(path);
      await facts.list(path);
    }
    await facts.cluster?.list("pods", "default");
  } catch (error) {
    if (!(error instanceof BenchmarkError)) throw error;
  }
}

export function seeds(): readonly Uint8Array[] {
  const text =
    '{"schemaVersion":1,"kind":"node-snapshot","origin":"x","processes":[{"pid":1,"arguments":["a"]}],"files":{"/":{"type":"directory","mode":493,"uid":0,"gid":0,"names":["etc"]}},"cluster":{"pods":[{"metadata":{"namespace":"default"}}]}}';
  return [new TextEncoder().encode(text)];
}
