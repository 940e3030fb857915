import { sql } from "kysely";
import type { RawBuilder } from "kysely";

/** Of a row of `package`: whether an image of the tenant has it. Packages are shared, and which others have is nobody's business. */
export function isOfTenant(tenant: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select from set_package join inventory_set using (set_id)
    join inventory on inventory.id = inventory_set.inventory_id
    where set_package.package_id = package.id and inventory.tenant = ${tenant})`;
}
