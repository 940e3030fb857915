import { jsonIn, listField, record, textField } from "@plimsoll/formats";
import { ScanError, checkOptions, optionIs, request, requestBytes } from "@plimsoll/model";
import type {
  Advisory,
  AdvisoryKey,
  AdvisoryStore,
  AffectedPackage,
  CallOptions,
  OutgoingRequest,
  SourceInfo,
  TransportOptions,
} from "@plimsoll/model";
import { definedEcosystems } from "../feeds/osv/defined-ecosystems.ts";
import { ecosystemBase } from "../feeds/shared/osv-names.ts";
import { readOsvRecord } from "../feeds/osv/record.ts";
import { objectsField } from "../feeds/shared/untrusted-json.ts";

/** How the API of OSV is asked. */
export interface OsvOnlineOptions {
  /** Default: `https://api.osv.dev`. */
  readonly url?: string | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** Requests at once; default 8. */
  readonly concurrency?: number | undefined;
  /** Milliseconds before a request is repeated, doubled each time; default 500. */
  readonly retryDelay?: number | undefined;
}

/**
 * The public database over its API (https://google.github.io/osv.dev/api/), for callers who want no database of their own. The service
 * filters by version; its answers are judged again like those of any store. It has no enrichments. Every package name and version of an
 * image is sent to the service.
 */
export function osvOnline(options: OsvOnlineOptions = {}): AdvisoryStore {
  checkOptions("osvOnline", options, {
    url: optionIs.text,
    fetch: optionIs.call,
    concurrency: optionIs.count,
    retryDelay: optionIs.count,
  });
  return new OsvOnline(options);
}

/** The API's own ceiling. */
const maxQueries = 1000;

/** Pages of one package's ids; the longest real lists have some dozens. */
const maxPages = 200;

/** Repetitions of a request that fails for a passing reason. */
const retries = 3;

/** Bytes of an answer: a thousand lists of ids, or one record. */
const maxAnswer = 64 * 1024 * 1024;

class OsvOnline implements AdvisoryStore {
  readonly revision: string;
  readonly sources: readonly SourceInfo[] = [{ id: "osv.dev", records: 0 }];
  readonly #url: string;
  readonly #concurrency: number;
  readonly #transport: TransportOptions;
  readonly #records = new Map<string, Promise<Advisory | undefined>>();

  constructor({ url = "https://api.osv.dev", fetch: send, concurrency = 8, retryDelay = 500 }: OsvOnlineOptions) {
    this.#url = url.replace(/\/$/, "");
    this.#concurrency = concurrency;
    this.#transport = { fetch: send, retries, backoff: retryDelay };
    this.revision = `online:${this.#url}`;
  }

  covers(namespace: string): boolean {
    return definedEcosystems.has(ecosystemBase(namespace));
  }

  async find(
    keys: readonly AdvisoryKey[],
    options: CallOptions = {},
  ): Promise<readonly (readonly AffectedPackage[])[]> {
    const asked = keys.map((key, at) => ({ key, at })).filter(({ key }) => this.covers(key.namespace));
    const ids: string[][] = keys.map(() => []);
    for (let start = 0; start < asked.length; start += maxQueries) {
      const part = asked.slice(start, start + maxQueries);
      await this.#collectIds(
        part.map(({ key, at }) => ({ key, ids: ids[at] ?? [] })),
        options,
      );
    }
    await this.read([...new Set(ids.flat())], options);
    return Promise.all(
      keys.map(async ({ namespace, name }, at) => {
        const advisories = await Promise.all((ids[at] ?? []).map((id) => this.#records.get(id)));
        return advisories.flatMap(
          (advisory) =>
            advisory?.affected.filter((entry) => entry.namespace === namespace && entry.name === name) ?? [],
        );
      }),
    );
  }

  async read(ids: readonly string[], options: CallOptions = {}): Promise<readonly (Advisory | undefined)[]> {
    const left = [...new Set(ids)].filter((id) => !this.#records.has(id));
    const worker = async (): Promise<void> => {
      for (let id = left.pop(); id !== undefined; id = left.pop()) await this.#record(id, options);
    };
    await Promise.all(Array.from({ length: this.#concurrency }, worker));
    return Promise.all(ids.map((id) => this.#records.get(id)));
  }

  async enrich(cves: readonly string[]): Promise<readonly undefined[]> {
    return cves.map(() => undefined);
  }

  async #collectIds(queries: readonly { key: AdvisoryKey; ids: string[] }[], options: CallOptions): Promise<void> {
    let open = queries.map((query) => ({ ...query, page: "" }));
    for (let page = 0; open.length > 0; page++) {
      if (page >= maxPages) throw this.#failure("it keeps sending further pages");
      const body = JSON.stringify({
        queries: open.map(({ key, page: token }) => ({
          package: { ecosystem: key.namespace, name: key.name },
          version: key.version,
          ...(token === "" ? {} : { page_token: token }),
        })),
      });
      const answer = await this.#json("/v1/querybatch", options, { method: "POST", body });
      const results = listField(record(answer), "results");
      if (results.length !== open.length)
        throw this.#failure("its answer has another number of results than the queries sent");
      open = open.flatMap((query, at) => {
        const result = record(results[at]);
        for (const found of objectsField(result, "vulns")) query.ids.push(textField(found, "id") ?? "");
        const next = textField(result, "next_page_token");
        return next === undefined ? [] : [{ ...query, page: next }];
      });
    }
  }

  async #record(id: string, options: CallOptions): Promise<void> {
    const record = this.#fetchRecord(id, options);
    this.#records.set(id, record);
    // A failure is not remembered, so that the next call may succeed.
    await record.catch((error: unknown) => {
      this.#records.delete(id);
      throw error;
    });
  }

  async #fetchRecord(id: string, options: CallOptions): Promise<Advisory | undefined> {
    if (id === "") return undefined;
    const answer = await this.#json(`/v1/vulns/${encodeURIComponent(id)}`, options);
    for (const record of readOsvRecord(answer, id, undefined)) if (record.kind === "advisory") return record.advisory;
    return undefined;
  }

  /** Undefined for what is not there. */
  async #json(
    path: string,
    { signal }: CallOptions,
    question: Pick<OutgoingRequest, "method" | "body"> = {},
  ): Promise<unknown> {
    const ask = (once: TransportOptions): Promise<Response> =>
      request({ ...question, url: this.#url + path, label: this.#url }, once);
    const { response, bytes } = await requestBytes(ask, this.#url, maxAnswer, { ...this.#transport, signal });
    if (response.status === 404) return undefined;
    if (!response.ok) throw this.#failure(`it answered ${response.status}`);
    const answer = jsonIn(bytes);
    if (answer === undefined) throw this.#failure("its answer is no JSON");
    return answer;
  }

  #failure(reason: string): ScanError {
    return new ScanError({ kind: "network", label: this.#url, reason });
  }
}
