import { csaf } from "./index.ts";

/** Every byte sequence gives records, each with its kind; nothing is thrown. */
export async function fuzz(input: Uint8Array): Promise<void> {
  for await (const record of csaf.parse({ name: "csaf/a.json", content: once(input) })) {
    if (record.kind === "advisory" && record.advisory.affected.length === 0) throw new Error("nothing is affected");
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
