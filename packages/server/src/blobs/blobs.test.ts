import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { s3Server } from "../fixtures/s3-server.ts";
import type { S3Server } from "../fixtures/s3-server.ts";
import { layerStoreAt } from "./layer-store.ts";
import { s3Cache } from "./s3-cache.ts";
import type { S3Options } from "./s3-cache.ts";
import { signatureOf, signRequest } from "./sigv4.ts";

describe("Signature Version 4", () => {
  // AWS' own test suite: aws-sig-v4-test-suite, which is signed for a service named "service".
  const suite = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
  const sign = (method: string, target: string, headers: Record<string, string> = {}, body = ""): string =>
    signatureOf(
      {
        method,
        url: `https://example.amazonaws.com${target}`,
        headers: { Host: "example.amazonaws.com", "X-Amz-Date": "20150830T123600Z", ...headers },
      },
      createHash("sha256").update(body).digest("hex"),
      { credentials: suite, region: "us-east-1", service: "service", now: new Date("2015-08-30T12:36:00Z") },
    );

  test.each([
    ["get-vanilla", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    [
      "get-vanilla-query-order-key-case",
      "/?Param2=value2&Param1=value1",
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
    ["get-utf8", "/\u1234", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"],
  ])("signs as the suite's %s", (_, target, signature) => {
    expect(sign("GET", target)).toBe(signature);
  });

  test("signs as the suite's post-vanilla", () => {
    expect(sign("POST", "/")).toBe("5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  });

  // The examples of S3's own documentation: "Signature calculations for the authorization header".
  const documented = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  };
  const scope = { credentials: documented, region: "us-east-1", service: "s3", now: new Date("2013-05-24T00:00:00Z") };
  const host = "https://examplebucket.s3.amazonaws.com";

  test.each([
    [
      "GET",
      "/test.txt",
      { range: "bytes=0-9" },
      "",
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "PUT",
      "/test$file.text",
      { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
      "Welcome to Amazon S3.",
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
    ["GET", "/?lifecycle", {}, "", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"],
    ["GET", "/?max-keys=2&prefix=J", {}, "", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"],
  ])("signs %s %s as S3's documentation does", (method, target, headers, body, signature) => {
    const signed = signRequest(
      { method, url: `${host}${target}`, headers: headers as Record<string, string>, body },
      scope,
    );

    expect(signed["authorization"]).toContain(`Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request`);
    expect(signed["authorization"]).toContain(`Signature=${signature}`);
    expect(signed["x-amz-content-sha256"]).toBe(createHash("sha256").update(body).digest("hex"));
  });
});

describe("results of layers in a bucket", () => {
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "s3cret/key+1", sessionToken: "for an hour==" };
  const value = new Uint8Array([0, 1, 2, 255]);
  let server: S3Server;
  let problems: string[];
  beforeEach(async () => {
    server = await s3Server(credentials, "eu-test-1");
    problems = [];
  });
  afterEach(() => server.close());

  const cacheOf = (change: Partial<S3Options> = {}): ReturnType<typeof s3Cache> =>
    s3Cache({
      bucket: "layers",
      prefix: "/plimsoll/v1/",
      region: "eu-test-1",
      endpoint: server.endpoint,
      credentials: () => credentials,
      onProblem: (reason) => problems.push(reason),
      backoff: 1,
      ...change,
    });

  test("are kept and given back, also to another machine, below the prefix", async () => {
    await cacheOf().set("layer sha256:1", value);

    expect(await cacheOf().get("layer sha256:1")).toEqual(value);
    expect(await cacheOf().get("layer sha256:2")).toBeUndefined();
    expect(await cacheOf({ prefix: "elsewhere" }).get("layer sha256:1")).toBeUndefined();
    expect([...server.objects.keys()]).toEqual([expect.stringMatching(/^\/layers\/plimsoll\/v1\/[a-f0-9]{64}$/)]);
    expect(problems).toEqual([]);
  });

  test("count as absent when they are damaged, or another key's", async () => {
    const cache = cacheOf();
    await cache.set("a", value);
    await cache.set("b", value);
    const [first = "", second = ""] = server.objects.keys();
    const stored = server.objects.get(first) ?? Buffer.alloc(0);

    server.objects.set(second, stored);
    expect(await cache.get("b")).toBeUndefined();
    for (let size = 0; size < stored.length; size += 7) {
      server.objects.set(first, stored.subarray(0, size));
      expect(await cache.get("a")).toBeUndefined();
    }
  });

  test("are asked for again when the store is busy, and not for ever", async () => {
    const cache = cacheOf();
    await cache.set("a", value);
    server.requests.length = 0;

    server.answers.push(503, 429, 500);
    expect(await cache.get("a")).toEqual(value);
    server.answers.push(503, 503, 503, 503);
    expect(await cache.get("a")).toBeUndefined();
    expect(server.requests).toHaveLength(8);
    expect(problems).toEqual([expect.stringContaining("503")]);
  });

  test("are computed anew where the store refuses or is away, which is said once and without secrets", async () => {
    const wrong = cacheOf({ credentials: () => ({ ...credentials, secretAccessKey: "guess" }) });
    await wrong.set("a", value);
    expect(await wrong.get("a")).toBeUndefined();
    expect(await cacheOf({ endpoint: "http://127.0.0.1:1" }).get("a")).toBeUndefined();

    expect(problems).toEqual([expect.stringContaining("403"), expect.any(String)]);
    expect(JSON.stringify(problems)).not.toMatch(/guess|s3cret|for an hour/);
    expect(server.objects.size).toBe(0);
  });

  test("are computed anew where a refusal's words do not come", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const silent = new ReadableStream<Uint8Array>();
      const asking = cacheOf({ fetch: async () => new Response(silent, { status: 403 }) }).get("a");
      await vi.advanceTimersByTimeAsync(60_000);

      expect(problems).toEqual(["it answers 403: "]);
      expect(await asking).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });

  test("are not taken from where the store redirects", async () => {
    const asked: unknown[] = [];
    const cache = cacheOf({
      fetch: async (input) => {
        asked.push(input);
        return new Response(null, { status: 307, headers: { location: `${server.endpoint}/elsewhere` } });
      },
    });

    expect(await cache.get("a")).toBeUndefined();
    expect(asked).toHaveLength(1);
    expect(problems).toEqual([expect.stringContaining("redirected")]);
  });

  test("lie where a location says, with what the environment says of AWS", async () => {
    const env = {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    };
    const location = `s3://layers/plimsoll/v1?region=eu-test-1&endpoint=${encodeURIComponent(server.endpoint)}`;
    await layerStoreAt(location, env).set("a", value);
    expect(await cacheOf().get("a")).toEqual(value);
    const folder = mkdtempSync(join(tmpdir(), "plimsoll-store-"));
    await layerStoreAt(folder, {}).set("a", value);
    expect(await layerStoreAt(folder, {}).get("a")).toEqual(value);
    rmSync(folder, { recursive: true });

    expect(() => layerStoreAt(location, {})).toThrow("AWS_ACCESS_KEY_ID");
    expect(() => layerStoreAt("s3://layers/x", env)).toThrow("AWS_REGION");
    expect(() => layerStoreAt("s3://layers/x?regoin=a", env)).toThrow('"regoin" is none of');
    expect(() => layerStoreAt("s3://l/x?region=a", env)).toThrow("bucket");
    expect(() => layerStoreAt("s3://layers/a%20b?region=a", env)).toThrow("prefix");
    expect(() => cacheOf({ endpoint: "ftp://x" })).toThrow("endpoint");
  });
});
