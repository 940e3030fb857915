import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

/** The table of each tenant's images and findings at the end of each day. */
export const totals: Migration = {
  name: "0006-totals",
  async up(database) {
    await sql`create table daily_total (
      tenant text not null, day date not null, images integer not null, findings text not null, primary key (tenant, day))`.execute(
      database,
    );
    await sql`create index update_operation_date on update_operation (date)`.execute(database);
  },
};
