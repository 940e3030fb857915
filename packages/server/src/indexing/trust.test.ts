import { memoryCache } from "@plimsoll/inventory";
import type { Cache } from "@plimsoll/model";
import { dockerArchive } from "@plimsoll/testkit";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../database/open-database.ts";
import { alpineLayer, alpineStore } from "../fixtures/alpine.ts";
import { layerHost } from "../fixtures/layer-host.ts";
import type { LayerHost } from "../fixtures/layer-host.ts";
import { testDatabases } from "../fixtures/test-databases.ts";
import { serviceOn } from "../service.ts";
import type { Service } from "../service.ts";
import type { ServiceOptions } from "../service-options.ts";

const store = alpineStore([{ cve: "CVE-2024-0001", name: "musl", fixed: "1.2.5-r1" }]);
const admin = "a-token-of-the-operators-own-making";

/** Everything that a database holds, in every table and schema, as text. */
async function dumpOf({ queries }: Database): Promise<string> {
  const tables = await sql<{ name: string }>`select quote_ident(schemaname) || '.' || quote_ident(tablename) AS name
    from pg_tables where schemaname in ('public', 'pgboss') order by 1`.execute(queries);
  const texts: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await sql<{
      text: string;
    }>`select row_to_json(t)::text AS text from ${sql.raw(name)} AS t`.execute(queries);
    texts.push(...rows.map(({ text }) => `${name} ${text}`));
  }
  return texts.join("\n");
}

