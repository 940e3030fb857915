import { ScanError, defaultLimits } from "@plimsoll/model";
import type { CallOptions, Limits } from "@plimsoll/model";
import type { Blob } from "./blobs.ts";
import { readWhole } from "./json-document.ts";

/** The most manifests, indexes and configurations that are read for one image. Real indexes name some dozens. */
const maxDocuments = 1_000;

/** How many documents of the largest size one image may have: most are a thousandth of that. */
const largestDocuments = 4;

/** What the documents of one image may take together: an index may name the largest of them, or a great many, for some hundred bytes each. */
export class DocumentBudget {
  private readonly label: string;
  private readonly limits: Limits;
  private documents = 0;
  private bytes = 0;

  constructor(label: string, limits: Limits = defaultLimits) {
    this.label = label;
    this.limits = limits;
  }

  /**
   * Reads one of the documents whole.
   * @throws ScanError `limit-exceeded` when it, or all together, are too large, or when there are too many.
   */
  async read(blob: Blob, what: string, options?: CallOptions): Promise<Uint8Array> {
    if (++this.documents > maxDocuments) throw this.exceeded("The number of manifests", maxDocuments);
    this.refuseMore();
    const bytes = await readWhole(blob, `${what} of ${this.label}`, this.limits.maxManifestBytes, options);
    this.bytes += bytes.length;
    this.refuseMore();
    return bytes;
  }

  private refuseMore(): void {
    const limit = largestDocuments * this.limits.maxManifestBytes;
    if (this.bytes > limit) throw this.exceeded("The manifests and configurations", limit);
  }

  private exceeded(what: string, limit: number): ScanError {
    return new ScanError({ kind: "limit-exceeded", what: `${what} of ${this.label}`, limit });
  }
}
