import { ScanError } from "@plimsoll/model";
import { memoryBytes, oddTables, oneOf, wholeBelow } from "@plimsoll/testkit";
import type { OddCell, Random } from "@plimsoll/testkit";
import { openJavaDatabase } from "./java-database.ts";

const hash = (number: number): Uint8Array => new Uint8Array(20).fill(number);
const texts = ["org.example", "a", "1.0", "", "__proto__", "ä"];

/** The two tables and their index, whose rows name each other rightly or not. */
export function make(random: Random): Uint8Array {
  const cell = (right: OddCell): OddCell =>
    random() < 0.95 ? right : oneOf<OddCell>(random, [null, -1, 0.5, "x", new Uint8Array(0)], null);
  const artifacts = Array.from({ length: wholeBelow(random, 8) }, () => [
    cell(null),
    cell(oneOf(random, texts, "")),
    cell(oneOf(random, texts, "")),
  ]);
  const indices = Array.from({ length: wholeBelow(random, random() < 0.3 ? 300 : 10) }, (_, at) => [
    cell(1 + wholeBelow(random, 9)),
    cell(oneOf(random, texts, "")),
    cell(hash(at % 256)),
    cell("jar"),
  ]);
  const tables = [
    {
      name: "artifacts",
      sql: "CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT)",
      rows: artifacts,
    },
    {
      name: "indices",
      sql: "CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT)",
      rows: indices,
    },
  ];
  const over = ["indices", 2] as const;
  const index = { name: "by_hash", sql: "CREATE UNIQUE INDEX by_hash ON indices(sha1)", rows: [], over };
  return oddTables(random, random() < 0.8 ? [...tables, index] : tables);
}

/** Every byte sequence is a database that answers, or a `store-unreadable` error. */
export async function fuzz(input: Uint8Array): Promise<void> {
  try {
    const database = await openJavaDatabase(memoryBytes(input));
    const sha1s = [0, 1, 7, 200].map((number) => Buffer.from(hash(number)).toString("hex"));
    for (const found of await database.identify([...sha1s, "x"]))
      if (found !== undefined && typeof found.version !== "string") throw new Error("a version that is no text");
  } catch (error) {
    if (!(error instanceof ScanError && error.failure.kind === "store-unreadable")) throw error;
  }
}
