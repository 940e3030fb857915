import { osvFeed } from "./index.ts";

const feed = osvFeed();

/** Every byte sequence, taken as a record and as an archive, gives records, each with its kind; nothing is thrown. */
export async function fuzz(input: Uint8Array): Promise<void> {
  for (const name of ["npm/X-1.json", "npm/all.zip"]) {
    for await (const record of feed.parse({ name, content: once(input) })) {
      if (record.kind === "advisory" && record.advisory.affected.length === 0) throw new Error("nothing is affected");
      if (record.kind === "enrichment") throw new Error("OSV enriches nothing");
    }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
