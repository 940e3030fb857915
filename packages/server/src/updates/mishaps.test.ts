import { memoryCache } from "@plimsoll/inventory";
import type { AdvisoryStore } from "@plimsoll/model";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { alpineLayer, alpineStore } from "../fixtures/alpine.ts";
import { hookReceiver } from "../fixtures/hook-receiver.ts";
import type { HookReceiver } from "../fixtures/hook-receiver.ts";
import { layerHost } from "../fixtures/layer-host.ts";
import type { LayerHost } from "../fixtures/layer-host.ts";
import { testDatabases } from "../fixtures/test-databases.ts";
import type { BeforeStatement } from "../fixtures/disturbed-dialect.ts";
import { serviceOn } from "../service.ts";
import type { Service } from "../service.ts";

const day = 86_400_000;
const before = alpineStore([{ cve: "CVE-2024-0001", name: "musl", fixed: "1.2.5-r1" }]);
const after = alpineStore([{ cve: "CVE-2024-0002", name: "openssl", severity: "CRITICAL" }]);

let host: LayerHost;
let hooks: HookReceiver;

beforeAll(async () => {
  [host, hooks] = await Promise.all([layerHost(), hookReceiver()]);
});

afterAll(async () => {
  await Promise.all([host.close(), hooks.close()]);
});

async function post(service: Service, manifest: object): Promise<{ readonly status: number; readonly body: unknown }> {
  const init = { method: "POST", body: JSON.stringify(manifest) };
  const response = await service.fetch(new Request("http://service/indexer/api/v1/index_report", init));
  return { status: response.status, body: await response.json() };
}

async function read(service: Service, path: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await service.fetch(new Request(`http://service/${path}`));
  return { status: response.status, body: await response.json() };
}

function manifestOf(app: string): Promise<object> {
  return host.manifest([alpineLayer({ musl: "1.2.5-r0", openssl: "3.3.0-r2" }), { "srv/app": app }]);
}

async function vulnerabilities(service: Service, manifest: object): Promise<readonly string[]> {
  const { hash } = manifest as { hash: string };
  const { status, body } = await read(service, `matcher/api/v1/vulnerability_report/${hash}`);
  expect(status).toBe(201);
  return Object.values((body as { vulnerabilities: Record<string, { name: string }> }).vulnerabilities).map(
    ({ name }) => name,
  );
}

describe.each(testDatabases)("a service on $name", (database) => {
  let store: AdvisoryStore = before;
  let now = Date.parse("2026-01-01T00:00:00Z");

  beforeEach(async () => {
    store = before;
    hooks.received.length = 0;
    await database.open();
  });

  async function serve(mishap: BeforeStatement): Promise<Service> {
    const service = serviceOn(database.reopen(mishap), {
      advisories: () => Promise.resolve(store),
      allowLayerHosts: ["127.0.0.1"],
      cache: memoryCache(),
      sealingKey: new Uint8Array(32).fill(7),
      pollInterval: 10,
      retryDelay: 0,
      now: () => new Date(now),
      notifier: { webhook: { target: hooks.url, callback: "http://service/notifier/api/v1/notification/" } },
    });
    await service.ready;
    return service;
  }

  async function told(count: number): Promise<void> {
    while (hooks.received.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  test("whose disk is full acknowledges nothing, still answers what it knows, and goes on when there is room", async () => {
    const [first, second] = await Promise.all([manifestOf("a"), manifestOf("b")]);
    let full = false;
    const service = await serve((text) => {
      if (full && /^\s*(?:insert|update|create|with)\b/i.test(text))
        throw Object.assign(new Error("could not extend file: No space left on device"), { code: "53100" });
    });
    expect((await post(service, first)).status).toBe(201);

    full = true;
    const refused = await post(service, second);
    expect(refused).toMatchObject({ status: 507, body: { code: "insufficient-storage" } });
    expect(JSON.stringify(refused.body)).not.toContain("No space left");
    expect(await read(service, "readyz")).toMatchObject({ status: 200, body: { status: "degraded" } });
    store = after;
    await expect(service.refresh()).rejects.toThrow();
    // A question is answered with the advisories that are there now, whether or not the update could be written down.
    expect(await vulnerabilities(service, first)).toEqual(["CVE-2024-0002"]);
    expect(hooks.received).toEqual([]);

    full = false;
    expect(await post(service, second)).toMatchObject({ status: 201, body: { success: true } });
    await service.refresh();
    await told(1);
    expect(await vulnerabilities(service, first)).toEqual(["CVE-2024-0002"]);
    expect(await vulnerabilities(service, second)).toEqual(["CVE-2024-0002"]);
    await service.close();
  });

  test("whose clock jumps a day back and a year ahead loses nothing and tells changes in their order", async () => {
    const [first, second, third] = await Promise.all([manifestOf("a"), manifestOf("b"), manifestOf("c")]);
    const service = await serve(() => undefined);
    expect((await post(service, first)).status).toBe(201);

    now -= day;
    expect((await post(service, second)).status).toBe(201);
    store = after;
    await service.refresh();
    await told(1);

    now += 365 * day;
    expect((await post(service, third)).status).toBe(201);
    store = before;
    await service.refresh();
    await told(2);

    for (const manifest of [first, second, third])
      expect(await vulnerabilities(service, manifest)).toEqual(["CVE-2024-0001"]);
    await service.close();
  });
});
