import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

/** Packages, sets of them, inventories, findings, updates and notifications. */
export const index: Migration = {
  name: "0001-index",
  async up(database) {
    const statements = [
      sql`create table distribution (
        id bigint generated always AS identity primary key, hash text not null unique, data text not null)`,
      sql`create table package (
        id bigint generated always AS identity primary key, hash text not null unique,
        distribution_id bigint not null references distribution, data text not null)`,
      sql`create table lookup (
        id bigint generated always AS identity primary key, namespace text not null, name text not null,
        digest text not null, unique (namespace, name))`,
      sql`create table package_lookup (
        lookup_id bigint not null references lookup, package_id bigint not null references package on delete cascade,
        primary key (lookup_id, package_id))`,
      sql`create index package_lookup_package on package_lookup (package_id)`,
      sql`create table package_set (
        id bigint generated always AS identity primary key, hash text not null unique, packages bytea not null)`,
      sql`create table set_package (
        set_id bigint not null references package_set on delete cascade, package_id bigint not null references package,
        primary key (set_id, package_id))`,
      sql`create index set_package_package on set_package (package_id, set_id)`,
      sql`create table inventory (
        id bigint generated always AS identity primary key, digest text not null unique, name text not null,
        state text not null, error text not null, indexer text not null, document bytea,
        created_at timestamptz not null, indexed_at timestamptz)`,
      sql`create table inventory_set (
        inventory_id bigint not null references inventory on delete cascade, set_id bigint not null references package_set,
        primary key (inventory_id, set_id))`,
      sql`create index inventory_set_set on inventory_set (set_id, inventory_id)`,
      sql`create table finding (
        package_id bigint not null references package on delete cascade, vulnerability text not null,
        severity integer not null, data text not null, primary key (package_id, vulnerability))`,
      sql`create index finding_vulnerability on finding (vulnerability, package_id)`,
      sql`create table update_operation (
        id bigint generated always AS identity primary key, ref text not null unique, updater text not null,
        fingerprint text not null, date timestamptz not null, kind text not null, last_inventory bigint not null)`,
      sql`create table finding_change (
        id bigint generated always AS identity primary key,
        update_id bigint not null references update_operation on delete cascade,
        package_id bigint not null references package on delete cascade, vulnerability text not null, kind text not null,
        severity integer not null, before text, after text)`,
      sql`create index finding_change_update on finding_change (update_id)`,
      sql`create index finding_change_package on finding_change (package_id)`,
      sql`create table notification (
        id text primary key, update_id bigint not null references update_operation on delete cascade,
        created_at timestamptz not null, inventories integer not null)`,
      sql`create table delivery (
        id text primary key, notification_id text not null references notification on delete cascade,
        channel text not null, state text not null, attempts integer not null, error text not null,
        updated_at timestamptz not null)`,
      sql`create index delivery_notification on delivery (notification_id)`,
      sql`create table token (hash text primary key, name text not null, access text not null, created_at timestamptz not null)`,
      sql`create table setting (name text primary key, value text not null)`,
      // Always there, so that it can be locked.
      sql`insert into setting (name, value) values ('advisories', '')`,
    ];
    for (const statement of statements) await statement.execute(database);
  },
};
