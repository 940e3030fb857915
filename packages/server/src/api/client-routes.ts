import type { AdvisoryKey } from "@plimsoll/model";
import { HttpError } from "../http/http-error.ts";
import { readBytes, readJson } from "../http/request-body.ts";
import type { Parameter, Route } from "../http/route.ts";
import { withAdvisories } from "../service-core.ts";
import type { ServiceCore } from "../service-core.ts";

/** The most entries of one request. */
const maxEntries = 20_000;

/** The most results that one request asks for. */
const maxResults = 10_000;

/** Bytes of an answer with many results; what is beyond counts as unknown, and the client reads those layers. */
const maxManyBytes = 256 * 1024 * 1024;

/** Results that are asked for before their turn: each may be a request to a bucket far away. */
const readAhead = 4;

/** The most bytes of the results of one layer. */
const maxResultBytes = 64 * 1024 * 1024;

const json = ["application/json"];
const texts = { type: "array", items: { type: "string" }, maxItems: maxEntries } as const;

const keyParameter: Parameter = {
  name: "key",
  in: "query",
  description: "What the result is of: digest of the layer, analyzer and its revision.",
  schema: { type: "string", maxLength: 1_000 },
  required: true,
};

/**
 * Routes for clients that read images themselves (`plimsoll image --server`): they match packages with the service's advisories and share cached
 * layer results.
 */
