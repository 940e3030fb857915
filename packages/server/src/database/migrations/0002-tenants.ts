import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

/** Inventories belong to a tenant and have a basis. Existing ones belong to the operator. */
export const tenants: Migration = {
  name: "0002-tenants",
  async up(database) {
    const statements = [
      sql`alter table token add column tenant text not null default ''`,
      sql`alter table inventory add column tenant text not null default ''`,
      sql`alter table inventory add column basis text not null default 'layers'`,
      sql`alter table inventory drop constraint inventory_digest_key`,
      sql`alter table inventory add constraint inventory_tenant_digest unique (tenant, digest)`,
      sql`create index inventory_digest on inventory (digest)`,
    ];
    for (const statement of statements) await statement.execute(database);
  },
};
