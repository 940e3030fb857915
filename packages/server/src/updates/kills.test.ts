import { memoryCache } from "@plimsoll/inventory";
import type { AdvisoryStore } from "@plimsoll/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/open-database.ts";
import { alpineLayer, alpineStore } from "../fixtures/alpine.ts";
import { hookReceiver } from "../fixtures/hook-receiver.ts";
import type { HookReceiver } from "../fixtures/hook-receiver.ts";
import { layerHost } from "../fixtures/layer-host.ts";
import type { LayerHost } from "../fixtures/layer-host.ts";
import { testDatabases } from "../fixtures/test-databases.ts";
import { serviceOn } from "../service.ts";
import type { Service } from "../service.ts";

const before = alpineStore([{ cve: "CVE-2024-0001", name: "musl", fixed: "1.2.5-r1" }]);
const after = alpineStore([{ cve: "CVE-2024-0002", name: "openssl", severity: "CRITICAL" }]);

/** Places at which the process dies, spread over everything it asks the database for. */
const places = 20;

/** The last is a real server, where there is one. */
const database = testDatabases[testDatabases.length - 1]!;

describe(`a service on ${database.name} whose process is killed`, () => {
  let host: LayerHost;
  let hooks: HookReceiver;

  beforeAll(async () => {
    [host, hooks] = await Promise.all([layerHost(), hookReceiver()]);
  });

  afterAll(async () => {
    await Promise.all([host.close(), hooks.close()]);
  });

  function serve(opened: Database, store: () => AdvisoryStore): Service {
    return serviceOn(Promise.resolve(opened), {
      advisories: () => Promise.resolve(store()),
      allowLayerHosts: ["127.0.0.1"],
      cache: memoryCache(),
      sealingKey: new Uint8Array(32).fill(7),
      pollInterval: 10,
      retryDelay: 0,
      notifier: { webhook: { target: hooks.url, callback: "http://service/notifier/api/v1/notification/" } },
    });
  }

  async function index(service: Service, manifest: object): Promise<boolean> {
    const body = JSON.stringify(manifest);
    const signal = AbortSignal.timeout(60_000);
    const response = await service.fetch(
      new Request("http://service/indexer/api/v1/index_report", { method: "POST", body, signal }),
    );
    return response.status === 201 && ((await response.json()) as { success: boolean }).success;
  }

  /** Indexes two manifests, updates the advisories, and waits for the notification, as far as life goes. */
  async function live(
    life: { left: number },
    manifests: readonly object[],
  ): Promise<{ acknowledged: readonly object[] }> {
    let store = before;
    const service = serve(await database.reopen(life), () => store);
    const acknowledged: object[] = [];
    const told = hooks.received.length;
    try {
      await service.ready;
      for (const manifest of manifests) if (await index(service, manifest)) acknowledged.push(manifest);
      store = after;
      await service.refresh();
      while (life.left >= 0 && hooks.received.length === told) await new Promise((resolve) => setTimeout(resolve, 5));
      // The delivery is written down after the receiver answered.
      await new Promise((resolve) => setTimeout(resolve, 30));
    } catch {
      // It died: the database is not there for it any more.
    }
    await service.close({ grace: 0 }).catch(() => undefined);
    return { acknowledged };
  }

  test(`at any of ${places} places has lost nothing that it acknowledged, and tells every change`, async () => {
    const manifests = await Promise.all(
      ["a", "b"].map((app) =>
        host.manifest([alpineLayer({ musl: "1.2.5-r0", openssl: "3.3.0-r2" }), { "srv/app": app }]),
      ),
    );
    await database.open();
    const whole = { left: 1_000_000 };
    await live(whole, manifests);
    const statements = 1_000_000 - whole.left;
    expect(statements).toBeGreaterThan(places);

    for (let place = 0; place < places; place++) {
      const opened = await database.open();
      hooks.received.length = 0;
      const at = Math.floor((statements * place) / places);
      const { acknowledged } = await live({ left: at }, manifests);
      const service = serve(await database.reopen({ left: 1_000_000 }), () => after);
      await service.ready;
      await service.refresh();

      for (const manifest of acknowledged) {
        const { hash } = manifest as { hash: string };
        const response = await service.fetch(new Request(`http://service/indexer/api/v1/index_report/${hash}`));
        expect(await response.json(), `killed before statement ${at}`).toMatchObject({ state: "IndexFinished" });
      }
      // What was asked for and not answered can be asked for again.
      for (const manifest of manifests) expect(await index(service, manifest)).toBe(true);
      const undelivered = async (): Promise<number> =>
        (await opened.queries.selectFrom("delivery").select("id").where("state", "<>", "done").execute()).length;
      for (let turn = 0; turn < 2_000 && (await undelivered()) > 0; turn++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect(await undelivered(), `killed before statement ${at}`).toBe(0);
      const notifications = await opened.queries.selectFrom("notification").select(["id", "inventories"]).execute();
      const told = new Set(
        hooks.received.map(({ body }) => (JSON.parse(body) as { notification_id: string }).notification_id),
      );
      expect(notifications.map(({ id }) => id).filter((id) => !told.has(id))).toEqual([]);
      // Manifests that were there before the update are told of, once; one may have been, and its process died before it said so.
      const counts = notifications.map(({ inventories }) => inventories);
      if (acknowledged.length > 0) expect(counts).toHaveLength(1);
      for (const count of counts) expect(count).toBeGreaterThanOrEqual(acknowledged.length);
      const findings = await opened.queries.selectFrom("finding").select("vulnerability").execute();
      expect(findings).toEqual([{ vulnerability: "CVE-2024-0002" }]);
      await service.close();
    }
  });
});
