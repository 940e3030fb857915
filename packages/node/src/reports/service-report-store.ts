import { checkOptions, optionIs, ScanError, signalAfter, collectBytes, firstBytes } from "@plimsoll/model";
import type { CallOptions, ReportStore } from "@plimsoll/model";
import { readReport } from "@plimsoll/report";
import { systemFetch } from "../network/system-fetch.ts";

/** A service (`plimsoll serve`) by its address. */
export interface ServiceReportStoreOptions {
  /** `https://plimsoll.example` */
  readonly url: string;
  /** A token that may read, and write where reports are put. */
  readonly token?: string | undefined;
  /** Default: through the proxies that the environment names. */
  readonly fetch?: typeof fetch | undefined;
}

/** Bytes of one report. */
const maxBytes = 256 * 1024 * 1024;

/** Statuses by which the service says that an image has no report: never scanned, not yet, or it could not be read. */
const without: ReadonlySet<number> = new Set([404, 409, 422]);

/** Milliseconds for one answer; who waits for an admission waits no longer than some seconds. */
const timeout = 30_000;

/**
 * The reports of a service: what is wrong with an image by the advisories of now. What is put there is the inventory of the report, which the service matches
 * itself and from then on.
 * @throws TypeError for an address that is none.
 */
export function serviceReportStore(options: ServiceReportStoreOptions): ReportStore {
  checkOptions("serviceReportStore", options, { url: optionIs.text, token: optionIs.text, fetch: optionIs.call });
  const { url, token } = options;
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new TypeError(`url: "${url}" is no http address`);
  const base = url.endsWith("/") ? url : `${url}/`;
  const send = options.fetch ?? systemFetch();
  const authorization: Readonly<Record<string, string>> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };

  async function ask(path: string, init: RequestInit, { signal }: CallOptions): Promise<Response> {
    const headers = { ...authorization, ...(init.headers as Readonly<Record<string, string>> | undefined) }; // as: written below
    try {
      return await send(new URL(path, base).href, {
        ...init,
        headers,
        redirect: "error",
        signal: signalAfter(timeout, signal),
      });
    } catch (error) {
      signal?.throwIfAborted();
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ScanError({ kind: "network", label: base, reason }, { cause: error });
    }
  }

  async function refusal(response: Response): Promise<ScanError> {
    const reason = `it answers ${response.status}: ${textOf(await firstBytes(response.body, 500)).trim()}`;
    const kind = response.status === 401 || response.status === 403 ? "unauthorized" : "network";
    return new ScanError({ kind, label: base, reason });
  }

  return {
    label: base,
    async get(digest, call = {}) {
      const response = await ask(`api/v1/images/${encodeURIComponent(digest)}/report?format=json`, {}, call);
      if (without.has(response.status)) {
        await response.body?.cancel();
        return undefined;
      }
      if (!response.ok) throw await refusal(response);
      const label = `${base} about ${digest}`;
      const report = readReport(textOf(await collectBytes(response.body, `The report of ${digest}`, maxBytes)), {
        label,
      });
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
    async put(digest, { schemaVersion, artifact, packages, diagnostics }, call = {}) {
      const body = JSON.stringify({ schemaVersion, artifact: { ...artifact, digest }, packages, diagnostics });
      const headers = { "content-type": "application/json" };
      const response = await ask("api/v1/inventories", { method: "POST", headers, body }, call);
      if (!response.ok) throw await refusal(response);
      await response.body?.cancel();
    },
  };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
