import { memoryCache } from "@plimsoll/inventory";
import { dockerArchive } from "@plimsoll/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { alpineLayer, alpineStore } from "../fixtures/alpine.ts";
import { testDatabases } from "../fixtures/test-databases.ts";
import { serviceOn } from "../service.ts";
import type { Service } from "../service.ts";
import type { ServiceOptions } from "../service-options.ts";

const store = alpineStore([
  { cve: "CVE-2024-0001", name: "musl", fixed: "1.2.5-r1" },
  { cve: "CVE-2024-0002", name: "openssl", severity: "CRITICAL" },
]);

/** The last is a real server, where there is one. */
const database = testDatabases.at(-1);

describe(`our own API on ${database?.name}`, () => {
  let service: Service;

  afterEach(() => service.close());

  async function start(options: Partial<Omit<ServiceOptions, "database">> = {}): Promise<void> {
    if (database === undefined) throw new Error("the embedded database is always there");
    service = serviceOn(database.open(), { advisories: store, cache: memoryCache(), pollInterval: 20, ...options });
    await service.ready;
  }

  async function ask(
    method: string,
    path: string,
    body?: Uint8Array | string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: Headers; text: string; json: Record<string, unknown> }> {
    const response = await service.fetch(
      new Request(new URL(path, "http://service"), {
        method,
        headers,
        ...(body === undefined ? {} : { body: body as BodyInit }),
      }),
    );
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    const json = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, text, json };
  }

  async function upload(packages: Readonly<Record<string, string>>, name = "shop"): Promise<string> {
    const archive = await dockerArchive(
      { layers: [alpineLayer(packages), { "srv/name": name }] },
      { tags: [`${name}:1`] },
    );
    const { status, json } = await ask("POST", `/api/v1/images?name=${encodeURIComponent(name)}`, archive, {
      "content-type": "application/x-tar",
    });
    expect([status, json["name"]]).toEqual([201, name]);
    return String(json["digest"]);
  }

  test("takes an image, and says what is wrong with it in every format", async () => {
    await start();
    const digest = await upload({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });

    const { json } = await ask("GET", `/api/v1/images/${digest}/report`);
    expect(json).toMatchObject({
      schemaVersion: 2,
      vulnerabilities: [{ id: "CVE-2024-0002" }, { id: "CVE-2024-0001", fixedVersion: "1.2.5-r1" }],
      secrets: [],
    });
    const sarif = await ask("GET", `/api/v1/images/${digest}/report?format=sarif`);
    expect(sarif.json).toMatchObject({ version: "2.1.0" });
    expect((await ask("GET", `/api/v1/images/${digest}/report?format=table`)).text).toContain("CVE-2024-0002");
    expect((await ask("GET", `/api/v1/images/${digest}/sbom?format=spdx-json`)).json).toMatchObject({
      spdxVersion: "SPDX-2.3",
    });
    expect((await ask("GET", `/api/v1/images/${digest}/inventory`)).json).toMatchObject({
      packages: [{ name: "musl" }, { name: "openssl" }],
    });
    expect((await ask("GET", `/api/v1/images/${digest}/report?format=nothing`)).status).toBe(400);
    expect((await ask("GET", `/api/v1/images/sha256:${"0".repeat(64)}/report`)).status).toBe(404);
    expect((await ask("GET", "/api/v1/images/latest/report")).status).toBe(400);
    expect((await ask("GET", "/api/v1/images")).json).toMatchObject({
      images: [{ digest, name: "shop", vulnerabilities: { CRITICAL: 1, HIGH: 1 } }],
    });
    expect((await ask("DELETE", `/api/v1/images/${digest}`)).status).toBe(204);
    expect((await ask("GET", "/api/v1/images")).json).toEqual({ images: [] });
  });

  test("answers questions about one image, two, and all", async () => {
    await start();
    const [old, mended] = [await upload({ musl: "1.2.5-r0" }, "old"), await upload({ musl: "1.2.5-r1" }, "mended")];

    expect((await ask("GET", `/api/v1/images/${old}/gate`)).json).toEqual({
      allowed: false,
      reasons: ["CVE-2024-0001 (HIGH)"],
      basis: "read",
    });
    expect((await ask("GET", `/api/v1/images/${old}/gate?severity=critical`)).json).toEqual({
      allowed: true,
      reasons: [],
      basis: "read",
    });
    expect((await ask("GET", `/api/v1/images/${mended}/gate`)).json).toMatchObject({ allowed: true, reasons: [] });
    const stranger = `sha256:${"0".repeat(64)}`;
    expect((await ask("GET", `/api/v1/images/${stranger}/gate`)).json).toMatchObject({ allowed: false });
    expect((await ask("GET", `/api/v1/images/${old}/gate?severity=bad`)).status).toBe(400);
    expect((await ask("GET", `/api/v1/diff?before=${old}&after=${mended}`)).json).toMatchObject({ schemaVersion: 2 });
    expect((await ask("GET", `/api/v1/images/${old}/explain/CVE-2024-0001`)).text).toContain("1.2.5-r1");
    for (const id of ["CVE-2024-0001", "ALPINE-CVE-2024-0001"])
      expect((await ask("GET", `/api/v1/vulnerabilities/${id}`)).json).toMatchObject({
        packages: [{ severity: "HIGH", fixedVersion: "1.2.5-r1", images: [{ digest: old, name: "old" }] }],
      });
    expect((await ask("GET", "/api/v1/vulnerabilities/CVE-2024-0002")).json).toMatchObject({ packages: [] });
  });

  test("takes SBOMs, and refuses what is no image and no SBOM", async () => {
    await start();
    const digest = await upload({ musl: "1.2.5-r0" });
    const { text } = await ask("GET", `/api/v1/images/${digest}/sbom?format=cyclonedx`);

    const taken = await ask("POST", "/api/v1/sboms", text);

    expect(taken.status).toBe(201);
    expect((await ask("GET", `${taken.headers.get("location")}/report`)).json).toMatchObject({
      vulnerabilities: [{ id: "CVE-2024-0001" }],
    });
    expect((await ask("POST", "/api/v1/sboms", "{}")).status).toBe(422);
    const tar = { "content-type": "application/x-tar" };
    expect((await ask("POST", "/api/v1/images", "no archive", tar)).status).toBe(422);
    expect((await ask("POST", "/api/v1/images", "{}", { "content-type": "application/json" })).status).toBe(400);
  });

  test("takes names and questions with characters that a database holds in no text", async () => {
    await start();
    const installed = ["P:openssl\nV:3.3.0-r2\nA:x86\0_64\no:openssl\n", "P:a\0b\nV:1-r0\nA:x86_64\no:a\0b\n"].join(
      "\n",
    );
    const layer = { ...alpineLayer({}), "lib/apk/db/installed": `${installed}\n` };
    const archive = await dockerArchive({ layers: [layer] }, { tags: ["shop:1"] });
    const taken = await ask("POST", "/api/v1/images", archive, { "content-type": "application/x-tar" });
    const component = { type: "library", name: "a\ud800", version: "1\0", purl: "pkg:npm/a@1?x=%00" };
    const metadata = { component: { type: "application", name: "shop\0" } };
    const sbom = { bomFormat: "CycloneDX", specVersion: "1.5", metadata, components: [component] };

    expect(taken.status).toBe(201);
    expect((await ask("POST", "/api/v1/sboms", JSON.stringify(sbom))).status).toBe(201);
    // Everybody's questions pass by what one image brought.
    expect((await ask("GET", "/api/v1/vulnerabilities/CVE-2024-0002")).json).toMatchObject({
      packages: [{ images: [{ digest: taken.json["digest"] }] }],
    });
    expect((await ask("GET", "/api/v1/images")).json).toMatchObject({ images: [{ name: "shop\ufffd" }, {}] });
    for (const path of ["/api/v1/vulnerabilities/%00", "/api/v1/changes", "/", "/changes"])
      expect([path, (await ask("GET", path)).status]).toEqual([path, 200]);
    for (const path of ["/api/v1/scans/%00", "/notifier/api/v1/notification/%00"])
      expect([path, (await ask("GET", path)).status]).toEqual([path, 404]);
    const summaries = JSON.stringify([{ name: "\0" }, { name: "x", package: { name: "\0", version: "" } }]);
    expect((await ask("POST", "/indexer/api/v1/internal/affected_manifest", summaries)).status).toBe(200);
  });

  test("gives clients advisories and results of layers, and keeps what they found", async () => {
    await start();
    const digest = await upload({ musl: "1.2.5-r0" });
    const { text } = await ask("GET", `/api/v1/images/${digest}/inventory`);
    await ask("DELETE", `/api/v1/images/${digest}`);

    expect((await ask("POST", "/api/v1/inventories", text)).status).toBe(201);
    expect((await ask("GET", `/api/v1/images/${digest}/inventory`)).text).toBe(text);
    expect((await ask("POST", "/api/v1/inventories", '{"schemaVersion":2}')).status).toBe(422);
    const question = {
      namespaces: ["Alpine:v3.20", "npm"],
      keys: [{ namespace: "Alpine:v3.20", name: "musl", version: "1" }],
      ids: ["ALPINE-CVE-2024-0001", "x"],
      cves: ["CVE-1999-0001"],
    };
    expect((await ask("POST", "/api/v1/advisories", JSON.stringify(question))).json).toMatchObject({
      revision: store.revision,
      covers: [true, false],
      found: [[{ name: "musl" }]],
      advisories: [{ id: "ALPINE-CVE-2024-0001" }, null],
      enrichments: [null],
    });
    expect((await ask("POST", "/api/v1/advisories", '{"keys":[{}]}')).status).toBe(400);
    expect((await ask("GET", "/api/v1/layer-results?key=k")).status).toBe(404);
    expect((await ask("PUT", "/api/v1/layer-results?key=k", "result")).status).toBe(204);
    expect((await ask("GET", "/api/v1/layer-results?key=k")).text).toBe("result");
    expect((await ask("GET", "/api/v1/layer-results")).status).toBe(400);
    const many = await ask("POST", "/api/v1/layer-results", '{"keys":["none","k"]}');
    expect([many.status, many.text]).toEqual([200, "\ufffd\ufffd\ufffd\ufffd\0\0\0\u0006result"]);
    for (const body of ["{}", '{"keys":[""]}', '{"keys":[7]}'])
      expect((await ask("POST", "/api/v1/layer-results", body)).status).toBe(400);
  });

  test("refuses an upload that is too large, and registries that are private", async () => {
    await start({ maxUploadBytes: 1_000 });
    const archive = await dockerArchive({ layers: [alpineLayer({ musl: "1.2.5-r0" })] });

    expect((await ask("POST", "/api/v1/images", archive, { "content-type": "application/x-tar" })).status).toBe(413);
    const json = { "content-type": "application/json" };
    const asked = await ask("POST", "/api/v1/images", '{"reference":"127.0.0.1:1/app:1"}', json);
    expect([asked.status, asked.text]).toEqual([422, expect.stringContaining("requests to this host are not allowed")]);
    expect((await ask("POST", "/api/v1/images", '{"reference":"docker-archive:/etc/passwd"}', json)).status).toBe(422);
  });

  test("gives tokens that may what was said, keeps none of them, and takes them back", async () => {
    const admin = "a-token-of-the-operators-own-making";
    await start({ authentication: { tokens: true }, adminToken: admin });
    const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
    const password = { authorization: `Basic ${Buffer.from(`x:${admin}`).toString("base64")}` };

    expect((await ask("GET", "/api/v1/images")).status).toBe(401);
    expect((await ask("GET", "/healthz")).status).toBe(200);
    expect((await ask("GET", "/api/v1/images", undefined, bearer("another"))).status).toBe(401);
    const made = await ask("POST", "/api/v1/tokens", '{"name":"ci","access":["read"]}', password);
    expect(made.status).toBe(201);
    const ci = { authorization: `Bearer ${String(made.json["token"])}` };
    expect((await ask("GET", "/api/v1/images", undefined, ci)).status).toBe(200);
    expect((await ask("DELETE", `/api/v1/images/sha256:${"0".repeat(64)}`, undefined, ci)).status).toBe(403);
    expect((await ask("GET", "/api/v1/tokens", undefined, password)).text).not.toContain(String(made.json["token"]));
    expect((await ask("POST", "/api/v1/tokens", '{"name":"ci","access":["root"]}', password)).status).toBe(400);
    expect((await ask("DELETE", "/api/v1/tokens/ci", undefined, password)).status).toBe(204);
    expect((await ask("GET", "/api/v1/images", undefined, ci)).status).toBe(401);
  });

  test("refuses what pages of other sites ask for", async () => {
    await start();

    const forged = await ask("POST", "/api/v1/sboms", "{}", { origin: "https://evil.example" });

    expect(forged.status).toBe(403);
  });

  test("is documented: every operation, and no other", async () => {
    await start();
    const { json } = await ask("GET", "/openapi.json");
    const paths = json["paths"] as Record<string, Record<string, { operationId: string; responses: object }>>;
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));

    expect(json["openapi"]).toBe("3.1.0");
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(["/api/v1/images", "/openapi.json", "/metrics", "/"]));
    for (const [path, methods] of Object.entries(paths))
      for (const method of Object.keys(methods)) {
        const asked = path.replaceAll(/\{\w+\}/g, "x");
        const { status } = await ask(method.toUpperCase(), asked);
        expect([path, method, status === 404 && asked === path]).toEqual([path, method, false]);
        expect(status).not.toBe(405);
      }
  });

  test("counts what it does", async () => {
    await start();
    await upload({ musl: "1.2.5-r0" });

    const { text, headers } = await ask("GET", "/metrics");

    expect(headers.get("content-type")).toContain("text/plain");
    expect(text).toContain('plimsoll_manifests{state="indexed"} 1');
    expect(text).toContain(
      'plimsoll_http_request_duration_seconds_count{method="POST",route="/api/v1/images",status="201"} 1',
    );
    for (const line of text.trim().split("\n"))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [\d.e+-]+)$/);
  });

  describe("pages for people", () => {
    /** What a page must have for those who do not see it, or use no mouse. */
    function expectUsable(text: string): void {
      expect(text).toMatch(/<html lang="en">/);
      expect(text).toMatch(/<title>[^<]+<\/title>/);
      expect(text.match(/<h1>/g)).toHaveLength(1);
      expect(text.match(/<main /g)).toHaveLength(1);
      expect(text).not.toMatch(/<script|"javascript:|<\w[^>]* on\w+=|<div[^>]*role="button"/);
      for (const [, id] of text.matchAll(/<input id="(\w+)"/g)) expect(text).toContain(`<label for="${id}">`);
      for (const [cells] of text.matchAll(/<thead>[^]*?<\/thead>/g))
        expect(cells).not.toMatch(/<th(?! scope="col")[ >]/);
    }

    test("show images, what is wrong with them, why, and where else, with foreign names as text", async () => {
      await start();
      const digest = await upload({ musl: "1.2.5-r0" }, '<b onclick="x">shop</b>');

      const pages = [
        "/",
        `/images/${digest}`,
        `/images/${digest}/explain/CVE-2024-0001`,
        "/changes",
        "/trends",
        "/vulnerabilities",
        "/vulnerabilities?id=CVE-2024-0001",
        "/docs",
      ];
      const texts = new Map<string, string>();
      for (const path of pages) {
        const { status, headers, text } = await ask("GET", path);
        expect([path, status, headers.get("content-type")]).toEqual([path, 200, "text/html; charset=utf-8"]);
        expect(headers.get("content-security-policy")).toContain("default-src 'none'");
        expect(text).not.toContain("<b onclick");
        expectUsable(text);
        texts.set(path, text);
      }

      expect(texts.get("/trends")).toMatch(/Images indexed: 1 in all/);
      expect(texts.get("/")).toContain("&lt;b onclick");
      expect(texts.get(`/images/${digest}`)).toContain(`/images/${digest}/explain/CVE-2024-0001`);
      expect(texts.get(`/images/${digest}/explain/CVE-2024-0001`)).toContain("1.2.5-r1");
      expect(texts.get("/vulnerabilities?id=CVE-2024-0001")).toContain(`/images/${digest}`);
      const missing = await ask("GET", `/images/sha256:${"0".repeat(64)}`);
      expect([missing.status, missing.text.includes("was never scanned")]).toEqual([404, true]);
      expectUsable(missing.text);
    });
  });
});
