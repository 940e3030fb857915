import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

/**
 * What an update tells of each package set stands with the set, so that pages of a notification are read by keys alone: right after an update the
 * database knows nothing yet of how the update's rows are distributed. Of updates without a notification nobody reads that. Images of a
 * tenant in their order.
 */
export const places: Migration = {
  name: "0007-places",
  async up(database) {
    const statements = [
      sql`drop table update_set`,
      sql`create table update_set (
        update_id bigint not null references update_operation on delete cascade,
        set_id bigint not null references package_set on delete cascade,
        told integer not null, changes bigint[] not null, worst bigint[] not null, primary key (update_id, set_id))`,
      sql`create index update_set_set on update_set (set_id)`,
      sql`insert into update_set (update_id, set_id, told, changes, worst)
        select update_id, set_id, count(id) filter (where told), coalesce(array_agg(id) filter (where told), '{}'),
          array_remove(array[min(rank) filter (where kind = 'added') % 281474976710656, min(rank) filter (where kind = 'removed') % 281474976710656], null)
        from (select update_id, set_id, id, kind, kind in ('added', 'removed') AS told, severity * 281474976710656 + id AS rank
          from finding_change join set_package using (package_id)
          where update_id in (select update_id from notification)) AS change group by update_id, set_id`,
      sql`create index inventory_tenant on inventory (tenant, id)`,
    ];
    for (const statement of statements) await statement.execute(database);
  },
};
