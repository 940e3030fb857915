/**
 * When security support of distribution releases ends, `YYYY-MM-DD`. Dates as their makers published them, read 2026-08.
 * A release without an announced date is left out; rolling distributions have none.
 */
const endOfLifeDates: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // https://alpinelinux.org/releases/
  alpine: {
    "2.1": "2012-11-01",
    "2.2": "2013-05-01",
    "2.3": "2013-11-01",
    "2.4": "2014-05-01",
    "2.5": "2014-11-01",
    "2.6": "2015-05-01",
    "2.7": "2015-11-01",
    "3.0": "2016-05-01",
    "3.1": "2016-11-01",
    "3.2": "2017-05-01",
    "3.3": "2017-11-01",
    "3.4": "2018-05-01",
    "3.5": "2018-11-01",
    "3.6": "2019-05-01",
    "3.7": "2019-11-01",
    "3.8": "2020-05-01",
    "3.9": "2020-11-01",
    "3.10": "2021-05-01",
    "3.11": "2021-11-01",
    "3.12": "2022-05-01",
    "3.13": "2022-11-01",
    "3.14": "2023-05-01",
    "3.15": "2023-11-01",
    "3.16": "2024-05-23",
    "3.17": "2024-11-22",
    "3.18": "2025-05-09",
    "3.19": "2025-11-01",
    "3.20": "2026-04-01",
    "3.21": "2026-11-01",
    "3.22": "2027-05-01",
    "3.23": "2027-11-01",
  },
  // End of long-term support: https://wiki.debian.org/LTS and https://wiki.debian.org/DebianReleases
  debian: {
    "3.0": "2006-06-30",
    "3.1": "2008-03-31",
    "4": "2010-02-15",
    "5": "2012-02-06",
    "6": "2016-02-29",
    "7": "2018-05-31",
    "8": "2020-06-30",
    "9": "2022-06-30",
    "10": "2024-06-30",
    "11": "2026-08-31",
    "12": "2028-06-30",
    "13": "2030-06-30",
  },
  // End of standard support, without Pro: https://ubuntu.com/about/release-cycle
  ubuntu: {
    "10.04": "2015-04-30",
    "12.04": "2017-04-28",
    "14.04": "2019-04-25",
    "14.10": "2015-07-23",
    "15.04": "2016-02-04",
    "15.10": "2016-07-28",
    "16.04": "2021-04-30",
    "16.10": "2017-07-20",
    "17.04": "2018-01-13",
    "17.10": "2018-07-19",
    "18.04": "2023-05-31",
    "18.10": "2019-07-18",
    "19.04": "2020-01-23",
    "19.10": "2020-07-17",
    "20.04": "2025-05-31",
    "20.10": "2021-07-22",
    "21.04": "2022-01-20",
    "21.10": "2022-07-14",
    "22.04": "2027-04-01",
    "22.10": "2023-07-20",
    "23.04": "2024-01-25",
    "23.10": "2024-07-11",
    "24.04": "2029-05-31",
    "24.10": "2025-07-10",
    "25.04": "2026-01-15",
  },
  // End of the maintenance phase: https://access.redhat.com/support/policy/updates/errata
  rhel: {
    "4": "2012-02-29",
    "5": "2017-03-31",
    "6": "2020-11-30",
    "7": "2024-06-30",
    "8": "2029-05-31",
    "9": "2032-05-31",
    "10": "2035-05-31",
  },
  // https://www.centos.org/centos-linux-eol/
  centos: { "5": "2017-03-31", "6": "2020-11-30", "7": "2024-06-30", "8": "2021-12-31" },
  // https://www.centos.org/cl-vs-cs/
  "centos-stream": { "8": "2024-05-31", "9": "2027-05-31" },
  // https://wiki.rockylinux.org/rocky/version/
  rocky: { "8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31" },
  // https://wiki.almalinux.org/release-notes/
  almalinux: { "8": "2029-03-01", "9": "2032-05-31", "10": "2035-05-31" },
  // Premier support: https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf
  ol: {
    "5": "2017-06-30",
    "6": "2021-03-01",
    "7": "2024-12-31",
    "8": "2029-07-31",
    "9": "2032-06-30",
    "10": "2035-06-30",
  },
  // https://aws.amazon.com/amazon-linux-2/faqs/ and https://docs.aws.amazon.com/linux/al2023/
  amzn: { "2017": "2023-12-31", "2018": "2023-12-31", "2": "2026-06-30", "2023": "2029-06-30" },
  // General support: https://www.suse.com/lifecycle
  sles: {
    "11.4": "2019-03-31",
    "12": "2016-06-30",
    "12.1": "2017-05-31",
    "12.2": "2018-03-31",
    "12.3": "2019-06-30",
    "12.4": "2020-06-30",
    "12.5": "2024-10-31",
    "15": "2019-12-31",
    "15.0": "2019-12-31",
    "15.1": "2021-01-31",
    "15.2": "2021-12-31",
    "15.3": "2022-12-31",
    "15.4": "2023-12-31",
    "15.5": "2024-12-31",
    "15.6": "2025-12-31",
    "15.7": "2031-07-31",
  },
  // https://en.opensuse.org/Lifetime
  "opensuse-leap": {
    "42.1": "2017-05-17",
    "42.2": "2018-01-26",
    "42.3": "2019-06-30",
    "15.0": "2019-12-03",
    "15.1": "2021-02-02",
    "15.2": "2022-01-04",
    "15.3": "2022-12-31",
    "15.4": "2023-12-07",
    "15.5": "2024-12-31",
    "15.6": "2026-04-30",
  },
  // https://docs.fedoraproject.org/en-US/releases/eol/
  fedora: {
    "35": "2022-12-13",
    "36": "2023-05-16",
    "37": "2023-12-05",
    "38": "2024-05-21",
    "39": "2024-11-26",
    "40": "2025-05-13",
  },
  // https://blogs.vmware.com/photon/
  photon: { "1.0": "2022-02-28", "2.0": "2022-12-31", "3.0": "2024-03-01" },
  // https://learn.microsoft.com/azure/azure-linux/support-cycle
  mariner: { "1.0": "2023-07-31", "2.0": "2025-07-31" },
  // https://www.mageia.org/support/
  mageia: { "5": "2017-12-31", "6": "2019-09-30", "7": "2021-06-30", "8": "2023-11-30" },
};

/**
 * The end of security support of a release, `YYYY-MM-DD`; undefined when none is known. `3.10.9` is looked up
 * as written, then as `3.10`, then as `3`.
 */
export function endOfLife(id: string, versionId: string): string | undefined {
  const dates = Object.hasOwn(endOfLifeDates, id) ? endOfLifeDates[id] : undefined;
  if (dates === undefined) return undefined;
  const parts = versionId.split(".", 3);
  for (const release of [versionId, parts.slice(0, 2).join("."), parts[0] ?? ""])
    if (Object.hasOwn(dates, release)) return dates[release];
  return undefined;
}
