import type { FileAnalyzer } from "@plimsoll/model";
import { parseStatus } from "../shared/reading/dpkg-status.ts";
import { maxTextDatabaseBytes } from "../shared/reading/package-limit.ts";

const database = "var/lib/dpkg/status";

/** What lies beside the packages of `status.d`: their checksums, scripts and lists, named as in `info` of dpkg. */
const besidePackages = /\.(?:md5sums|list|conffiles|(?:pre|post)(?:inst|rm)|triggers|shlibs|symbols|templates)$/;

/** The dpkg database, and the one-file-per-package form of images without dpkg, such as distroless. */
export const status: FileAnalyzer = {
  kind: "file",
  id: "deb/status",
  revision: 3,
  matches: [{ path: database }, { directory: "var/lib/dpkg/status.d" }],
  maxBytes: maxTextDatabaseBytes,
  async *analyze(file) {
    if (!besidePackages.test(file.path)) yield* parseStatus(file, await file.text(), file.path === database);
  },
};
