import type { FileAnalyzer } from "@plimsoll/model";
import { parseStatus } from "../shared/reading/dpkg-status.ts";
import { maxTextDatabaseBytes } from "../shared/reading/package-limit.ts";

const database = "var/lib/dpkg/status";

/** The dpkg database, and the one-file-per-package form of images without dpkg, such as distroless. */
export const status: FileAnalyzer = {
  kind: "file",
  id: "deb/status",
  revision: 1,
  matches: [{ path: database }, { directory: "var/lib/dpkg/status.d" }],
  maxBytes: maxTextDatabaseBytes,
  async *analyze(file) {
    // `status.d/libc6.md5sums` is a list of files.
    if (!file.path.endsWith(".md5sums")) yield* parseStatus(file, await file.text(), file.path === database);
  },
};
