import { memoryBytes, oddJson, oddTables, oneOf, wholeBelow } from "@plimsoll/testkit";
import type { OddCell, Random } from "@plimsoll/testkit";
import { grypeDb } from "./index.ts";

const columns: Readonly<Record<string, string>> = {
  blobs: "id integer PRIMARY KEY, value text",
  vulnerability_handles:
    "id integer PRIMARY KEY, name text, status text, published_date datetime, modified_date datetime, withdrawn_date datetime, provider_id text, blob_id integer",
  packages: "id integer PRIMARY KEY, ecosystem text, name text",
  operating_systems:
    "id integer PRIMARY KEY, name text, release_id text, major_version text, minor_version text, label_version text, codename text, channel text",
  affected_package_handles:
    "id integer PRIMARY KEY, vulnerability_id integer, operating_system_id integer, package_id integer, blob_id integer",
  cpes: "id integer PRIMARY KEY, part text, vendor text, product text, target_software text",
  affected_cpe_handles: "id integer PRIMARY KEY, vulnerability_id integer, cpe_id integer, blob_id integer",
  epss_metadata: "date datetime",
  epss_handles: "id integer PRIMARY KEY, cve text, epss real, percentile real",
  cwe_handles: "id integer PRIMARY KEY, cve text, cwe text",
  known_exploited_vulnerability_handles: "id integer PRIMARY KEY, cve text, blob_id integer",
};
const fields = [
  "ranges",
  "fix",
  "state",
  "version",
  "constraint",
  "qualifiers",
  "severities",
  "value",
  "vector",
].concat(["source", "aliases", "cves", "refs", "url", "rpm_modularity", "go_imports", "path", "symbols", "date_added"]);
const words = [
  "CVE-2024-0001",
  "GHSA-a",
  "active",
  "rejected",
  "a",
  "rpm",
  "python",
  "go",
  "rhel",
  "9",
  "0001-01-01",
  "",
].concat(["2024-01-01 00:00:00+00:00", "__proto__", "node.js", "< 2 || >= 3, < 4 || = 5 || >"]);

/** Grype's tables, with cells of the right columns and of any type. */
export function make(random: Random): Uint8Array {
  const blob = (): string =>
    random() < 0.5
      ? new TextDecoder().decode(oddJson(random, fields))
      : JSON.stringify({
          ranges: [{ version: { constraint: oneOf(random, words, "") }, fix: { state: "fixed", version: "2" } }],
        });
  const cell = (column: string): OddCell => {
    const kind = random();
    if (column.startsWith("id integer PRIMARY")) return null;
    if (kind < 0.05) return oneOf<OddCell>(random, [null, -1, 1.5, new Uint8Array(3), "x"], null);
    if (column.startsWith("value")) return blob();
    return column.endsWith("integer")
      ? 1 + wholeBelow(random, 4)
      : column.endsWith("real")
        ? random()
        : oneOf(random, words, "");
  };
  const tables = Object.entries(columns).map(([name, declared]) => ({
    name,
    sql:
      random() < 0.95 ? `CREATE TABLE ${name}(${declared})` : oneOf(random, ["", `CREATE TABLE ${name}(`, "(((,"], ""),
    rows: Array.from({ length: 1 + wholeBelow(random, random() < 0.1 ? 60 : 6) }, () => declared.split(", ").map(cell)),
  }));
  return oddTables(random, random() < 0.9 ? tables : tables.filter(() => random() < 0.8));
}

/** Every byte sequence gives records, of which one at least says what could not be read where it could not. */
export async function fuzz(input: Uint8Array): Promise<void> {
  let records = 0;
  for await (const record of grypeDb.parse({
    name: "vulnerability.db",
    content: memoryBytes(input).read(0, input.length),
  })) {
    records++;
    if (record.kind === "advisory" && record.advisory.affected.length > 100 * (input.length + 1))
      throw new Error(`${record.advisory.affected.length} statements of ${input.length} bytes`);
  }
  if (records > 10 * (input.length + 1)) throw new Error(`${records} records of ${input.length} bytes`);
}
