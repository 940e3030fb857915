import type { Inventory, Report, ScannerId } from "@plimsoll/model";
import { scanInventory } from "plimsoll";
import { loadManifest } from "../catalog/load-inventory.ts";
import { isDigest } from "../clair/read-requests.ts";
import { HttpError } from "../http/http-error.ts";
import { withAdvisories } from "../service-core.ts";
import type { ServiceCore } from "../service-core.ts";

/** What is in an image, and what is wrong with it now. */
export interface ImageReports {
  /** @throws HttpError 400, 404, 409 or 422 when there is none: an image that could not be indexed has no inventory to show. */
  inventoryOf(digest: string | null | undefined): Promise<Inventory>;
  /** @throws HttpError as `inventoryOf` does; 503 without advisories. */
  reportOf(digest: string | null | undefined, signal: AbortSignal): Promise<Report>;
}

/** Reads inventories, and matches them with the current advisories as the command line does. */
export function imageReports(core: ServiceCore): ImageReports {
  const inventoryOf: ImageReports["inventoryOf"] = async (digest) => {
    if (!isDigest(digest)) throw new HttpError(400, "that is no digest");
    const indexed = await loadManifest(core.database.queries, digest);
    if (indexed === undefined) throw new HttpError(404, `${digest} was never scanned`);
    if (indexed.state === "IndexError") throw new HttpError(422, `${digest} could not be indexed: ${indexed.error}`);
    if (indexed.inventory === undefined) throw new HttpError(409, `${digest} is not indexed yet`);
    return indexed.inventory;
  };
  return {
    inventoryOf,
    async reportOf(digest, signal) {
      const inventory = await inventoryOf(digest);
      return withAdvisories(core, async (lease) => {
        if (lease === undefined) throw new HttpError(503, "there is no advisory database yet", { "retry-after": "30" });
        const scanners: readonly ScannerId[] = inventory.secrets === undefined ? ["vuln"] : ["vuln", "secret"];
        return scanInventory<ScannerId>(inventory, { advisories: lease.store, scanners, signal });
      });
    },
  };
}
