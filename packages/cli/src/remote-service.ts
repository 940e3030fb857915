// The service as a client of it sees it: `plimsoll image --server`. The image is read here, as always, but for layers that the service read; what
// was read here is kept for this credential, advisories are the service's, and it keeps the inventory to watch it from then on.
import { jsonIn } from "@plimsoll/formats";
import { everyEcosystem } from "@plimsoll/ecosystems";
import { keysOfPackage, ScanError } from "@plimsoll/model";
import type {
  Advisory,
  AdvisoryStore,
  AffectedPackage,
  Cache,
  CallOptions,
  Enrichment,
  Inventory,
  SourceInfo,
  Diagnostic,
} from "@plimsoll/model";
import { serviceClient } from "@plimsoll/node";

/** A client of a Plimsoll service. */
export interface RemoteService {
  /** Layer results cached by the service. If the service does not return or accept one, the layer is read again. */
  readonly cache: Cache;
  /** The service's advisories for the packages of an inventory. @throws ScanError when the service cannot be reached. */
  advisoriesFor(inventory: Inventory, options: CallOptions): Promise<AdvisoryStore>;
  /** Stores an inventory in the service. @throws ScanError when that fails. */
  keep(inventory: Inventory, options: CallOptions): Promise<void>;
}

interface Answer {
  readonly revision: string;
  readonly sources: readonly SourceInfo[];
  readonly diagnostics: readonly Diagnostic[];
  readonly covers: readonly boolean[];
  readonly found: readonly (readonly AffectedPackage[])[];
  readonly advisories: readonly (Advisory | null)[];
  readonly enrichments: readonly (Enrichment | null)[];
}

/** Entries of one question: half of what the service takes. */
const perQuestion = 10_000;

/** Bytes of an answer of the service, or of Clair; no results of a layer are larger. */
export const maxServiceAnswer: number = 512 * 1024 * 1024;

const jsonHeaders = { "content-type": "application/json" };

/** Connects to the service at an address, with a token where it wants one. */
export function remoteService(address: string, token: string | undefined): RemoteService {
  const service = serviceClient({
    address,
    headers: () => (token === undefined ? {} : { authorization: `Bearer ${token}` }),
  });
  const { label } = service;
  const what = `The answer of ${label}`;

  async function query(question: object, options: CallOptions): Promise<Answer> {
    const body = JSON.stringify(question);
    const asked = { path: "api/v1/advisories", method: "POST", headers: jsonHeaders, body } as const;
    const { bytes } = await service.ask(asked, what, maxServiceAnswer, options);
    const answer = jsonIn(bytes);
    if (answer === undefined)
      throw new ScanError({ kind: "malformed-document", label, reason: "its answer is no JSON" });
    return answer as Answer; // as: the service's own form, of the same version or a newer one
  }

  /** What the service knows of layers, in one question. */
  async function resultsOf(
    keys: readonly string[],
    options: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const body = JSON.stringify({ keys });
    const asked = { path: "api/v1/layer-results", method: "POST", headers: jsonHeaders, body, retries: 0 } as const;
    const { bytes } = await service.ask(asked, what, maxServiceAnswer, options);
    return splitResults(bytes, keys.length);
  }

  async function inParts<Entry, Result>(
    entries: readonly Entry[],
    part: (some: readonly Entry[]) => Promise<readonly Result[]>,
  ): Promise<readonly Result[]> {
    const results: Result[] = [];
    for (let at = 0; at < entries.length; at += perQuestion)
      results.push(...(await part(entries.slice(at, at + perQuestion))));
    return results;
  }

  return {
    cache: {
      // Not asked again: to read a layer here is what helps at once.
      async get(key) {
        const asked = { path: `api/v1/layer-results?key=${encodeURIComponent(key)}`, retries: 0 };
        return service.ask(asked, what, maxServiceAnswer).then(
          ({ bytes }) => bytes,
          () => undefined,
        );
      },
      async getMany(keys, options = {}) {
        const results: (Uint8Array | undefined)[] = [];
        for (let at = 0; at < keys.length; at += perQuestion)
          results.push(...(await resultsOf(keys.slice(at, at + perQuestion), options).catch(() => [])));
        options.signal?.throwIfAborted();
        return results.length === keys.length ? results : keys.map(() => undefined);
      },
      async set(key, body) {
        const path = `api/v1/layer-results?key=${encodeURIComponent(key)}`;
        const headers = { "content-type": "application/octet-stream" };
        await service
          .ask({ path, method: "PUT", headers, body, retries: 0 }, what, maxServiceAnswer)
          .catch(() => undefined);
      },
    },
    async advisoriesFor(inventory, options) {
      const namespaces = namespacesOf(inventory);
      const { revision, sources, diagnostics, covers } = await query({ namespaces }, options);
      const covered = new Set(namespaces.filter((_, at) => covers[at] === true));
      return {
        revision,
        sources,
        diagnostics,
        covers: (namespace) => covered.has(namespace),
        find: (keys, call = {}) => inParts(keys, async (some) => (await query({ keys: some }, call)).found),
        read: (ids, call = {}) =>
          inParts(ids, async (some) =>
            (await query({ ids: some }, call)).advisories.map((advisory) => advisory ?? undefined),
          ),
        enrich: (cves, call = {}) =>
          inParts(cves, async (some) =>
            (await query({ cves: some }, call)).enrichments.map((found) => found ?? undefined),
          ),
      };
    },
    async keep(inventory, options) {
      const asked = {
        path: "api/v1/inventories",
        method: "POST",
        headers: jsonHeaders,
        body: JSON.stringify(inventory),
      } as const;
      await service.ask(asked, what, maxServiceAnswer, options);
    },
  };
}

/** Results of layers as the service sends them: the length of each in four bytes, all of them set where there is none, and its bytes. */
function splitResults(bytes: Uint8Array, count: number): readonly (Uint8Array | undefined)[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const results: (Uint8Array | undefined)[] = [];
  for (let at = 0; results.length < count;) {
    const length = view.getUint32(at);
    at += 4;
    if (length === 0xff_ff_ff_ff) results.push(undefined);
    else if (at + length > bytes.length) throw new RangeError("the answer ends within a result");
    else results.push(bytes.slice(at, (at += length)));
  }
  return results;
}

function namespacesOf({ packages, artifact }: Inventory): readonly string[] {
  const ecosystems = new Map(everyEcosystem.map((ecosystem) => [ecosystem.id, ecosystem]));
  const keys = packages.flatMap((pkg) => keysOfPackage(ecosystems.get(pkg.ecosystem), pkg, artifact.distro));
  return [...new Set(keys.map(({ namespace }) => namespace))].sort();
}