export function clientRoutes(core: ServiceCore): readonly Route[] {
  const query: Route = {
    method: "post",
    path: "/api/v1/advisories",
    operation: "queryAdvisories",
    tag: "clients",
    summary: "The current advisories by package name, by advisory id and by CVE id",
    access: "read",
    body: {
      description: "The response has a list of the same length for each.",
      mediaTypes: json,
      schema: {
        type: "object",
        properties: {
          namespaces: texts,
          keys: {
            type: "array",
            maxItems: maxEntries,
            items: {
              type: "object",
              properties: { namespace: { type: "string" }, name: { type: "string" }, version: { type: "string" } },
              required: ["namespace", "name", "version"],
            },
          },
          ids: texts,
          cves: texts,
        },
      },
    },
    responses: { 200: { description: "The answers", mediaTypes: json, schema: { type: "object" } } },
    async handle({ request, signal }) {
      const body = await readJson(request, json, 16 * 1024 * 1024);
      if (body === null || typeof body !== "object") throw new HttpError(400, "the body is no object");
      const { namespaces = [], keys = [], ids = [], cves = [] } = body as Readonly<Record<string, unknown>>; // as: checked
      if (![namespaces, ids, cves].every(isTexts))
        throw new HttpError(400, "namespaces, ids and cves are lists of strings");
      if (!isKeys(keys)) throw new HttpError(400, '"keys" is a list of { namespace, name, version }');
      const named = { namespaces, ids, cves } as Readonly<Record<"namespaces" | "ids" | "cves", readonly string[]>>; // as: checked
      return withAdvisories(core, async (lease) => {
        if (lease === undefined) throw new HttpError(503, "there is no advisory database yet", { "retry-after": "30" });
        const { store } = lease;
        return Response.json({
          revision: store.revision,
          sources: store.sources,
          diagnostics: store.diagnostics ?? [],
          covers: named.namespaces.map((namespace) => store.covers(namespace)),
          found: await store.find(keys, { signal }),
          advisories: (await store.read(named.ids, { signal })).map((advisory) => advisory ?? null),
          enrichments: (await store.enrich(named.cves, { signal })).map((enrichment) => enrichment ?? null),
        });
      });
    },
  };

  const read: Route = {
    method: "get",
    path: "/api/v1/layer-results",
    operation: "getLayerResult",
    tag: "clients",
    summary: "The result of an analyzer for a layer, from this service or from a client with the same credential",
    access: "read",
    parameters: [keyParameter],
    responses: {
      200: { description: "The result", mediaTypes: ["application/octet-stream"], schema: { type: "string" } },
      404: { description: "There is no result for that layer yet" },
    },
    async handle({ query: parameters, actor }) {
      const value = await core.results.ofClient(actor.credential).get(keyOf(parameters));
      if (value === undefined) throw new HttpError(404, "there is no result for that layer yet");
      // as: never shared memory
      return new Response(value as Uint8Array<ArrayBuffer>, {
        headers: { "content-type": "application/octet-stream" },
      });
    },
  };

  const readMany: Route = {
    method: "post",
    path: "/api/v1/layer-results",
    operation: "getLayerResults",
    tag: "clients",
    summary: "Results of analyzers for many layers at once",
    access: "read",
    audited: false,
    body: {
      description: "`{ keys }`: what the results are of.",
      mediaTypes: json,
      schema: {
        type: "object",
        properties: { keys: { type: "array", items: { type: "string", maxLength: 1_000 }, maxItems: maxResults } },
        required: ["keys"],
      },
    },
    responses: {
      200: {
        description:
          "The results in the order of the keys: for each its length, a 32-bit big-endian integer, and its bytes. The length 4294967295 means that there is no result.",
        mediaTypes: ["application/octet-stream"],
        schema: { type: "string" },
      },
    },
    async handle({ request, actor }) {
      const body = (await readJson(request, json, 16 * 1024 * 1024)) as { readonly keys?: unknown } | null; // as: checked below
      const keys = body?.keys;
      if (!isTexts(keys) || keys.length > maxResults || !keys.every((key) => key !== "" && key.length <= 1_000))
        throw new HttpError(400, `"keys" is a list of at most ${maxResults} texts of 1 to 1000 characters`);
      const results = core.results.ofClient(actor.credential);
      let left = maxManyBytes;
      const ahead: Promise<Uint8Array | undefined>[] = [];
      let asked = 0;
      const stream = new ReadableStream<Uint8Array>({
        async pull(controller) {
          for (; ahead.length < readAhead && asked < keys.length; asked++) {
            const coming = left > 0 ? results.get(keys[asked] ?? "") : Promise.resolve(undefined);
            // It fails when its turn comes, which may be never.
            coming.catch(() => undefined);
            ahead.push(coming);
          }
          const next = ahead.shift();
          if (next === undefined) return controller.close();
          const found = await next;
          const value = found !== undefined && found.length <= left ? found : undefined;
          left -= value?.length ?? 0;
          const length = new Uint8Array(4);
          new DataView(length.buffer).setUint32(0, value?.length ?? noResult);
          controller.enqueue(length);
          if (value !== undefined && value.length > 0) controller.enqueue(value);
        },
      });
      return new Response(stream, { headers: { "content-type": "application/octet-stream" } });
    },
  };

  const write: Route = {
    method: "put",
    path: "/api/v1/layer-results",
    operation: "putLayerResult",
    tag: "clients",
    summary: "Store the result of an analyzer for a layer; only clients with the same credential can read it",
    access: "write",
    audited: false,
    parameters: [keyParameter],
    body: { description: "The result.", mediaTypes: ["application/octet-stream"], schema: { type: "string" } },
    responses: { 204: { description: "Stored" } },
    async handle({ request, query: parameters, actor }) {
      const results = core.results.ofClient(actor.credential);
      await results.set(keyOf(parameters), await readBytes(request, maxResultBytes));
      return new Response(null, { status: 204 });
    },
  };

  return [query, read, readMany, write];
}

/** Stands in place of a result's length where there is no result. */
const noResult = 0xff_ff_ff_ff;

function keyOf(parameters: URLSearchParams): string {
  const key = parameters.get("key") ?? "";
  if (key === "" || key.length > 1_000) throw new HttpError(400, '"key" has 1 to 1000 characters');
  return key;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= maxEntries && value.every((entry) => typeof entry === "string");
}

function isKeys(value: unknown): value is readonly AdvisoryKey[] {
  return (
    Array.isArray(value) &&
    value.length <= maxEntries &&
    value.every((entry: unknown) => {
      if (entry === null || typeof entry !== "object") return false;
      const { namespace, name, version } = entry as Readonly<Record<string, unknown>>; // as: checked
      return [namespace, name, version].every((word) => typeof word === "string");
    })
  );
}
