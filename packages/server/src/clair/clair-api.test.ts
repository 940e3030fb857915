import { createHmac } from "node:crypto";
import { memoryCache } from "@plimsoll/inventory";
import { sharedFile } from "@plimsoll/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { alpineLayer, alpineStore } from "../fixtures/alpine.ts";
import { clairComplaints, ownComplaints } from "../fixtures/clair-complaints.ts";
import { layerHost } from "../fixtures/layer-host.ts";
import type { LayerHost } from "../fixtures/layer-host.ts";
import { testDatabases } from "../fixtures/test-databases.ts";
import { serviceOn } from "../service.ts";
import type { Service } from "../service.ts";
import type { ServiceOptions } from "../service-options.ts";
import { isCpe } from "./documents.ts";
import type { ClairIndexReport, ClairVulnerabilityReport } from "./documents.ts";
import { readManifest, readSummaries } from "./read-requests.ts";
import type { ClairSchemaName } from "./schemas.ts";

/** Whatever is answered. */
interface AnyDocument extends ClairIndexReport, ClairVulnerabilityReport {
  readonly code: string;
  readonly message: string;
}

const stores = {
  first: alpineStore([
    { cve: "CVE-2024-0001", name: "musl", fixed: "1.2.5-r1" },
    { cve: "CVE-2024-0002", name: "openssl", severity: "CRITICAL" },
  ]),
};

