import type { Report, ReportStore } from "@plimsoll/model";

/** Reports in memory, by the digest of what they are about; the oldest go where there are more than `maxReports`. */
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
