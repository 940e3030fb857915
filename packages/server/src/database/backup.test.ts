import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryCache } from "@plimsoll/inventory";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alpineLayer, alpineStore } from "../fixtures/alpine.ts";
import { layerHost } from "../fixtures/layer-host.ts";
import type { LayerHost } from "../fixtures/layer-host.ts";
import { createServerDatabase, serverPrograms } from "../fixtures/test-databases.ts";
import { createService } from "../service.ts";
import type { Service } from "../service.ts";

/** What the guide says about backups, done. */
describe("a backup", () => {
  const store = alpineStore([{ cve: "CVE-2024-0001", name: "musl", fixed: "1.2.5-r1" }]);
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-backup-"));
  let host: LayerHost;

  beforeAll(async () => void (host = await layerHost()));
  afterAll(async () => {
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(database: string): Promise<Service> {
    const service = createService({
      database,
      advisories: store,
      cache: memoryCache(),
      pollInterval: 50,
      allowLayerHosts: ["127.0.0.1"],
      adminToken: "operators-own-token",
    });
    await service.ready;
    return service;
  }

  const ask = (service: Service, path: string, init: RequestInit = {}): Promise<Response> =>
    service.fetch(new Request(`http://service${path}`, init));

  async function fill(service: Service): Promise<string> {
    const manifest = await host.manifest([alpineLayer({ musl: "1.2.5-r0" })]);
    const body = JSON.stringify(manifest);
    expect((await ask(service, "/indexer/api/v1/index_report", { method: "POST", body })).status).toBe(201);
    return manifest.hash;
  }

  /** Everything that was known is known, and goes on. */
  async function expectRestored(service: Service, digest: string): Promise<void> {
    const report = await ask(service, `/api/v1/images/${digest}/report`);
    expect(await report.json()).toMatchObject({ vulnerabilities: [{ id: "CVE-2024-0001" }] });
    const more = await host.manifest([alpineLayer({ musl: "1.2.5-r1" })]);
    const init = { method: "POST", body: JSON.stringify(more) };
    expect((await ask(service, "/indexer/api/v1/index_report", init)).status).toBe(201);
  }

  test("of the embedded database is a copy of its directory", async () => {
    const [data, copy] = [join(folder, "data"), join(folder, "copy")];
    const service = await start(data);
    const digest = await fill(service);
    await service.close();
    cpSync(data, copy, { recursive: true });
    rmSync(data, { recursive: true });

    const restored = await start(copy);

    await expectRestored(restored, digest);
    await restored.close();
  });

  test.skipIf(serverPrograms === undefined)(
    "of a server is what pg_dump writes, and its restart loses nothing",
    async () => {
      const [url, other] = [await createServerDatabase(), await createServerDatabase()];
      const service = await start(url);
      const digest = await fill(service);
      const program = (name: string): string => join(serverPrograms ?? "", name);
      const dumped = spawnSync(program("pg_dump"), ["--no-owner", url], { encoding: "utf8", maxBuffer: 2 ** 28 });
      expect([dumped.status, dumped.stderr]).toEqual([0, ""]);
      const loaded = spawnSync(program("psql"), ["--quiet", "--set", "ON_ERROR_STOP=1", other], {
        input: dumped.stdout,
        encoding: "utf8",
      });
      expect([loaded.status, loaded.stderr]).toEqual([0, ""]);

      const restored = await start(other);
      await expectRestored(restored, digest);
      await restored.close();

      // As when the server restarts: every connection breaks, also those that nobody uses.
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      await client.end();
      for (let attempt = 0; attempt < 50 && (await ask(service, "/api/v1/images")).status !== 200; attempt++)
        await new Promise((resolve) => setTimeout(resolve, 100));
      await expectRestored(service, digest);
      await service.close();
    },
  );
});
