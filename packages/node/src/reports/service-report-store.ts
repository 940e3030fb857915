import { checkOptions, optionIs, ScanError } from "@plimsoll/model";
import type { ReportStore } from "@plimsoll/model";
import { readReportInTurns } from "@plimsoll/report";
import { serviceClient } from "../network/service-client.ts";

/** A service (`plimsoll serve`) by its address. */
export interface ServiceReportStoreOptions {
  /** Address of the service: `https://plimsoll.example`. */
  readonly url: string;
  /** A token with read access, and write access if reports are put. */
  readonly token?: string | undefined;
  /** Default: through the proxies that the environment names. */
  readonly fetch?: typeof fetch | undefined;
}

/** Bytes of one report. */
const maxBytes = 256 * 1024 * 1024;

/** Statuses by which the service says that an image has no report: never scanned, not yet, or it could not be read. */
const without: ReadonlySet<number> = new Set([404, 409, 422]);

/** Milliseconds for one answer, asked for again if need be; who waits for an admission waits no longer than some seconds. */
const timeout = 30_000;

/**
 * A store that reads reports from a service, made with its current advisories. Putting a report stores its inventory, which the service matches
 * itself.
 * @throws TypeError for an invalid URL.
 */
export function serviceReportStore(options: ServiceReportStoreOptions): ReportStore {
  checkOptions("serviceReportStore", options, { url: optionIs.text, token: optionIs.text, fetch: optionIs.call });
  const { url, token } = options;
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new TypeError(`url: "${url}" is no http address`);
  const service = serviceClient({
    address: url,
    headers: () => (token === undefined ? {} : { authorization: `Bearer ${token}` }),
    fetch: options.fetch,
    totalTimeout: timeout,
  });

  return {
    label: service.label,
    async get(digest, call) {
      const path = `api/v1/images/${encodeURIComponent(digest)}/report?format=json`;
      const { status, bytes } = await service.ask(
        { path, accepts: without },
        `The report of ${digest}`,
        maxBytes,
        call,
      );
      if (without.has(status)) return undefined;
      const label = `${service.label} about ${digest}`;
      const report = await readReportInTurns(new TextDecoder().decode(bytes), { label });
      if (!("coverage" in report))
        throw new ScanError({ kind: "malformed-document", label, reason: "it is an inventory, and no report" });
      // What is known of one image is not known of another.
      if (report.artifact.digest !== undefined && report.artifact.digest !== digest)
        throw new ScanError({
          kind: "malformed-document",
          label,
          reason: `it is the report of ${report.artifact.digest}`,
        });
      return report;
    },
    async put(digest, { schemaVersion, artifact, packages, diagnostics }, call) {
      const body = JSON.stringify({ schemaVersion, artifact: { ...artifact, digest }, packages, diagnostics });
      const headers = { "content-type": "application/json" };
      const question = { path: "api/v1/inventories", method: "POST", headers, body } as const;
      await service.ask(question, `The answer of ${service.label}`, maxBytes, call);
    },
  };
}
