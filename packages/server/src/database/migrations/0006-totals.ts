import { sql } from "kysely";
import type { Migration } from "../migrate.ts";

/** How many images and findings each tenant had at the end of each day, as far as somebody counted. */
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
