import { memoryCache } from "@plimsoll/inventory";
import { afterEach, describe, expect, test } from "vitest";
import { alpineStore } from "../fixtures/alpine.ts";
import { testDatabases } from "../fixtures/test-databases.ts";
import { serviceOn } from "../service.ts";
import type { Service } from "../service.ts";
import type { ServiceOptions } from "../service-options.ts";
import { forgetOldAuditEntries } from "./audit-log.ts";

const operator = "operators-own-token";

describe.each(testDatabases)("the audit log on $name", ({ open }) => {
  let service: Service;

  afterEach(() => service.close());

  async function start(options: Partial<Omit<ServiceOptions, "database">> = {}): Promise<void> {
    service = serviceOn(open(), {
      advisories: alpineStore([]),
      cache: memoryCache(),
      pollInterval: 20,
      authentication: { tokens: true },
      adminToken: operator,
      ...options,
    });
    await service.ready;
  }

  async function ask(
    method: string,
    path: string,
    { token = operator, body, client = "192.0.2.7" }: { token?: string; body?: object; client?: string } = {},
  ): Promise<{ status: number; headers: Headers; json: Record<string, unknown> }> {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await service.fetch(new Request(new URL(path, "http://service"), init), client);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      json: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  }

  async function tokenOf(name: string, access: readonly string[], tenant?: string): Promise<string> {
    const { json } = await ask("POST", "/api/v1/tokens", { body: { name, access, ...(tenant && { tenant }) } });
    return String(json["token"]);
  }

  test("says who changed what and who was refused, and holds no credential, query or body", async () => {
    await start();
    const reader = await tokenOf("reader", ["read"]);
    await ask("GET", "/api/v1/images?secret=in-the-query", { token: reader });
    await ask("DELETE", `/api/v1/images/sha256:${"0".repeat(64)}?secret=in-the-query`, { token: reader });
    await ask("GET", "/api/v1/images", { token: "guessed-at-random" });
    await ask("POST", "/api/v1/sboms", { body: { secret: "in-the-body" } });

    const { json } = await ask("GET", "/api/v1/audit");

    const entries = json["entries"] as readonly Record<string, unknown>[];
    expect(entries.map(({ actor, operation, status }) => [actor, operation, status])).toEqual([
      ["admin", "addSbom", 422],
      ["anonymous", "listImages", 401],
      ["reader", "deleteImage", 403],
      ["admin", "createToken", 201],
    ]);
    expect(entries[2]).toMatchObject({ client: "192.0.2.7", target: `/api/v1/images/sha256:${"0".repeat(64)}` });
    expect(JSON.stringify(json)).not.toMatch(/in-the-|guessed|plimsoll_/);
    expect((await ask("GET", "/api/v1/audit", { token: reader })).status).toBe(403);
  });

  test("is read page by page, by a tenant its own alone, and forgets what is too old", async () => {
    const database = await open();
    const now = new Date("2026-01-01T00:00:00Z");
    service = serviceOn(Promise.resolve(database), {
      advisories: alpineStore([]),
      cache: memoryCache(),
      authentication: { tokens: true },
      adminToken: operator,
      now: () => now,
    });
    const red = await tokenOf("red", ["read", "write", "admin"], "red");
    await ask("DELETE", `/api/v1/images/sha256:${"0".repeat(64)}`, { token: red });

    const all = (await ask("GET", "/api/v1/audit?limit=1")).json;
    const rest = (await ask("GET", `/api/v1/audit?limit=1&before=${String(all["next"])}`)).json;
    const own = (await ask("GET", "/api/v1/audit", { token: red })).json;

    expect(all).toMatchObject({ entries: [{ operation: "deleteImage", tenant: "red" }] });
    expect(rest).toMatchObject({ entries: [{ operation: "createToken" }] });
    expect(rest["next"]).toBeUndefined();
    expect(own["entries"]).toMatchObject([{ operation: "deleteImage" }]);
    await forgetOldAuditEntries(database.queries, new Date("2027-01-01T00:00:00Z"));
    expect((await ask("GET", "/api/v1/audit")).json["entries"]).toHaveLength(2);
    await forgetOldAuditEntries(database.queries, new Date("2027-03-01T00:00:00Z"));
    expect((await ask("GET", "/api/v1/audit")).json["entries"]).toEqual([]);
  });

  test("does not grow with what is refused because there was too much of it", async () => {
    await start({ requests: { perMinute: 5 } });

    const guesses = [];
    for (let at = 0; at < 8; at++)
      guesses.push((await ask("GET", "/api/v1/images", { token: "guess", client: "a" })).status);

    expect(guesses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    expect((await ask("GET", "/healthz", { token: "guess", client: "b" })).status).toBe(401);
    const mine = await ask("GET", "/api/v1/audit");
    expect(mine.json["entries"]).toHaveLength(6);
  });

  test("stands beside limits for each credential, not for each address", async () => {
    await start({ requests: { perMinute: 5 } });
    const reader = await tokenOf("reader", ["read"]);
    for (let at = 0; at < 5; at++) expect((await ask("GET", "/api/v1/images", { token: reader })).status).toBe(200);

    const refused = await ask("GET", "/api/v1/images", { token: reader });

    expect([refused.status, refused.headers.get("retry-after"), refused.json["code"]]).toEqual([
      429,
      "12",
      "too-many-requests",
    ]);
    expect((await ask("GET", "/api/v1/images")).status).toBe(200);
    expect((await ask("GET", "/healthz", { token: reader })).status).toBe(200);
  });
});
