import { checkOptions, optionIs } from "@plimsoll/model";
import { parseImageName } from "@plimsoll/attestations";
import { field, textField } from "@plimsoll/formats";
import { imagesOf, kubernetesObjects } from "@plimsoll/kubernetes";
import type { Attestation, AttestationStore, Report, ReportStore } from "@plimsoll/model";
import { pinned } from "./evidence.ts";
import type { Evidence } from "./evidence.ts";

/** Where the evidence about the images of an object comes from. */
export interface EvidenceSourceOptions {
  /** The evidence that is the same for every object: policies, gate, checks, exemptions, inventory. */
  readonly known: Evidence;
  readonly reports?: ReportStore | undefined;
  /** Scans an image that has no report yet; its report is put into `reports`. */
  readonly scan?: ((image: string, signal: AbortSignal) => Promise<Report>) | undefined;
  readonly attestations?: AttestationStore | undefined;
  /** Resolves an image with a tag to its digest, so that patches pin it; undefined: not known. Absent: tags are not pinned. */
  readonly digestOf?: ((image: string, signal: AbortSignal) => Promise<string | undefined>) | undefined;
  /** The current time as RFC 3339; rounded to the minute or hour, decisions can be cached that long. */
  readonly now?: (() => string) | undefined;
}

/**
 * Gathers evidence for the webhook: digests of tags, reports (kept or made by a scan) and attestations of all images of an object, concurrently. If
 * any of it fails, the returned function rejects.
 */
export function evidenceSource(
  options: EvidenceSourceOptions,
): (review: unknown, signal: AbortSignal) => Promise<Evidence> {
  checkOptions("evidenceSource", options, {
    known: optionIs.object,
    reports: optionIs.object,
    scan: optionIs.call,
    attestations: optionIs.object,
    digestOf: optionIs.call,
    now: optionIs.call,
  });
  const { known, digestOf, attestations: store, now } = options;
  return async (review, signal) => {
    const object = textField(review, "kind") === "AdmissionReview" ? field(field(review, "request"), "object") : review;
    const images = [
      ...new Set(
        kubernetesObjects(object)
          .flatMap(imagesOf)
          .map(({ image }) => image),
      ),
    ];
    const digests: Record<string, string> = { ...known.digests };
    const reports: Record<string, Report> = { ...known.reports };
    const attestations: Record<string, readonly Attestation[]> = { ...known.attestations };
    await Promise.all(
      images.map(async (image) => {
        const isTag = parseImageName(image)?.digest === undefined;
        const found = isTag && !Object.hasOwn(digests, image) ? await digestOf?.(image, signal) : undefined;
        if (found !== undefined) digests[image] = found;
        const named = pinned(image, digests);
        const digest = parseImageName(named)?.digest;
        if (digest === undefined) return;
        const [report, signatures] = await Promise.all([
          reportFor(named, digest, options, signal),
          store?.list(named, { signal }),
        ]);
        if (report !== undefined) reports[named] = report;
        if (signatures !== undefined) attestations[named] = signatures;
      }),
    );
    return { ...known, digests, reports, attestations, ...(now === undefined ? {} : { now: now() }) };
  };
}

async function reportFor(
  image: string,
  digest: string,
  { reports, scan }: EvidenceSourceOptions,
  signal: AbortSignal,
): Promise<Report | undefined> {
  const kept = await reports?.get(digest, { signal });
  if (kept !== undefined || scan === undefined) return kept;
  const report = await scan(image, signal);
  await reports?.put(digest, report, { signal });
  return report;
}