describe("a client's word", () => {
  let service: Service;
  let host: LayerHost;
  let database: Database;

  beforeEach(async () => {
    host = await layerHost();
    const [embedded] = testDatabases;
    if (embedded === undefined) throw new Error("the embedded database is always there");
    database = await embedded.open();
  });

  afterEach(async () => {
    await service.close();
    await host.close();
  });

  async function start(options: Partial<Omit<ServiceOptions, "database">> = {}): Promise<void> {
    service = serviceOn(Promise.resolve(database), {
      advisories: store,
      allowLayerHosts: ["127.0.0.1"],
      cache: memoryCache(),
      downloads: { backoff: 1 },
      pollInterval: 20,
      ...options,
    });
    await service.ready;
  }

  async function ask(
    method: string,
    path: string,
    { body, token, type }: { body?: BodyInit | object; token?: string; type?: string } = {},
  ): Promise<{ status: number; text: string; json: Record<string, unknown> }> {
    const plain = body === undefined || typeof body === "string" || body instanceof Uint8Array;
    const response = await service.fetch(
      new Request(`http://service${path}`, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(type === undefined ? {} : { "content-type": type }),
        },
        ...(body === undefined ? {} : { body: plain ? (body as BodyInit) : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    // Results of layers are bytes that may begin like JSON.
    const isJson = response.headers.get("content-type")?.includes("json") === true && text.startsWith("{");
    return {
      status: response.status,
      text,
      json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }

  async function tokenFor(name: string, tenant?: string): Promise<string> {
    const body = { name, access: ["read", "write"], ...(tenant === undefined ? {} : { tenant }) };
    return String((await ask("POST", "/api/v1/tokens", { body, token: admin })).json["token"]);
  }

  test("about a layer is for clients with the same credential, and never for what the service reads itself", async () => {
    const cache = memoryCache();
    const keys = new Set<string>();
    const noting: Cache = {
      get: (key) => cache.get(key),
      set(key, value) {
        keys.add(key);
        return cache.set(key, value);
      },
    };
    await start({ cache: noting, authentication: { tokens: true }, adminToken: admin });
    const [good, evil] = [await tokenFor("good"), await tokenFor("evil")];
    const archive = await dockerArchive({ layers: [alpineLayer({ musl: "1.2.5-r0" })] });
    const upload = { body: archive as BodyInit, token: good, type: "application/x-tar" };
    const digest = String((await ask("POST", "/api/v1/images", upload)).json["digest"]);
    const own = [...keys].filter((key) => key.startsWith("own/")).map((key) => key.slice("own/".length));
    expect(own.length).toBeGreaterThan(1);
    keys.clear();

    for (const key of own) {
      const path = `/api/v1/layer-results?key=${encodeURIComponent(key)}`;
      const before = (await ask("GET", path, { token: good })).text;
      expect((await ask("PUT", path, { token: evil, body: "poison" })).status).toBe(204);
      // What the service read stands above what anybody says, also for the liar.
      for (const token of [good, evil]) expect((await ask("GET", path, { token })).text).toBe(before);
    }
    expect([...keys].every((key) => key.startsWith("client/"))).toBe(true);
    const unread = "/api/v1/layer-results?key=4/sha256:00/paths";
    await ask("PUT", unread, { token: evil, body: "poison" });
    expect((await ask("GET", unread, { token: evil })).text).toBe("poison");
    expect((await ask("GET", unread, { token: good })).status).toBe(404);
    // Nor can it be had, or put, under the names that the service itself uses.
    for (const key of keys)
      expect((await ask("GET", `/api/v1/layer-results?key=${encodeURIComponent(key)}`, { token: good })).status).toBe(
        404,
      );

    await ask("DELETE", `/api/v1/images/${digest}`, { token: good });
    await ask("POST", "/api/v1/images", upload);
    const report = (await ask("GET", `/api/v1/images/${digest}/report`, { token: good })).json;
    expect(report).toMatchObject({ vulnerabilities: [{ id: "CVE-2024-0001" }] });
  });

  test("about a whole image never takes the place of what the service read, and the gate says whose word it is", async () => {
    await start();
    const archive = await dockerArchive({ layers: [alpineLayer({ musl: "1.2.5-r0" })] });
    const upload = { body: archive as BodyInit, type: "application/x-tar" };
    const first = (await ask("POST", "/api/v1/images", upload)).json;
    const digest = String(first["digest"]);
    expect(first).toMatchObject({ basis: "read", kept: true });
    const lie = (await ask("GET", `/api/v1/images/${digest}/inventory`)).text.replaceAll("1.2.5-r0", "1.2.5-r1");

    const claimed = await ask("POST", "/api/v1/inventories", { body: lie, type: "application/json" });
    const manifest = await host.manifest([{ "srv/nothing": "x" }]);
    const asked = await ask("POST", "/indexer/api/v1/index_report", { body: { ...manifest, hash: digest } });

    expect([claimed.status, claimed.json["kept"]]).toEqual([200, false]);
    expect(asked.json).toMatchObject({ success: true, packages: { 1: { name: "musl" } } });
    expect(host.asked).toEqual([]);
    expect((await ask("GET", `/api/v1/images/${digest}/gate`)).json).toMatchObject({ allowed: false, basis: "read" });

    await ask("DELETE", `/api/v1/images/${digest}`);
    expect((await ask("POST", "/api/v1/inventories", { body: lie, type: "application/json" })).status).toBe(201);
    expect((await ask("GET", `/api/v1/images/${digest}/gate`)).json).toMatchObject({ allowed: true, basis: "client" });
    expect((await ask("GET", `/api/v1/images/${digest}/gate?basis=read`)).json).toMatchObject({
      allowed: false,
      reasons: ["its contents are only stated by a client (client)"],
    });
    expect((await ask("GET", `/api/v1/images/${digest}/gate?basis=me`)).status).toBe(400);
    await ask("POST", "/api/v1/images", upload);
    expect((await ask("GET", `/api/v1/images/${digest}/gate`)).json).toMatchObject({ allowed: false, basis: "read" });
  });

  test("is for its tenant: two have the same image, and neither sees what the other has", async () => {
    await start({ authentication: { tokens: true }, adminToken: admin });
    const [red, blue] = [await tokenFor("red", "red"), await tokenFor("blue", "blue")];
    const archive = await dockerArchive({ layers: [alpineLayer({ musl: "1.2.5-r0" })] });
    const upload = { body: archive as BodyInit, type: "application/x-tar" };
    const digest = String((await ask("POST", "/api/v1/images", { ...upload, token: red })).json["digest"]);

    const seen = async (token: string): Promise<readonly unknown[]> => [
      ((await ask("GET", "/api/v1/images", { token })).json["images"] as unknown[]).length,
      ((await ask("GET", "/api/v1/vulnerabilities/CVE-2024-0001", { token })).json["packages"] as unknown[]).length,
      (await ask("GET", `/api/v1/images/${digest}/report`, { token })).status,
      (await ask("GET", `/api/v1/images/${digest}`, { token })).status,
      (await ask("GET", `/indexer/api/v1/index_report/${digest}`, { token })).status,
      (await ask("GET", `/matcher/api/v1/vulnerability_report/${digest}`, { token })).status,
      Object.keys(
        (
          await ask("POST", "/indexer/api/v1/internal/affected_manifest", {
            token,
            body: { vulnerabilities: [{ name: "CVE-2024-0001" }] },
          })
        ).json["vulnerable_manifests"] as object,
      ).length,
      (await ask("GET", "/", { token })).text.includes(digest),
    ];
    expect(await seen(red)).toEqual([1, 1, 200, 405, 200, 201, 1, true]);
    expect(await seen(blue)).toEqual([0, 0, 404, 405, 404, 404, 0, false]);
    expect(await seen(admin)).toEqual([0, 0, 404, 405, 404, 404, 0, false]);
    await ask("DELETE", `/api/v1/images/${digest}`, { token: blue });
    expect((await ask("POST", "/api/v1/images", { ...upload, token: blue })).status).toBe(201);
    await ask("DELETE", `/api/v1/images/${digest}`, { token: blue });
    expect(await seen(red)).toEqual([1, 1, 200, 405, 200, 201, 1, true]);
    expect((await ask("DELETE", "/matcher/api/v1/internal/update_operation/x", { token: red })).status).toBe(403);
    expect((await ask("DELETE", "/notifier/api/v1/notification/x", { token: red })).status).toBe(403);
    const bad = { name: "x", access: ["read"], tenant: "Not a name" };
    expect((await ask("POST", "/api/v1/tokens", { token: admin, body: bad })).status).toBe(400);
  });

  test("is for its tenant, also of those who make its tokens", async () => {
    await start({ authentication: { tokens: true }, adminToken: admin });
    const lead = { name: "lead", access: ["read", "admin"], tenant: "red" };
    const token = String((await ask("POST", "/api/v1/tokens", { token: admin, body: lead })).json["token"]);

    const member = await ask("POST", "/api/v1/tokens", { token, body: { name: "member", access: ["read"] } });
    const stranger = { name: "x", access: ["read"], tenant: "blue" };

    expect(member.json).toMatchObject({ tenant: "red" });
    expect((await ask("POST", "/api/v1/tokens", { token, body: stranger })).status).toBe(403);
    expect((await ask("GET", "/api/v1/tokens", { token })).json["tokens"]).toMatchObject([
      { name: "lead" },
      { name: "member" },
    ]);
    expect((await ask("DELETE", "/api/v1/tokens/admin", { token })).status).toBe(204);
    expect((await ask("GET", "/api/v1/tokens", { token: admin })).json["tokens"]).toHaveLength(3);
  });
});

describe("credentials of layers", () => {
  let host: LayerHost;

  beforeEach(async () => {
    host = await layerHost();
  });

  afterEach(() => host.close());

  test.each(testDatabases)(
    "lie in no table of $name in clear, while a job waits, when it failed, and when it is done",
    async ({ open }) => {
      const database = await open();
      const options = {
        advisories: store,
        allowLayerHosts: ["127.0.0.1"],
        cache: memoryCache(),
        downloads: { backoff: 1 },
        pollInterval: 20,
        retryDelay: 0,
        sealingKey: new Uint8Array(32).fill(3),
      } as const;
      const manifest = await host.manifest([alpineLayer({ musl: "1.2.5-r0" })], { Authorization: ["Bearer hunter2"] });
      const layers = manifest.layers.map((layer) => ({ ...layer, uri: `${layer.uri}?signature=hunter3` }));
      host.answer(`/${manifest.layers[0]?.hash}?signature=hunter3`, (_, response) => response.writeHead(403).end());
      const body = JSON.stringify({ ...manifest, layers });
      const post = (service: Service): Promise<Response> =>
        service.fetch(new Request("http://service/indexer/api/v1/index_report", { method: "POST", body }));
      const clean = async (): Promise<string> => {
        const dump = await dumpOf(database);
        for (const secret of ["hunter2", "hunter3", btoa("Bearer hunter2")]) expect(dump).not.toContain(secret);
        return dump;
      };

      // Nobody works on it: it waits.
      const idle = serviceOn(Promise.resolve(database), { ...options, role: "api", indexTimeout: 1 });
      await post(idle);
      expect(await clean()).toContain("sealed");
      await idle.close();

      // With another key it cannot be read, and says so.
      const stranger = serviceOn(Promise.resolve(database), {
        ...options,
        sealingKey: new Uint8Array(32).fill(4),
        role: "worker",
      });
      await stranger.ready;
      const waiting = async (): Promise<string | undefined> =>
        (await database.queries.selectFrom("inventory").select(["state", "error"]).executeTakeFirst())?.error;
      for (let turn = 0; turn < 500 && (await waiting()) === ""; turn++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect(await waiting()).toContain("encrypted with another key");
      await stranger.close();

      // It fails: the reason names the place without its query.
      const working = serviceOn(Promise.resolve(database), options);
      const failed = (await (await post(working)).json()) as { state: string; err: string };
      expect(failed).toMatchObject({ state: "IndexError", err: expect.stringContaining("403") });
      expect(await clean()).not.toContain("sealed");

      // It is set aside, after what it needs broke down again and again.
      const broken = {
        get: () => Promise.reject(new Error("no disk")),
        set: () => Promise.reject(new Error("no disk")),
      };
      await working.close();
      const breaking = serviceOn(Promise.resolve(database), { ...options, cache: broken });
      host.answer(`/${manifest.layers[0]?.hash}?signature=hunter3`, (_, response) => response.end("x"));
      const aside = (await (await post(breaking)).json()) as { state: string };
      expect(aside.state).toBe("IndexError");
      expect(await clean()).not.toContain('"sealed"');
      await breaking.close();
    },
  );
});
