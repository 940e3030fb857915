import type { Report, ReportStore } from "@plimsoll/model";

/** A store that keeps reports in memory, by the digest of their artifact. Beyond `maxReports` (absent: 1,000) the oldest is dropped. */
export function memoryReportStore({
  maxReports = 1_000,
}: { readonly maxReports?: number | undefined } = {}): ReportStore {
  const byDigest = new Map<string, Report>();
  return {
    label: "memory",
    get: async (digest) => byDigest.get(digest),
    async put(digest, report) {
      byDigest.delete(digest);
      byDigest.set(digest, report);
      const [oldest] = byDigest.keys();
      if (byDigest.size > maxReports && oldest !== undefined) byDigest.delete(oldest);
    },
  };
}
