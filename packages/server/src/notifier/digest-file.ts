import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import type { KnownFinding } from "../catalog/known-finding.ts";
import type { Queries } from "../database/open-database.ts";
import type { Channel } from "./channel.ts";

/** How many changes one file lists; the others are counted. */
const maxListed = 1_000;

/**
 * A channel that writes the changes of each update to a file `<id>.json` in a directory. Files are written under a temporary name and renamed, so
 * that they are never partial.
 */
export function digestFiles(directory: string, queries: Queries): Channel {
  return {
    id: "file",
    async deliver({ id }) {
      const digest = await digestOf(queries, id);
      if (digest === undefined) return;
      await mkdir(directory, { recursive: true });
      const path = join(directory, `${id}.json`);
      const file = await open(`${path}.tmp`, "w", 0o644);
      try {
        await file.writeFile(`${JSON.stringify(digest, undefined, 2)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.tmp`, path);
    },
  };
}

async function digestOf(queries: Queries, id: string): Promise<object | undefined> {
  const head = await queries
    .selectFrom("notification")
    .innerJoin("update_operation", "update_operation.id", "notification.update_id")
    .select(["update_id", "inventories", "fingerprint", "date"])
    .where("notification.id", "=", id)
    .executeTakeFirst();
  if (head === undefined) return undefined;
  const counts = await sql<{ kind: string; count: number }>`select kind, count(*) AS count from finding_change
    where update_id = ${head.update_id} group by kind order by kind`.execute(queries);
  const { rows } = await sql<{ kind: string; before: string | null; after: string | null; purl: string }>`
    select kind, before, after, package.data::json -> 'package' ->> 'purl' AS purl
    from finding_change join package on package.id = finding_change.package_id
    where update_id = ${head.update_id} order by severity, finding_change.id limit ${maxListed}`.execute(queries);
  return {
    id,
    date: head.date.toISOString(),
    advisories: head.fingerprint,
    images: head.inventories,
    counts: Object.fromEntries(counts.rows.map(({ kind, count }) => [kind, Number(count)])),
    changes: rows.map(({ kind, before, after, purl }) => {
      const finding = JSON.parse(after ?? before ?? "{}") as KnownFinding; // as: written by insertChanges
      const { id: vulnerability, severity, fixedVersion } = finding;
      return {
        change: kind,
        vulnerability,
        severity,
        package: purl,
        ...(fixedVersion === undefined ? {} : { fixedVersion }),
      };
    }),
  };
}
