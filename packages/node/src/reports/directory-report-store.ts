import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ScanError, isDigest } from "@plimsoll/model";
import type { ReportStore } from "@plimsoll/model";
import { json, readReportInTurns, renderInTurns } from "@plimsoll/report";
import { errorCode } from "../system-errors.ts";

/** The most bytes of a file that is read. No report of one image has as many. */
const maxBytes = 256 * 1024 * 1024;

/**
 * A store that keeps reports in a directory, one file for each image digest, as `--format json` writes them. Several processes may write; readers
 * never see partial files. A file that is no report is an error, never an image without findings.
 */
export function directoryReportStore(directory: string): ReportStore {
  /** @throws ScanError `invalid-option` for what is no digest. */
  const pathOf = (digest: string): string => {
    // It becomes the name of a file.
    if (!isDigest(digest))
      throw new ScanError({
        kind: "invalid-option",
        option: `digest "${digest.slice(0, 200)}"`,
        reason: "it is no digest",
      });
    return join(directory, `${digest.replace(":", "-")}.json`);
  };
  return {
    label: directory,
    async get(digest) {
      const path = pathOf(digest);
      const malformed = (reason: string): ScanError =>
        new ScanError({ kind: "malformed-document", label: path, reason });
      let text: string;
      try {
        if ((await stat(path)).size > maxBytes) throw malformed(`it is larger than ${maxBytes} bytes`);
        text = await readFile(path, "utf8");
      } catch (error) {
        if (errorCode(error) === "ENOENT") return undefined;
        throw error;
      }
      const read = await readReportInTurns(text, { label: path });
      if (!("coverage" in read)) throw malformed("it is an inventory, and no report");
      // Somebody renamed or copied it: what is known of one image is not known of another.
      if (read.artifact.digest !== undefined && read.artifact.digest !== digest)
        throw malformed(`it is the report of ${read.artifact.digest}`);
      return read;
    },
    async put(digest, report) {
      const path = pathOf(digest);
      await mkdir(directory, { recursive: true });
      const aside = `${path}.${randomUUID()}.tmp`;
      try {
        await writeFile(aside, await renderInTurns(json(), report));
        await rename(aside, path);
      } catch (error) {
        await rm(aside, { force: true });
        throw error;
      }
    },
  };
}
