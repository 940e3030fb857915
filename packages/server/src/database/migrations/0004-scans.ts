import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

/** Tables of background scans, and of the digest that each tag had when it was last checked. */
export const scans: Migration = {
  name: "0004-scans",
  async up(database) {
    await sql`create table scan (
      id text primary key,
      tenant text not null,
      reference text not null,
      source text not null,
      state text not null,
      digest text not null default '',
      error text not null default '',
      created_at timestamptz not null,
      updated_at timestamptz not null
    )`.execute(database);
    await sql`create index scan_updated on scan (updated_at)`.execute(database);
    await sql`create table repository_tag (
      tenant text not null,
      repository text not null,
      tag text not null,
      digest text not null,
      scanned_at timestamptz not null,
      primary key (tenant, repository, tag)
    )`.execute(database);
  },
};
