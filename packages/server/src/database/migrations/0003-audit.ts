import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

/** The table of the audit log. */
export const audit: Migration = {
  name: "0003-audit",
  async up(database) {
    await sql`create table audit (
      id bigint generated always AS identity primary key,
      at timestamptz not null,
      actor text not null,
      tenant text not null,
      client text not null,
      operation text not null,
      target text not null,
      status integer not null
    )`.execute(database);
    await sql`create index audit_tenant on audit (tenant, id)`.execute(database);
    await sql`create index audit_at on audit (at)`.execute(database);
  },
};
