import { isDigest } from "@plimsoll/model";
import type { Inventory, Report, ScannerId } from "@plimsoll/model";
import { scanInventory } from "plimsoll";
import type { Basis, ImageKey } from "../catalog/image-key.ts";
import { loadManifest } from "../catalog/load-inventory.ts";
import { HttpError } from "../http/http-error.ts";
import { withAdvisories } from "../service-core.ts";
import type { ServiceCore } from "../service-core.ts";

/** A requested image; its digest is untrusted text. */
export interface AskedImage extends Pick<ImageKey, "tenant"> {
  readonly digest: string | null | undefined;
}

/** Inventories of images, and reports by the current advisories. */
export interface ImageReports {
  /** @throws HttpError 400 for an invalid digest, 404 for an unknown image, 409 while it is being indexed, 422 when indexing failed. */
  inventoryOf(image: AskedImage): Promise<{ readonly inventory: Inventory; readonly basis: Basis }>;
  /** @throws HttpError as `inventoryOf` does; 503 without advisories. */
  reportOf(image: AskedImage, signal: AbortSignal): Promise<{ readonly report: Report; readonly basis: Basis }>;
}

/** Reads inventories, and matches them with the current advisories as the command line does. */
export function imageReports(core: ServiceCore): ImageReports {
  const inventoryOf: ImageReports["inventoryOf"] = async ({ tenant, digest }) => {
    if (!isDigest(digest)) throw new HttpError(400, "that is no digest");
    const indexed = await loadManifest(core.database.queries, { tenant, digest });
    if (indexed === undefined) throw new HttpError(404, `${digest} was never scanned`);
    if (indexed.state === "IndexError") throw new HttpError(422, `${digest} could not be indexed: ${indexed.error}`);
    if (indexed.inventory === undefined) throw new HttpError(409, `${digest} is not indexed yet`);
    return { inventory: indexed.inventory, basis: indexed.basis };
  };
  return {
    inventoryOf,
    async reportOf(image, signal) {
      const { inventory, basis } = await inventoryOf(image);
      return withAdvisories(core, async (lease) => {
        if (lease === undefined) throw new HttpError(503, "there is no advisory database yet", { "retry-after": "30" });
        const scanners: readonly ScannerId[] = inventory.secrets === undefined ? ["vuln"] : ["vuln", "secret"];
        const report = await scanInventory<ScannerId>(inventory, { advisories: lease.store, scanners, signal });
        return { report, basis };
      });
    },
  };
}
