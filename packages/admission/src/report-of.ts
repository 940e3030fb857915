import { parseImageName } from "@plimsoll/attestations";
import type { Report } from "@plimsoll/model";

/** What to say of a report in which something is missing, though it is there. */
export function gapsOf({ coverage: { verdict } }: Report, image: string): readonly string[] {
  return verdict === "complete" ? [] : [`the report of ${image} says that something could not be looked at`];
}

/** The report of an image among reports by image or digest. */
export function reportOf(reports: Readonly<Record<string, Report>> | undefined, image: string): Report | undefined {
  if (reports === undefined) return undefined;
  const digest = parseImageName(image)?.digest;
  for (const key of digest === undefined ? [image] : [image, digest])
    if (Object.hasOwn(reports, key)) return reports[key];
  return undefined;
}
