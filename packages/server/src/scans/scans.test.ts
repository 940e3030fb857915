import { createHmac } from "node:crypto";
import { validatorOf } from "@plimsoll/testkit";
import { memoryCache } from "@plimsoll/inventory";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { alpineLayer, alpineStore } from "../fixtures/alpine.ts";
import { harborSchemas } from "../harbor/schemas.ts";
import { imageRegistry } from "../fixtures/image-registry.ts";
import type { ImageRegistry } from "../fixtures/image-registry.ts";
import { testDatabases } from "../fixtures/test-databases.ts";
import { serviceOn } from "../service.ts";
import type { Service } from "../service.ts";
import type { ServiceOptions } from "../service-options.ts";

const store = alpineStore([{ cve: "CVE-2024-0001", name: "musl", fixed: "1.2.5-r1" }]);
const hookSecret = Buffer.from("a secret of both sides");
const robot = `Basic ${Buffer.from("robot:s3cret").toString("base64")}`;

/** What Harbor's specification has to say against an answer. */
function harborComplaints(name: keyof typeof harborSchemas, value: unknown): readonly string[] {
  return validatorOf({ $schema: "https://json-schema.org/draft/2020-12/schema", ...harborSchemas[name] })(value);
}

describe.each(testDatabases)("scans that go on by themselves on $name", ({ open }) => {
  let service: Service;
  let registry: ImageRegistry;

  beforeEach(async () => {
    registry = await imageRegistry();
  });
  afterEach(async () => {
    await service.close();
    await registry.close();
  });

  async function start(options: Partial<Omit<ServiceOptions, "database">> = {}): Promise<void> {
    service = serviceOn(open(), {
      advisories: store,
      cache: memoryCache(),
      pollInterval: 20,
      retryDelay: 0,
      allowLayerHosts: ["127.0.0.1"],
      ...options,
    });
    await service.ready;
  }

  async function ask(
    method: string,
    path: string,
    body?: object | string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: Headers; text: string; json: Record<string, unknown> }> {
    const text = typeof body === "object" ? JSON.stringify(body) : body;
    const response = await service.fetch(
      new Request(new URL(path, "http://service"), {
        method,
        headers: { ...(text === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(text === undefined ? {} : { body: text }),
      }),
    );
    const answer = await response.text();
    const isJson = /json|vulnerability\.report|report\.raw/.test(response.headers.get("content-type") ?? "");
    const json = (isJson ? JSON.parse(answer) : {}) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, text: answer, json };
  }

  /** The scan when it has come to its end, and all events on the way. */
  async function ended(id: unknown): Promise<readonly Record<string, unknown>[]> {
    const { text, headers } = await ask("GET", `/api/v1/scans/${String(id)}/events`);
    expect(headers.get("content-type")).toBe("text/event-stream");
    return [...text.matchAll(/^event: progress\ndata: (.*)$/gm)].map(
      ([, data = ""]) => JSON.parse(data) as Record<string, unknown>,
    );
  }

  test("are asked for by reference, watched as events, and tell what a tag is", async () => {
    await start();
    const digest = await registry.push("team/app", "1", alpineLayer({ musl: "1.2.5-r0" }));
    const reference = `${registry.host}/team/app:1`;

    const asked = await ask("POST", "/api/v1/scans", { reference });
    const events = await ended(asked.json["id"]);

    expect([asked.status, asked.json["state"]]).toEqual([202, "waiting"]);
    expect(events.at(-1)).toMatchObject({ state: "done", digest, reference, source: "api" });
    expect((await ask("GET", `/api/v1/images/${digest}/gate?basis=read`)).json).toMatchObject({
      allowed: false,
      reasons: ["CVE-2024-0001 (HIGH)"],
    });
    expect((await ask("GET", "/api/v1/repositories")).json).toMatchObject({
      tags: [{ repository: `${registry.host}/team/app`, tag: "1", digest, vulnerabilities: { HIGH: 1 } }],
    });
    expect((await ask("GET", "/api/v1/repositories?repository=other")).json).toEqual({ tags: [] });
  });

  test("that cannot be done say why", async () => {
    await start();
    const missing = await ask("POST", "/api/v1/scans", { reference: `${registry.host}/team/app:none` });
    expect((await ended(missing.json["id"])).at(-1)).toMatchObject({
      state: "failed",
      error: expect.stringContaining("team/app") as unknown,
    });

    expect((await ask("POST", "/api/v1/scans", { reference: "NOT A REFERENCE" })).status).toBe(422);
    expect((await ask("POST", "/api/v1/scans", { reference: 7 })).status).toBe(400);
    expect((await ask("GET", "/api/v1/scans/nobody")).status).toBe(404);
  });

  test("are what Harbor's scanner adapter asks for, with Harbor's own credentials", async () => {
    await start();
    const digest = await registry.push("library/app", "1", alpineLayer({ musl: "1.2.5-r0" }));
    registry.authorization = robot;
    const metadata = await ask("GET", "/harbor/api/v1/metadata");
    expect(metadata.headers.get("content-type")).toBe("application/vnd.scanner.adapter.metadata+json; version=1.1");
    expect(metadata.json).toMatchObject({
      scanner: { name: "Plimsoll", vendor: "Plimsoll" },
      capabilities: [{ type: "vulnerability" }, { type: "sbom" }],
    });

    expect(harborComplaints("metadata", metadata.json)).toEqual([]);

    const request = {
      registry: { url: `http://${registry.host}`, authorization: robot },
      artifact: {
        repository: "library/app",
        digest,
        tag: "1",
        mime_type: "application/vnd.oci.image.manifest.v1+json",
      },
    };
    const type = "application/vnd.scanner.adapter.scan.request+json; version=1.1";
    const accepted = await ask("POST", "/harbor/api/v1/scan", request, { "content-type": type });
    expect([accepted.status, accepted.headers.get("content-type")]).toEqual([
      202,
      "application/vnd.scanner.adapter.scan.response+json; version=1.0",
    ]);
    const { id } = accepted.json;
    expect(harborComplaints("scan", accepted.json)).toEqual([]);
    const report = (accept: string, query = ""): ReturnType<typeof ask> =>
      ask("GET", `/harbor/api/v1/scan/${String(id)}/report${query}`, undefined, { accept });
    const vulnerabilities = "application/vnd.security.vulnerability.report; version=1.1";
    const early = await report(vulnerabilities);
    if (early.status !== 200) expect([early.status, early.headers.get("refresh-after")]).toEqual([302, "5"]);
    await ended(id);

    const found = await report(vulnerabilities);
    expect([found.status, found.headers.get("content-type")]).toEqual([200, vulnerabilities]);
    expect(found.json).toMatchObject({
      artifact: { repository: "library/app", digest, tag: "1" },
      severity: "High",
      vulnerabilities: [
        { id: "CVE-2024-0001", package: "musl", version: "1.2.5-r0", fix_version: "1.2.5-r1", severity: "High" },
      ],
    });
    expect(harborComplaints("vulnerabilities", found.json)).toEqual([]);
    expect(harborComplaints("vulnerabilities", { ...found.json, severity: "HIGH" })).not.toEqual([]);
    expect((await report("application/vnd.scanner.adapter.vuln.report.raw")).json).toMatchObject({ schemaVersion: 2 });
    const sbom = await report(
      "application/vnd.security.sbom.report+json; version=1.0",
      "?sbom_media_type=application%2Fvnd.cyclonedx%2Bjson",
    );
    expect(sbom.json).toMatchObject({ media_type: "application/vnd.cyclonedx+json", sbom: { bomFormat: "CycloneDX" } });
    expect(harborComplaints("sbom", sbom.json)).toEqual([]);
    expect((await report("application/vnd.security.sbom.report+json; version=1.0")).status).toBe(400);
    expect((await report("text/html")).status).toBe(501);
    const other = await ask("GET", "/harbor/api/v1/scan/none/report");
    expect(harborComplaints("error", other.json)).toEqual([]);
    expect([other.status, other.json, other.headers.get("content-type")]).toEqual([
      404,
      { error: { message: "there is no such scan" } },
      "application/vnd.scanner.adapter.error+json; version=1.0",
    ]);
  });

  test("that Harbor asks for and that cannot be done are no clean reports", async () => {
    await start();
    const digest = await registry.push("library/app", "1", alpineLayer({ musl: "1.2.5-r0" }));
    registry.authorization = robot;
    const ofHarbor = (registryPart: object, artifact: object, further: object = {}): ReturnType<typeof ask> =>
      ask("POST", "/harbor/api/v1/scan", { registry: registryPart, artifact, ...further });
    const url = `http://${registry.host}`;
    const wrong = await ofHarbor(
      { url, authorization: "Basic d3Jvbmc6d3Jvbmc=" },
      { repository: "library/app", digest },
    );

    await ended(wrong.json["id"]);

    const report = await ask("GET", `/harbor/api/v1/scan/${String(wrong.json["id"])}/report`);
    expect([report.status, JSON.stringify(report.json).includes("d3Jvbmc")]).toEqual([500, false]);
    expect((await ofHarbor({ url }, { repository: "library/app" })).status).toBe(422);
    expect((await ofHarbor({ url: "ftp://x/" }, { repository: "library/app", digest })).status).toBe(422);
    expect((await ofHarbor({ url, authorization: "Digest x" }, { repository: "library/app", digest })).status).toBe(
      422,
    );
    expect((await ofHarbor({ url }, { repository: "UPPER", digest })).status).toBe(422);
    const license = { enabled_capabilities: [{ type: "license" }] };
    expect((await ofHarbor({ url }, { repository: "library/app", digest }, license)).status).toBe(501);
    expect((await ask("POST", "/harbor/api/v1/scan", "[]")).status).toBe(400);
  });

  test("are what webhooks of registries cause, of those who may write alone", async () => {
    await start({ authentication: { tokens: true }, adminToken: "operators-own-token", hookSecret });
    const digest = await registry.push("team/app", "1", alpineLayer({ musl: "1.2.5-r1" }));
    const target = {
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      repository: "team/app",
      digest,
      tag: "1",
    };
    const event = { events: [{ action: "push", target, request: { host: registry.host } }] };
    const operator = { authorization: "Bearer operators-own-token" };
    const path = "/api/v1/hooks/distribution";

    expect((await ask("POST", path, event)).status).toBe(401);
    const told = await ask("POST", path, event, {
      ...operator,
      "content-type": "application/vnd.docker.distribution.events.v1+json",
    });

    const [id] = told.json["scans"] as readonly string[];
    expect([told.status, told.json["refused"]]).toEqual([202, []]);
    const watched = await ask("GET", `/api/v1/scans/${String(id)}/events`, undefined, operator);
    expect(watched.text).toContain(`"state":"done","digest":"${digest}"`);
    const audit = await ask("GET", "/api/v1/audit", undefined, operator);
    expect(audit.text).toContain('"operation":"hook-distribution"');
    expect((await ask("POST", path, { no: "events" }, operator)).status).toBe(422);

    const body = JSON.stringify({ zen: "Keep it logically awesome." });
    const sign = (key: Uint8Array): Record<string, string> => ({
      "x-hub-signature-256": `sha256=${createHmac("sha256", key).update(body).digest("hex")}`,
    });
    expect((await ask("POST", "/api/v1/hooks/github", body, sign(hookSecret))).status).toBe(202);
    expect(
      (await ask("POST", "/api/v1/hooks/github", body, sign(Buffer.from("another secret of a stranger")))).status,
    ).toBe(401);
  });
});
