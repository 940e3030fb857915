import { clairUpdates } from "./index.ts";

/** Every byte sequence gives records, each with its kind; nothing is thrown. */
export async function fuzz(input: Uint8Array): Promise<void> {
  for await (const record of clairUpdates.parse({ name: "clair-updates.json", content: once(input) }))
    if (record.kind === "advisory" && record.advisory.affected.length !== 1) throw new Error("a line states one thing");
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
