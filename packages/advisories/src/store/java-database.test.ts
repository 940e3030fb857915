import { memoryBytes, sqliteFile } from "@plimsoll/testkit";
import fc from "fast-check";
import { ScanError } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { openJavaDatabase } from "./java-database.ts";

const sha1 = (number: number): string => number.toString(16).padStart(40, "0");

/** Statements as trivy-java-db makes its tables. */
const tables = [
  "CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);",
  "CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT, foreign key (artifact_id) references artifacts(id));",
  "CREATE UNIQUE INDEX artifacts_idx ON artifacts(artifact_id, group_id);",
];
const rows = [
  "INSERT INTO artifacts VALUES(1,'org.apache.commons','commons-lang3'),(2,'log4j','log4j');",
  ...Array.from(
    { length: 2_000 },
    (_, at) => `INSERT INTO indices VALUES(${1 + (at % 2)},'1.${at}',x'${sha1(at * 7919)}','jar');`,
  ),
];
const transaction = (statements: readonly string[]): string => `BEGIN;${statements.join("\n")}COMMIT;`;
const indexed = sqliteFile(transaction([...tables, ...rows, "CREATE UNIQUE INDEX indices_sha1_idx ON indices(sha1);"]));
const plain = sqliteFile(transaction([...tables, ...rows]));

describe.skipIf(indexed === undefined).each([
  ["with its index", indexed],
  ["without", plain],
])("Java archives are identified, %s", (_, file) => {
  const bytes = file ?? new Uint8Array();

  test.each([
    ["held in memory", memoryBytes(bytes)],
    ["read page by page", { ...memoryBytes(bytes), readSync: (start: number, end: number) => bytes.slice(start, end) }],
  ])("%s", async (_how, source) => {
    const database = await openJavaDatabase(source);

    expect(await database.identify([0, 1999, 5].map((at) => sha1(at * 7919)))).toEqual([
      { ecosystem: "maven", name: "org.apache.commons:commons-lang3", version: "1.0" },
      { ecosystem: "maven", name: "log4j:log4j", version: "1.1999" },
      { ecosystem: "maven", name: "log4j:log4j", version: "1.5" },
    ]);
    expect(await database.identify([sha1(1), "", "x".repeat(40)])).toEqual([undefined, undefined, undefined]);
  });
});

describe.skipIf(indexed === undefined)("a damaged one", () => {
  test("is told or answers right, whichever byte is wrong", async () => {
    const bytes = indexed ?? new Uint8Array();
    const known = await (await openJavaDatabase(memoryBytes(bytes))).identify([sha1(7919 * 3)]);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, byte) => {
        const damaged = bytes.slice();
        damaged[at] = byte;
        try {
          const [found] = await (await openJavaDatabase(memoryBytes(damaged))).identify([sha1(7919 * 3)]);
          // SQLite has no checksums: texts may be altered and pointers may miss. Nothing else comes of it.
          if (found !== undefined) expect(Object.keys(found)).toEqual(Object.keys(known[0] ?? {}));
        } catch (error) {
          expect(error).toBeInstanceOf(ScanError);
        }
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ["no database", new TextEncoder().encode("no database ".repeat(100))],
    ["another schema", sqliteFile("CREATE TABLE artifacts(id);") ?? new Uint8Array()],
    ["nothing", new Uint8Array()],
  ])("%s is told", async (_, bytes) => {
    await expect(openJavaDatabase(memoryBytes(bytes), { label: "x.db" })).rejects.toMatchObject({
      failure: { kind: "store-unreadable", label: "x.db" },
    });
  });
});
