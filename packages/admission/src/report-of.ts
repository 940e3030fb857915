import { parseImageName } from "@plimsoll/attestations";
import type { Report } from "@plimsoll/model";

/** The report of an image among reports by image or digest. */
export function reportOf(reports: Readonly<Record<string, Report>> | undefined, image: string): Report | undefined {
  if (reports === undefined) return undefined;
  const digest = parseImageName(image)?.digest;
  for (const key of digest === undefined ? [image] : [image, digest])
    if (Object.hasOwn(reports, key)) return reports[key];
  return undefined;
}
