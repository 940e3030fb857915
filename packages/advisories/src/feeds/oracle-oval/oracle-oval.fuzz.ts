import { oracleOval } from "./index.ts";

/** Every byte sequence, as XML in two pieces and as JSON, gives records, each with its kind; nothing is thrown. */
export async function fuzz(input: Uint8Array): Promise<void> {
  for (const name of ["com.oracle.elsa-all.xml", "ELSA-2024-0001.json"]) {
    for await (const record of oracleOval.parse({ name, content: halves(input) })) {
      if (record.kind === "advisory" && record.advisory.affected.length === 0) throw new Error("nothing is affected");
    }
  }
}

async function* halves(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const middle = bytes.length >> 1;
  yield bytes.subarray(0, middle);
  yield bytes.subarray(middle);
}
