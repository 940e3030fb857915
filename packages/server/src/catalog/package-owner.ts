import { sql } from "kysely";
import type { RawBuilder } from "kysely";

/**
 * SQL condition on a row of `package`: whether an image of the tenant has the package. Tenants share packages, and none may see which ones others
 * have.
 */
export function isOfTenant(tenant: string): RawBuilder<boolean> {
  // "Offset 0" has the database ask for one package after another, and stop at the first image. Else it joins all packages of all images beforehand: thirty
  // million rows with a hundred thousand images.
  return sql<boolean>`exists (select from set_package join inventory_set using (set_id)
    join inventory on inventory.id = inventory_set.inventory_id
    where set_package.package_id = package.id and inventory.tenant = ${tenant} offset 0)`;
}
