import type { Report } from "@plimsoll/model";
import { dateTimeOf } from "./date-time.ts";

/**
 * When the report was made, in seconds and UTC. Where the report has no date, formats that require one get 1970-01-01, so that the same input gives
 * the same output.
 */
export function dateOrEpoch(report: Report): string {
  const date = dateTimeOf(report.createdAt);
  return date === undefined ? "1970-01-01T00:00:00Z" : `${new Date(date).toISOString().slice(0, 19)}Z`;
}
