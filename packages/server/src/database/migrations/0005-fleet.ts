import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

/**
 * Which package sets an update touched, so that pages of a notification are read in order; registries that are paused, repositories that are
 * watched; indexes for aliases of findings and for names without their namespace.
 */
export const fleet: Migration = {
  name: "0005-fleet",
  async up(database) {
    const statements = [
      sql`create table update_set (
        update_id bigint not null references update_operation on delete cascade,
        set_id bigint not null references package_set on delete cascade,
        told boolean not null, primary key (update_id, set_id))`,
      sql`create index update_set_set on update_set (set_id)`,
      sql`insert into update_set (update_id, set_id, told)
        select finding_change.update_id, set_package.set_id, bool_or(finding_change.kind in ('added', 'removed'))
        from finding_change join set_package using (package_id) group by 1, 2`,
      sql`alter table scan add column registry text not null default ''`,
      sql`alter table scan add column listed text not null default ''`,
      sql`alter table repository_tag add column listed text not null default ''`,
      sql`update scan set registry = split_part(reference, '/', 1)`,
      sql`create index scan_registry on scan (registry, state)`,
      sql`create table registry_rest (registry text primary key, until timestamptz not null, failures integer not null)`,
      sql`create table watch (pattern text primary key, looked_at timestamptz not null, error text not null default '')`,
      sql`create index finding_alias on finding using gin ((data::jsonb -> 'aliases'))`,
      sql`create index lookup_name on lookup (name)`,
    ];
    for (const statement of statements) await statement.execute(database);
  },
};