describe.each(testDatabases)("Clair's API on $name", ({ open }) => {
  let host: LayerHost;
  let service: Service;

  async function start(options: Omit<Partial<ServiceOptions>, "database"> = {}): Promise<void> {
    service = serviceOn(open(), {
      advisories: stores.first,
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
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: Headers; body: AnyDocument }> {
    const response = await service.fetch(
      new Request(`http://service${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    const document = (text === "" ? undefined : JSON.parse(text)) as AnyDocument; // as: the tests look at what is there
    return { status: response.status, headers: response.headers, body: document };
  }

  beforeEach(async () => {
    host = await layerHost();
  });

  afterEach(async () => {
    await service.close();
    await host.close();
  });

  test("indexes a manifest, reports on it, and forgets it", async () => {
    await start();
    const manifest = await host.manifest([alpineLayer({ musl: "1.2.5-r0", openssl: "3.3.0-r2" }), { "srv/app": "x" }]);

    const indexed = await ask("POST", "/indexer/api/v1/index_report", manifest);

    expect(indexed.status).toBe(201);
    expect(indexed.headers.get("content-type")).toBe("application/vnd.clair.index_report.v1+json");
    expect(indexed.headers.get("location")).toBe(`/indexer/api/v1/index_report/${manifest.hash}`);
    expect(clairComplaints("index_report", indexed.body)).toEqual([]);
    expect(indexed.body).toMatchObject({
      manifest_hash: manifest.hash,
      state: "IndexFinished",
      success: true,
      err: "",
    });
    expect(indexed.body.distributions).toEqual({
      1: {
        id: "1",
        did: "alpine",
        name: "Alpine Linux",
        version: "3.20.1",
        version_id: "3.20.1",
        pretty_name: "Alpine Linux v3.20",
      },
    });
    expect(Object.values(indexed.body.packages).map(({ name, version, kind }) => [name, version, kind])).toEqual([
      ["musl", "1.2.5-r0", "BINARY"],
      ["openssl", "3.3.0-r2", "BINARY"],
    ]);
    expect(indexed.body.environments["1"]).toEqual([
      { package_db: "lib/apk/db/installed", distribution_id: "1", introduced_in: manifest.layers[0]?.hash },
    ]);

    const report = await ask("GET", `/matcher/api/v1/vulnerability_report/${manifest.hash}`);

    expect(report.status).toBe(201);
    expect(clairComplaints("vulnerability_report", report.body)).toEqual([]);
    expect(Object.values(report.body.vulnerabilities)).toMatchObject([
      {
        name: "CVE-2024-0002",
        normalized_severity: "Critical",
        severity: "CRITICAL",
        fixed_in_version: "",
        updater: "osv/Alpine",
      },
      {
        name: "CVE-2024-0001",
        normalized_severity: "High",
        fixed_in_version: "1.2.5-r1",
        links: "https://security.example/CVE-2024-0001",
      },
    ]);
    expect(report.body.package_vulnerabilities).toEqual({ 1: ["2"], 2: ["1"] });

    expect((await ask("GET", `/indexer/api/v1/index_report/${manifest.hash}`)).body).toEqual(indexed.body);
    expect((await ask("DELETE", `/indexer/api/v1/index_report/${manifest.hash}`)).status).toBe(204);
    const gone = await ask("GET", `/indexer/api/v1/index_report/${manifest.hash}`);
    expect(gone.status).toBe(404);
    expect(gone.headers.get("content-type")).toBe("application/vnd.clair.error.v1+json");
    expect(gone.body).toEqual({ code: "not-found", message: "index report not found" });
    expect((await ask("GET", `/matcher/api/v1/vulnerability_report/${manifest.hash}`)).status).toBe(404);
  });

  test("reads a layer once, for all manifests that have it", async () => {
    await start();
    const base = alpineLayer({ musl: "1.2.5-r0" });
    const first = await host.manifest([base]);
    const second = await host.manifest([base, { "srv/app": "x" }]);

    await ask("POST", "/indexer/api/v1/index_report", first);
    await ask("POST", "/indexer/api/v1/index_report", second);
    await ask("POST", "/indexer/api/v1/index_report", second);

    expect(host.asked).toEqual([...first.layers, ...second.layers.slice(1)].map(({ hash }) => `/${hash}`));
  });

  test("tells what the indexer is made of, and answers 304 and 412 to those who know", async () => {
    await start();
    const manifest = await host.manifest([alpineLayer({ musl: "1.2.5-r0" })]);
    const state = await ask("GET", "/indexer/api/v1/index_state");
    const etag = state.headers.get("etag") ?? "";

    expect(clairComplaints("index_state", state.body)).toEqual([]);
    expect(etag).toBe(`"${state.body.state}"`);
    expect((await ask("GET", "/indexer/api/v1/index_state", undefined, { "if-none-match": etag })).status).toBe(304);
    expect((await ask("GET", "/indexer/api/v1/index_state", undefined, { "if-none-match": '"x"' })).status).toBe(200);
    expect((await ask("POST", "/indexer/api/v1/index_report", manifest, { "if-none-match": etag })).status).toBe(412);
    await ask("POST", "/indexer/api/v1/index_report", manifest);
    const report = `/indexer/api/v1/index_report/${manifest.hash}`;
    expect((await ask("GET", report, undefined, { "if-none-match": etag })).status).toBe(304);
  });

  test("answers with the media type that is asked for, in the spelling of releases too", async () => {
    await start();
    const path = "/indexer/api/v1/index_state";
    const typeFor = async (accept: string): Promise<unknown> => {
      const { status, headers } = await ask("GET", path, undefined, { accept });
      return status === 200 ? headers.get("content-type") : status;
    };

    expect(await typeFor("application/json")).toBe("application/json");
    expect(await typeFor("application/vnd.clair.indexstate.v1+json")).toBe("application/vnd.clair.indexstate.v1+json");
    expect(await typeFor("text/html, */*;q=0.1")).toBe("application/vnd.clair.index_state.v1+json");
    expect(await typeFor("text/html")).toBe(415);
    const xml = await ask("POST", "/indexer/api/v1/index_report", "<a/>", { "content-type": "text/xml" });
    expect([xml.status, xml.body.code]).toEqual([415, "unsupported-media-type"]);
    expect(clairComplaints("error", xml.body)).toEqual([]);
  });

  test("refuses what is no manifest, no digest, no method and no path", async () => {
    await start();

    for (const body of ["{", "[]", { hash: "latest" }, { hash: `sha256:${"a".repeat(64)}`, layers: [{}] }])
      expect((await ask("POST", "/indexer/api/v1/index_report", body)).status).toBe(400);
    expect((await ask("GET", "/indexer/api/v1/index_report/latest")).status).toBe(400);
    expect((await ask("PUT", "/indexer/api/v1/index_report")).status).toBe(405);
    expect((await ask("GET", "/indexer/api/v1/nothing")).status).toBe(404);
  });

  test("says why a manifest cannot be indexed, and does not call it clean", async () => {
    await start();
    const manifest = await host.manifest([alpineLayer({ musl: "1.2.5-r0" })]);
    const wrong = { ...manifest, layers: [{ ...manifest.layers[0], hash: `sha256:${"b".repeat(64)}` }] };

    const indexed = await ask("POST", "/indexer/api/v1/index_report", wrong);

    expect(indexed.status).toBe(201);
    expect(clairComplaints("index_report", indexed.body)).toEqual([]);
    expect(indexed.body).toMatchObject({
      state: "IndexError",
      success: false,
      err: expect.stringContaining("should have digest"),
    });
    expect((await ask("GET", `/matcher/api/v1/vulnerability_report/${manifest.hash}`)).status).toBe(404);
    const mended = await ask("POST", "/indexer/api/v1/index_report", manifest);
    expect(mended.body).toMatchObject({ state: "IndexFinished", success: true });
  });

  test("does not call an image indexed whose layer breaks off", async () => {
    await start();
    const whole = await host.manifest([alpineLayer({ musl: "1.2.5-r0" })]);
    const { createHash } = await import("node:crypto");
    const part = Buffer.from("this is no archive");
    const hash = `sha256:${createHash("sha256").update(part).digest("hex")}`;
    host.answer("/part", (_, response) => response.end(part));

    const indexed = await ask("POST", "/indexer/api/v1/index_report", {
      hash: whole.hash,
      layers: [{ hash, uri: `${host.origin}/part` }],
    });

    expect(indexed.body).toMatchObject({ state: "IndexError", success: false });
  });

  test("sends headers to the layers' host, and not to where it redirects", async () => {
    await start();
    const other = await layerHost();
    const manifest = await host.manifest([alpineLayer({ musl: "1.2.5-r0" })], { Authorization: ["Bearer hunter2"] });
    const [layer] = manifest.layers;
    const seen: unknown[] = [];
    await other.manifest([alpineLayer({ musl: "1.2.5-r0" })]);
    host.answer(`/${layer?.hash}`, (request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(307, { location: `${other.origin}/elsewhere` }).end();
    });
    other.answer("/elsewhere", (request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: `/${layer?.hash}` }).end();
    });

    const indexed = await ask("POST", "/indexer/api/v1/index_report", manifest);
    await other.close();

    expect(indexed.body.state).toBe("IndexFinished");
    expect(seen).toEqual(["Bearer hunter2", undefined]);
  });

  test("tries a host that is busy again", async () => {
    await start();
    const manifest = await host.manifest([alpineLayer({ musl: "1.2.5-r0" })]);
    const blob = await (await fetch(manifest.layers[0]?.uri ?? "")).bytes?.();
    let times = 0;
    host.answer(`/${manifest.layers[0]?.hash}`, (_, response) => {
      times++;
      if (times < 3) response.writeHead(503).end();
      else response.end(blob);
    });

    expect((await ask("POST", "/indexer/api/v1/index_report", manifest)).body.state).toBe(
      blob === undefined ? "IndexError" : "IndexFinished",
    );
    expect(times).toBe(3);
  });

  test("asks no host that is private, unless allowed", async () => {
    await start({ allowLayerHosts: [] });
    const manifest = await host.manifest([alpineLayer({ musl: "1.2.5-r0" })]);

    const indexed = await ask("POST", "/indexer/api/v1/index_report", manifest);

    expect(indexed.body).toMatchObject({ state: "IndexError", err: expect.stringContaining("--allow-layer-hosts") });
    expect(host.asked).toEqual([]);
  });

  test("deletes many manifests, and tells which were there", async () => {
    await start();
    const manifest = await host.manifest([alpineLayer({ musl: "1.2.5-r0" })]);
    await ask("POST", "/indexer/api/v1/index_report", manifest);

    const deleted = await ask("DELETE", "/indexer/api/v1/index_report", [manifest.hash, `sha256:${"c".repeat(64)}`]);

    expect([deleted.status, deleted.body]).toEqual([200, [manifest.hash]]);
    expect(clairComplaints("bulk_delete", deleted.body)).toEqual([]);
  });

  test("believes tokens of its issuers alone", async () => {
    const key = Buffer.from("a key that both sides hold");
    await start({ authentication: { psk: { key, issuers: ["quay"] } }, now: () => new Date(1_700_000_000_000) });
    const token = (claims: object, head: object = { alg: "HS256", typ: "JWT" }, secret = key): string => {
      const signed = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
      return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
    };
    const asking = async (bearer?: string): Promise<number> =>
      (
        await ask(
          "GET",
          "/indexer/api/v1/index_state",
          undefined,
          bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
        )
      ).status;
    const good = { iss: "quay", exp: 1_700_000_300, nbf: 1_699_999_999 };

    expect(await asking(token(good))).toBe(200);
    expect(await asking()).toBe(401);
    expect(await asking(token({ ...good, iss: "other" }))).toBe(401);
    expect(await asking(token({ ...good, exp: 1_699_990_000 }))).toBe(401);
    expect(await asking(token({ ...good, nbf: 1_700_100_000 }))).toBe(401);
    expect(await asking(token(good, { alg: "none" }))).toBe(401);
    expect(await asking(token(good, { alg: "RS256" }))).toBe(401);
    expect(await asking(token(good, undefined, Buffer.from("another key altogether")))).toBe(401);
    expect(await asking("a.b.c")).toBe(401);
    expect(await asking("opaque")).toBe(401);
  });
});

const rows = sharedFile("conformance/clair/validate.json");

describe.skipIf(rows === undefined)("Clair's documents", () => {
  const table = JSON.parse(rows ?? "[]") as { id: string; schema: string; value: unknown; valid: boolean }[];

  test.each(table)("$id", ({ schema, value, valid }) => {
    const name = schema.replace(".schema.json", "") as ClairSchemaName;

    expect(ownComplaints(name, value).length === 0).toBe(valid);
  });

  test("that are valid requests are understood, and published examples that break the schemas too", () => {
    const of = (schema: string, valid?: boolean) =>
      table.filter((row) => row.schema === schema && (valid === undefined || row.valid === valid));

    for (const { value } of of("manifest.schema.json", true)) expect(readManifest(value).hash).toMatch(/^sha/);
    for (const { value } of of("manifest.schema.json", false)) expect(() => readManifest(value)).toThrow();
    for (const { value } of of("vulnerability_summary.schema.json")) expect(readSummaries([value])).toHaveLength(1);
    for (const { value } of of("vulnerability.schema.json"))
      expect(readSummaries({ vulnerabilities: [value] })).toHaveLength(1);
    for (const { value, valid } of of("cpe.schema.json")) expect(isCpe(String(value))).toBe(valid);
  });
});
